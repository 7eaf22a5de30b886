"""Services as processes that need not import anything: forked from one that has.

`python -m router` spends a second of a processor importing, and a test run starts it and its like hundreds
of times. Here a process of the standard library's fork server imports them once, and forks; what the child
runs is the same `__main__` under the same arguments, environment and folder. Measurements and faults start
their services as everybody does, and so do the tests of `make run` and of the command lines.

A copy of the project that differs in its channels alone (`make new-channel`) is run from here too: what was
imported is the same there; the package `gateways` and what knows its channels are taken from the copy.
"""

from __future__ import annotations

import asyncio
import ctypes
import faulthandler
import importlib
import multiprocessing
import multiprocessing.connection
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import gateways
from shared import faultpoint

ROOT: Final = Path(__file__).parents[2]
_DIE_WITH_PARENT: Final = 1
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.support.preloaded"])
_lock = threading.Lock()
_libc = ctypes.CDLL(None)


class WarmProcess:
    """What `subprocess.Popen` is, as far as tests use it. It dies with whoever started it."""

    def __init__(
        self, words: Sequence[str], environment: Mapping[str, str], log: Path, root: Path = ROOT
    ) -> None:
        """`words`: module and arguments, as after `python -m`; `log` takes what it writes, at its end; `root`
        is a copy of the project with channels of its own."""
        self._process = _context.Process(
            target=_live, args=(tuple(words), dict(environment), str(log), str(root))
        )
        with _lock:
            self._process.start()
        self.pid = int(self._process.pid or 0)

    @property
    def returncode(self) -> int | None:
        return self.poll()

    def poll(self) -> int | None:
        """Its exit code, negative for a signal; None while it lives."""
        with _lock:  # two threads that read the end of one process would take it from each other
            return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        multiprocessing.connection.wait([self._process.sentinel], timeout)
        if (code := self.poll()) is None:
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0.0)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


async def run_warm(
    words: Sequence[str], environment: Mapping[str, str], root: Path = ROOT
) -> tuple[int, str]:
    """Runs a command line to its end: exit code, and all that it wrote."""
    with tempfile.NamedTemporaryFile("r") as log:
        process = WarmProcess(words, environment, Path(log.name), root)
        try:
            return await asyncio.to_thread(process.wait, 60), log.read()
        finally:
            process.kill()


def die_with_parent() -> None:
    """In a child, before it runs: a killed pytest leaves nothing behind."""
    _libc.prctl(_DIE_WITH_PARENT, signal.SIGKILL)


def _live(words: tuple[str, ...], environment: dict[str, str], log: str, root: str) -> None:
    die_with_parent()
    os.setsid()
    os.chdir(root)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    os.environ.clear()
    os.environ.update(environment)
    faulthandler.enable()
    importlib.reload(faultpoint)  # it reads the environment when it is imported
    if root != str(ROOT):
        gateways.__path__ = [f"{root}/gateways"]
        for knowing in ("registry", "command_line"):  # the channels: both are imported anew, from the copy
            del sys.modules[f"gateways.{knowing}"]
            delattr(gateways, knowing)
    sys.argv = [words[0], *words[1:]]
    runpy.run_module(words[0], run_name="__main__", alter_sys=True)
