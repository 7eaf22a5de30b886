"""One run of pytest and the servers it starts, all in `.local/test-<pid>`, which goes with it.

What a killed run of pytest left behind is found by the next one and ended.
"""

import os
import shutil
import time
from pathlib import Path

from deploy.local.processes import MARK_VARIABLE, PROC, Process, Run, end
from deploy.local.rabbitmq import RabbitNode
from tests.support.broker import Broker
from tests.support.postgres import Postgres

LOCAL = Path(__file__).parents[2] / ".local"
FORK_SERVER = "-c from multiprocessing."
"""tests/support/warm.py; it is of the whole run, whoever used it first."""


class Session:
    """Begun by the first test that asks for a server."""

    def __init__(self) -> None:
        clear_leftovers(LOCAL)
        self.folder = LOCAL / f"test-{os.getpid()}"
        self.folders = [self.folder]
        self.run = Run.begin(self.folder)
        self._outer = os.environ.get(MARK_VARIABLE)
        os.environ.update(self.run.environment())  # so that whatever a test starts is known as ours

    def broker(self, name: str) -> Broker:
        """A node, not started yet."""
        return Broker(self.run, RabbitNode.at(self.folder / name))

    def shared_broker(self) -> Broker:
        """A started node: the one that TEST_BROKER_FOLDER names, or our own.

        TEST_BROKER_ROOT names a folder with another Debian, to run its RabbitMQ (`make test-rabbitmq4`).
        """
        if folder := os.environ.get("TEST_BROKER_FOLDER"):
            return Broker(self.run, RabbitNode.running_at(Path(folder).absolute()))
        if root := os.environ.get("TEST_BROKER_ROOT"):
            inside = Path(root).absolute()
            self.folders.append(inside / "var" / "tmp" / self.folder.name)
            broker = Broker(self.run, RabbitNode.at(self.folders[-1], root=inside))
        else:
            broker = self.broker("broker")
        broker.start()
        return broker

    def postgres(self, name: str) -> Postgres:
        """A server, started."""
        server = Postgres(self.run, self.folder / name)
        server.create()
        if server.folder.parent != self.folder:
            self.folders.append(server.folder)
        server.start()
        return server

    def close(self) -> list[str]:
        """Ends everything. Returns the command lines of what tests started and did not end."""
        if self._outer is None:
            del os.environ[MARK_VARIABLE]
        else:
            os.environ[MARK_VARIABLE] = self._outer
        end(self.run.started, patience_seconds=0)
        until = time.monotonic() + 3  # workers of a server see its end and follow
        while (leaked := self._leaked()) and time.monotonic() < until:
            time.sleep(0.02)
        self.run.end()
        for folder in self.folders:
            shutil.rmtree(folder)
        return leaked

    def _leaked(self) -> list[str]:
        lines = (command_line(process) for process in self.run.left())
        return [line for line in lines if FORK_SERVER not in line]


def command_line(process: Process) -> str:
    try:
        words = (PROC / str(process.pid) / "cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return f"process {process.pid}, gone since"
    return f"process {process.pid}: {words.replace(bytes(1), b' ').decode(errors='replace').strip()}"


def clear_leftovers(local: Path) -> None:
    """Ends and removes what ended runs of pytest left; one may be beginning just now."""
    for folder in local.glob("test-*"):
        former = Run.read(folder)
        beginning = former is None and (PROC / folder.name.removeprefix("test-")).exists()
        if not beginning and (former is None or not former.owner.alive):
            if former is not None:
                former.end()
            shutil.rmtree(folder, ignore_errors=True)
