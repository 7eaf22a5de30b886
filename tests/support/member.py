"""One process of a stack: started, killed, frozen, stopped and started again under the same settings.

Every fault proves itself: what is said to be killed is gone, what is said to be frozen stands still.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp

from deploy.local.processes import PROC
from tests.support.waiting import eventually, eventually_blocking
from tests.support.warm import ROOT, WarmProcess, die_with_parent


class Member:
    """`name` is unique in its stack; its log holds every life of it, one after another. `command` is what
    follows the name of the interpreter; a `warm` one, a module and its words, is forked."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        ops_port: int,
        *,
        warm: bool = False,
    ) -> None:
        self.name = name
        self.warm = warm
        self.command = list(command)
        self.environment = dict(environment)
        self.log = log
        self.ops_url = f"http://127.0.0.1:{ops_port}"
        self.lives = 0
        self._process: subprocess.Popen[bytes] | WarmProcess | None = None

    @property
    def pid(self) -> int:
        if self._process is None:
            raise RuntimeError(f"{self.name} was never started")
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def frozen(self) -> bool:
        stat = (PROC / str(self.pid) / "stat").read_text().rpartition(")")[2].split()
        return stat[0] == "T"

    def start(self, **changes: str) -> int:
        """Its pid. `changes`: variables of its environment from now on, in capitals."""
        if self.alive:
            raise RuntimeError(f"{self.name} runs already as {self.pid}")
        self.environment |= changes
        self._process = self._fork() if self.warm else self._run()
        self.lives += 1
        return self._process.pid

    def _fork(self) -> WarmProcess:
        return WarmProcess(self.command[1:], self.environment, self.log)

    def _run(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as output:
            return subprocess.Popen(
                [sys.executable, *self.command],
                env=self.environment,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                preexec_fn=die_with_parent,  # noqa: PLW1509  # one system call, no locks
                start_new_session=True,
            )

    async def ready(self, seconds: float = 30) -> None:
        """Returns when /readyz says so; a process that ended instead is an error with its last words."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=3)) as session:

            async def is_ready() -> bool:
                if not self.alive:
                    raise RuntimeError(f"{self.name} ended by itself:\n{self.tail()}")
                try:
                    async with session.get(f"{self.ops_url}/readyz") as answer:
                        assert answer.status == 200, await answer.text()
                        return True
                except (aiohttp.ClientError, TimeoutError) as error:
                    raise AssertionError(f"{self.name}: {error!r}") from None

            try:
                await eventually(is_ready, seconds=seconds, every_seconds=0.05)
            except AssertionError as error:
                raise AssertionError(f"{self.name} is not ready: {error}\n{self.tail()}") from None

    def kill(self) -> int:
        """SIGKILL; the pid that is gone."""
        process = self._running()
        process.kill()
        code = process.wait(10)
        if code != -signal.SIGKILL:
            raise AssertionError(f"{self.name} ended with {code} before it was killed:\n{self.tail()}")
        return process.pid

    def freeze(self) -> int:
        """SIGSTOP; the pid that stands still."""
        process = self._running()
        process.send_signal(signal.SIGSTOP)
        eventually_blocking(lambda: self.frozen, seconds=5, every_seconds=0.002)
        return process.pid

    def wake(self) -> int:
        """SIGCONT after `freeze`."""
        process = self._running()
        if not self.frozen:
            raise AssertionError(f"{self.name} was not frozen")
        process.send_signal(signal.SIGCONT)
        eventually_blocking(lambda: not self.frozen, seconds=5, every_seconds=0.002)
        return process.pid

    async def stop(self, seconds: float = 25) -> tuple[int, float]:
        """SIGTERM; the exit code and how long it took. TimeoutExpired when it takes longer than allowed."""
        process, started = self._running(), time.monotonic()
        process.terminate()
        code = await asyncio.to_thread(process.wait, seconds)
        return code, time.monotonic() - started

    async def restart(self, **changes: str) -> int:
        """Ends it gracefully if it lives, starts it and waits until it is ready; the new pid."""
        if self.alive:
            await self.stop()
        pid = self.start(**changes)
        await self.ready()
        return pid

    async def ended(self, seconds: float = 30) -> int:
        """Its exit code, when it ends by itself."""
        return await asyncio.to_thread(self._running_or_ended().wait, seconds)

    def end(self) -> None:
        """Whatever state it is in, it is gone afterwards."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(10)

    def lines(self, event: str | None = None) -> list[dict[str, Any]]:
        """What it logged in all its lives, or only lines of one event."""
        found = []
        for raw in self.log.read_bytes().splitlines() if self.log.exists() else ():
            try:
                line = json.loads(raw)
            except ValueError:
                continue
            if isinstance(line, dict) and event in (None, line.get("event")):
                found.append(line)
        return found

    def tail(self, lines: int = 40) -> str:
        if not self.log.exists():
            return "(it wrote nothing)"
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def _running(self) -> subprocess.Popen[bytes] | WarmProcess:
        process = self._running_or_ended()
        if process.poll() is not None:
            raise RuntimeError(
                f"{self.name} does not run (it ended with {process.returncode}):\n{self.tail()}"
            )
        return process

    def _running_or_ended(self) -> subprocess.Popen[bytes] | WarmProcess:
        if self._process is None:
            raise RuntimeError(f"{self.name} was never started")
        return self._process


def inherited() -> dict[str, str]:
    """Our environment without settings of services."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SWITCHBOARD_")}
    return kept | {"PYTHONFAULTHANDLER": "1"}
