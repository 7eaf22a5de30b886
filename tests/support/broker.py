"""A private RabbitMQ node of the tests: real, thrown away afterwards, killed and started again at will.

`python -m tests.support.broker FOLDER` keeps one running until Ctrl-C, for quick repeats of single tests:
TEST_BROKER_FOLDER=FOLDER then makes pytest use it instead of starting its own (5 s).
"""

import itertools
import re
import signal
import subprocess
import sys
from pathlib import Path

from deploy.local.processes import PROC, Run
from deploy.local.rabbitmq import NodeRefusedError, RabbitNode
from tests.support.waiting import eventually_blocking


class Broker:
    """A node and its processes. Virtual hosts are numbered, so each test has an empty broker of its own."""

    def __init__(self, run: Run, node: RabbitNode) -> None:
        self.run, self.node = run, node
        self._server: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)

    @property
    def pid(self) -> int:
        if self._server is None:
            raise RuntimeError("the node has not been started by this process")
        return self._server.pid

    def start(self) -> None:
        """Returns when clients can connect (about 5 s). After kill() it is the same node with its data."""
        log = self.node.folder / "output.log"
        environment = self.node.environment()
        if not _epmd_runs(self.node):
            self.run.start(self.node.epmd_command(), environment, log)
            eventually_blocking(lambda: _epmd_runs(self.node))
        self._server = self.run.start(self.node.command(), environment, log)
        eventually_blocking(self._accepts, seconds=50, every_seconds=0.1)

    def _accepts(self) -> bool:
        if self._server is not None and self._server.poll() is not None:
            raise RuntimeError(
                f"RabbitMQ ended at its start: {(self.node.folder / 'output.log').read_text()}"
            )
        if not self.node.listening():
            return False
        try:
            return self.node.evaluate("rabbit:is_running()") == "true"
        except NodeRefusedError:
            return False

    def version(self) -> str:
        return self.node.evaluate("rabbit_misc:version()").strip('"')

    def kill(self) -> None:
        """SIGKILL, as a power cut of the process; returns when it is gone."""
        self.signal(signal.SIGKILL)
        if self._server is not None:
            self._server.wait(10)

    def stop(self) -> None:
        """The graceful end."""
        self.signal(signal.SIGTERM)
        if self._server is not None:
            self._server.wait(30)

    def freeze(self) -> None:
        """SIGSTOP; returns when no thread of it runs any more. SIGCONT wakes it."""
        self.signal(signal.SIGSTOP)
        eventually_blocking(lambda: set(states_of_threads(self.pid)) == {"T"}, every_seconds=0.002)

    def signal(self, number: signal.Signals) -> None:
        """Any signal to the server."""
        if self._server is None:
            raise RuntimeError("the node has not been started by this process")
        self._server.send_signal(number)

    def virtual_host(self, name: str) -> str:
        """The name of a fresh virtual host; its address is node.url(name)."""
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60]
        fresh = f"{self.run.owner.pid}-{next(self._numbers)}-{slug}"
        self.node.add_virtual_host(fresh)
        return fresh


def states_of_threads(pid: int) -> list[str]:
    """A letter each, as /proc says: R runs, S sleeps, T stands still."""
    files = (PROC / str(pid) / "task").glob("*/stat")
    return [file.read_text().rpartition(")")[2].split()[0] for file in files]


def _epmd_runs(node: RabbitNode) -> bool:
    names = subprocess.run(["epmd", "-port", str(node.epmd_port), "-names"], capture_output=True, check=False)
    return names.returncode == 0


def main() -> None:
    folder = Path(sys.argv[1]).absolute()
    run = Run.begin(folder)
    try:
        broker = Broker(run, RabbitNode.at(folder))
        broker.start()
        ends = {signal.SIGINT, signal.SIGTERM}
        signal.pthread_sigmask(
            signal.SIG_BLOCK, ends
        )  # from here on they are waited for; the node has its own
        print(f"RabbitMQ is up; TEST_BROKER_FOLDER={folder}; Ctrl-C ends it", flush=True)
        signal.sigwait(ends)
    finally:
        run.end()


if __name__ == "__main__":
    main()
