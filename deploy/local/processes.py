"""Processes of this machine: a pid alone proves nothing, so each is named with the time it started.

Every process of a run inherits a mark in its environment. What a killed run left behind is found by the
pids that it recorded and by that mark, and nothing else is ever signalled. Linux only: it reads /proc.
"""

import json
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

MARK_VARIABLE = "DEPLOY_LOCAL_MARK"
PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Process:
    """`started` is in clock ticks since the machine was booted, as the kernel counts it."""

    pid: int
    started: int

    @classmethod
    def find(cls, pid: int) -> Self | None:
        """The process that has this pid now, unless it has ended.

        A zombie has, when its last thread has: one that waits for the disk keeps the ports until then.
        """
        try:
            fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return None
        ended = fields[0] == "X" or (fields[0] == "Z" and int(fields[17]) <= 1)
        return None if ended else cls(pid, int(fields[19]))

    @property
    def alive(self) -> bool:
        return Process.find(self.pid) == self

    def signal(self, number: signal.Signals) -> None:
        if self.alive:
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return


def marked(mark: str) -> list[Process]:
    """Every living process, but for the caller, whose environment carries the mark."""
    found = []
    for entry in PROC.iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            environment = (entry / "environ").read_bytes()
        except (PermissionError, FileNotFoundError, ProcessLookupError):
            continue
        process = Process.find(int(entry.name)) if mark.encode() in environment else None
        if process is not None:
            found.append(process)
    return found


def end(processes: Iterable[Process], *, patience_seconds: float) -> None:
    """Asks each to end; kills what has not ended within the patience. Returns when all have."""
    waiting = list(processes)
    if patience_seconds > 0:
        for process in waiting:
            process.signal(signal.SIGTERM)
        waiting = _still_alive(waiting, patience_seconds)
    for process in waiting:
        process.signal(signal.SIGKILL)
    if left := _still_alive(waiting, 10):
        raise TimeoutError(f"these processes do not end even when killed: {[each.pid for each in left]}")


def _still_alive(processes: list[Process], seconds: float) -> list[Process]:
    until = time.monotonic() + seconds
    while (left := [process for process in processes if process.alive]) and time.monotonic() < until:
        time.sleep(0.02)
    return left


class Run:
    """One run and what it started, kept in `run.json` of its folder from before the first process starts."""

    def __init__(self, folder: Path, mark: str, owner: Process, started: list[Process]) -> None:
        self.folder, self.mark, self.owner, self.started = folder, mark, owner, started
        self._children: list[subprocess.Popen[bytes]] = []

    @classmethod
    def begin(cls, folder: Path) -> Self:
        """The caller's own run. Ends what a former run in this folder left; refuses while that one lives."""
        folder.mkdir(parents=True, exist_ok=True)
        if former := cls.read(folder):
            if former.owner.alive:
                raise RunAliveError(former.owner.pid)
            former.end()
        owner = Process.find(os.getpid())
        if owner is None:
            raise RuntimeError("this process is not in /proc")
        run = cls(folder, secrets.token_hex(12), owner, [])
        run._write()
        return run

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        try:
            record = json.loads((folder / "run.json").read_text())
        except FileNotFoundError:
            return None
        owner, *started = [Process(pid, ticks) for pid, ticks in record["processes"]]
        return cls(folder, record["mark"], owner, started)

    def environment(self) -> dict[str, str]:
        """What a process must be started with, so that it is found. Marks of outer runs stay."""
        outer = os.environ.get(MARK_VARIABLE, "")
        return {MARK_VARIABLE: f"{outer}:{self.mark}".lstrip(":")}

    def start(
        self, command: Sequence[str], environment: dict[str, str], log: Path
    ) -> subprocess.Popen[bytes]:
        """Starts a process in a session of its own (a Ctrl-C of the terminal does not reach it)."""
        with log.open("ab") as output:
            child = subprocess.Popen(
                command,
                env=environment | self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._children.append(child)
        self.record(child.pid)
        return child

    def record(self, pid: int) -> None:
        process = Process.find(pid)
        if process is not None:
            self.started.append(process)
            self._write()

    def left(self) -> list[Process]:
        """Those of the run, but for its owner, that are alive."""
        recorded = [process for process in self.started if process.alive]
        return recorded + [process for process in marked(self.mark) if process not in recorded]

    def end(self, *, patience_seconds: float = 0) -> None:
        """Ends everything of the run and forgets it."""
        while left := self.left():
            end(left, patience_seconds=patience_seconds)
        for child in self._children:
            child.wait()
        (self.folder / "run.json").unlink(missing_ok=True)

    def _write(self) -> None:
        processes = [(process.pid, process.started) for process in (self.owner, *self.started)]
        draft = self.folder / "run.json.new"
        draft.write_text(json.dumps({"mark": self.mark, "processes": processes}))
        draft.rename(self.folder / "run.json")


class RunAliveError(Exception):
    """The run that owns this folder is alive."""

    def __init__(self, pid: int) -> None:
        super().__init__(f"already running as process {pid}")
        self.pid = pid
