"""`make run` from an empty folder: up, killed, up again with its data, interrupted; nothing of it is left."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from deploy.local.ports import is_free
from deploy.local.processes import Process, Run
from deploy.local.services import PORTS
from tests.support.session import command_line

ROOT = Path(__file__).parents[2]
LAST_LINE = "Ctrl-C stops everything"
SERVICES = {"router", "store-write", "store-serve", "gateway-webchat", "gateway-desk", "demo-website"}


class Local:
    """One `python -m deploy.local run` on a folder; what it printed until it was up."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        environment = os.environ | {"LOCAL_FOLDER": str(folder)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "deploy.local", "run"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.words = ""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.words += line
            if LAST_LINE in line:
                return
        self.process.stdout.close()
        self.process.wait(60)
        raise AssertionError(f"not started:\n{self.words}")

    def found(self, pattern: str) -> str:
        match = re.search(pattern, self.words)
        assert match is not None, self.words
        return match[1]

    def processes(self) -> list[Process]:
        run = Run.read(self.folder)
        assert run is not None
        return run.left()

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        assert self.process.stdout is not None
        if number != signal.SIGKILL:
            self.words += self.process.stdout.read()
        self.process.stdout.close()
        return self.process.wait(60)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """With ports that no other test takes between two runs: outside the range of which the system gives."""
    ports = iter(port for port in random.sample(range(20_000, 30_000), 200) if is_free(port))
    (tmp_path / "ports.json").write_text(json.dumps({name: next(ports) for name in PORTS}))
    yield tmp_path
    if run := Run.read(tmp_path):
        run.end()


async def signs_in(workplace: str, login: str, password: str) -> int:
    headers = {"Origin": workplace.rstrip("/"), "X-Switchboard-Request": "1"}
    body = {"login": login, "password": password}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{workplace}api/session", json=body, headers=headers) as answer,
    ):
        return answer.status


@pytest.mark.timeout(240)
async def test_run_kill_run_again_interrupt(folder: Path) -> None:
    first = Local(folder)
    workplace, website = first.found(r"Workplace +(\S+)"), first.found(r"Website +(\S+)")
    login, password = first.found(r"login (\w+)"), first.found(r"password (\S+)")
    assert set(re.findall(r"^  (\S+) is ready$", first.words, re.MULTILINE)) == SERVICES
    assert await signs_in(workplace, login, password) == 200
    async with aiohttp.ClientSession() as session:
        for page in (workplace, website):
            async with session.get(page) as answer:
                assert answer.status == 200
                assert "<script" in await answer.text()
    left = first.processes()
    first.end(signal.SIGKILL)
    assert len([process for process in left if process.alive]) > len(SERVICES), "nothing was left to find"

    started = time.monotonic()
    second = Local(folder)

    print(f"a second run was up after {time.monotonic() - started:.1f} s")
    assert not [command_line(process) for process in left if process.alive]
    assert second.found(r"Workplace +(\S+)") == workplace
    assert password not in second.words
    assert await signs_in(workplace, login, password) == 200
    running = second.processes()
    assert second.end(signal.SIGINT) == 0
    assert not [command_line(process) for process in running if process.alive]


@pytest.mark.timeout(120)
def test_a_second_start_beside_a_living_one_is_refused_in_words(folder: Path) -> None:
    owner = Process.find(os.getpid())
    assert owner is not None
    living = Run.begin(folder)
    with pytest.raises(AssertionError, match=f"already runs here, as process {owner.pid}"):
        Local(folder)
    living.end()
