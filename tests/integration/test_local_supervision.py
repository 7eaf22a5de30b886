"""The supervisor of `make run`: what dies is started again, a stop ends all, services before broker."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.processes import Process, Run
from deploy.local.supervision import Program, Supervisor
from tests.support.quiet_ports import quiet_ports
from tests.support.session import clear_leftovers
from tests.support.waiting import eventually_blocking

NOTING = """
import os, pathlib, signal, sys, time

def note(word):
    with pathlib.Path(sys.argv[1]).open("a") as notes:
        notes.write(f"{word} {sys.argv[2]} {os.getpid()} {os.environ['PERCENT']}\\n")

def end(*_):
    note("ended")
    sys.exit(0)

signal.signal(signal.SIGTERM, end)
note("started")
while True:
    time.sleep(0.05)
"""
"""A program that notes when it starts and when it is asked to end."""


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    run = Run.begin(tmp_path)
    yield run
    run.end()


class Kept:
    """A supervisor of one broker and two services, all of them only noting."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.notes = folder, folder / "notes"
        program = folder / "noting.py"
        program.write_text(NOTING)
        programs = [
            Program(
                name,
                [sys.executable, str(program), str(self.notes), name],
                {"PERCENT": "100%, or less"},
                folder,
                priority=10 if name == "broker" else 500,
                autostart=name == "broker",
            )
            for name in ("broker", "first", "second")
        ]
        self.supervisor = Supervisor(folder, folder / "logs", quiet_ports(1)[0], programs)

    def noted(self, word: str) -> list[tuple[str, int]]:
        """Name and pid of those that noted the word."""
        lines = self.notes.read_text().splitlines() if self.notes.exists() else []
        assert all(line.endswith(" 100%, or less") for line in lines)
        found = [line.split()[:3] for line in lines]
        return [(name, int(pid)) for noted, name, pid in found if noted == word]

    def start(self, run: Run) -> dict[str, int]:
        self.supervisor.start(run)
        self.supervisor.start_services()
        eventually_blocking(lambda: len(self.noted("started")) == 3)
        return dict(self.noted("started"))


def test_a_killed_service_is_started_again_and_a_stop_ends_services_first(run: Run) -> None:
    kept = Kept(run.folder)
    pids = kept.start(run)
    os.kill(pids["first"], signal.SIGKILL)
    eventually_blocking(lambda: len(kept.noted("started")) == 4)
    assert kept.noted("started")[-1][0] == "first"

    kept.supervisor.stop(seconds=20)

    assert [name for name, _ in kept.noted("ended")][-1] == "broker"
    assert len(kept.noted("ended")) == 3
    assert not run.left()


def test_what_a_killed_supervisor_left_is_ended(run: Run) -> None:
    kept = Kept(run.folder)
    pids = kept.start(run)
    supervisor = next(process for process in run.started if process.alive)
    supervisor.signal(signal.SIGKILL)
    eventually_blocking(lambda: not kept.supervisor.alive)
    assert all(Process.find(pid) for pid in pids.values())

    run.end()

    assert not any(Process.find(pid) for pid in pids.values())


def test_a_killed_pytest_is_cleared_up_after(tmp_path: Path, run: Run) -> None:
    folder = tmp_path / "test-1"
    folder.mkdir()
    left = run.start(["sleep", "60"], dict(os.environ), tmp_path / "log")
    dead = Process(run.owner.pid, run.owner.started - 1)
    record = Run(folder, "no-such-mark", dead, [])
    record.record(left.pid)
    living = tmp_path / "test-2"
    Run.begin(living)

    clear_leftovers(tmp_path)

    assert left.wait(5) == -signal.SIGKILL
    assert not folder.exists()
    assert living.exists()
