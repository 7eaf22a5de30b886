"""A service's life as a real process: it stops in order, in time, and says what was stuck."""

import asyncio
import json
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.support.waiting import eventually

ROOT = Path(__file__).parents[3]
PROGRAM = "tests.integration.platform.service_program"
Line = dict[str, Any]


class Running:
    """The process and what it has logged."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[Line] = []
        self.errors = ""

    async def read(self) -> None:
        assert self.process.stdout
        async for raw in self.process.stdout:
            self.lines.append(json.loads(raw))

    def find(self, event: str) -> list[Line]:
        return [line for line in self.lines if line["event"] == event]

    def order(self) -> list[str]:
        told = ("left", "cancelled", "batch_finished", "main_said_goodbye", "service_stopped")
        return [str(line.get("what", line["event"])) for line in self.lines if line["event"] in told]

    async def ended(self, seconds: float = 10) -> int:
        async with asyncio.timeout(seconds):
            return await self.process.wait()


@asynccontextmanager
async def program(mode: str, *, until: str = "service_started", **settings: str) -> AsyncIterator[Running]:
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "SWITCHBOARD_INSTANCE": "one"}
    environ |= {f"SWITCHBOARD_{name.upper()}": value for name, value in settings.items()}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", PROGRAM, mode, cwd=ROOT, env=environ,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    running = Running(process)
    async with asyncio.TaskGroup() as group:
        reading = group.create_task(running.read())
        try:
            if until:
                await eventually(lambda: running.find(until), seconds=15)
            yield running
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
            await reading
            assert process.stderr
            running.errors = (await process.stderr.read()).decode()
    assert running.errors == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_first_signal_stops_in_reverse_order(number: signal.Signals) -> None:
    async with program("ordinary") as running:
        running.process.send_signal(number)
        assert await running.ended() == 0
    assert running.order() == ["batch_finished", "ticker", "broker", "database", "service_stopped"]


async def test_ready_until_told_to_stop() -> None:
    async with program("slow_to_leave", drain_seconds="1") as running, aiohttp.ClientSession() as session:
        port = running.find("service_started")[0]["ops_port"]

        async def ready() -> tuple[int, str]:
            async with session.get(f"http://127.0.0.1:{port}/readyz") as answer:
                return answer.status, (await answer.json())["status"]

        assert await ready() == (200, "ready")
        running.process.terminate()
        await eventually(lambda: running.find("batch_finished"))
        assert await ready() == (503, "draining")


async def test_a_signal_while_starting_stops_too() -> None:
    async with program("main_never_returns", until="up") as running:
        running.process.terminate()
        assert await running.ended() == 0
    assert running.order()[-1] == "service_stopped"


async def test_main_may_act_before_anything_is_closed() -> None:
    async with program("main_waits", until="up") as running:
        running.process.terminate()
        assert await running.ended() == 0
    assert running.order()[0] == "main_said_goodbye"


async def test_a_second_signal_ends_at_once() -> None:
    async with program("slow_to_leave") as running:
        running.process.terminate()
        await eventually(lambda: running.find("batch_finished"))
        started = time.monotonic()
        running.process.terminate()
        assert await running.ended() == 128 + signal.SIGTERM
        assert time.monotonic() - started < 2
    assert not running.find("service_stopped")


async def test_one_ctrl_c_told_twice_is_one_wish() -> None:
    async with program("ordinary") as running:
        running.process.send_signal(signal.SIGINT)
        running.process.send_signal(signal.SIGTERM)
        assert await running.ended() == 0


async def test_a_step_that_overruns_is_named_and_cancelled_and_the_rest_is_left() -> None:
    async with program("slow_to_leave", drain_seconds="1") as running:
        started = time.monotonic()
        running.process.terminate()
        assert await running.ended() == 1
        assert time.monotonic() - started < 4
    assert running.find("stop_overran")[0]["step"] == "stopping broker connection"
    assert running.order()[-2:] == ["database", "service_stopped"]


async def test_the_watchdog_ends_a_process_whose_task_does_not_hear() -> None:
    async with program("deaf_task", drain_seconds="1") as running:
        started = time.monotonic()
        running.process.terminate()
        assert await running.ended() == 1
        assert 5 < time.monotonic() - started < 7
    (stuck,) = running.find("stop_stuck")
    assert any(
        task.startswith("deaf one: ") and "deaf (service_program.py:" in task for task in stuck["tasks"]
    )
    assert "database" in running.order()


async def test_the_watchdog_ends_a_process_whose_loop_is_blocked() -> None:
    async with program("blocked_loop", drain_seconds="1") as running:
        await eventually(lambda: running.find("blocking"))
        running.process.terminate()
        assert await running.ended() == 1
    (stuck,) = running.find("stop_stuck")
    assert "in block" in stuck["main_thread"]


@pytest.mark.parametrize(
    ("mode", "task", "words"),
    [
        ("task_fails", "consumer", "and the reason"),
        ("two_fail", "consumer", "and the reason"),
        ("task_ends", "consumer", "ended though nobody stopped it"),
        ("cancelled_within", "consumer", "cancelled from within"),
        ("fails_at_start", "main", "cannot start"),
    ],
)
async def test_a_failure_is_logged_once_and_stops_in_order_with_1(mode: str, task: str, words: str) -> None:
    url = "amqp://u:planted-secret-of-the-broker@h/"
    async with program(mode, until="", amqp_url=url) as running:
        assert await running.ended() == 1
    (failed,) = running.find("service_failed")
    assert failed["task"] == task
    assert words in failed["exception"]
    assert "planted-secret" not in json.dumps(running.lines)
    assert running.order()[-2:] == ["database", "service_stopped"]


async def test_a_task_that_may_end_ends_nothing() -> None:
    async with program("task_may_end") as running:
        await eventually(lambda: running.find("ending"))
        running.process.terminate()
        assert await running.ended() == 0


async def test_a_taken_port_is_one_failure_with_its_reason() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        async with program("ordinary", until="", ops_port=str(holder.getsockname()[1])) as running:
            assert await running.ended() == 1
    (failed,) = running.find("service_failed")
    assert "address already in use" in failed["exception"]


async def test_a_step_that_fails_at_the_stop_leaves_the_rest_and_exits_with_1() -> None:
    async with program("fails_to_leave") as running:
        running.process.terminate()
        assert await running.ended() == 1
    (failed,) = running.find("service_failed")
    assert (failed["task"], "cannot leave" in failed["exception"]) == ("stop", True)
    assert running.order()[-2:] == ["database", "service_stopped"]


async def test_wrong_settings_end_with_2_before_anything_starts() -> None:
    environ = {"PATH": os.environ["PATH"], "SWITCHBOARD_OPS_PROT": "1"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", PROGRAM, cwd=ROOT, env=environ,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    assert (process.returncode, out) == (2, b"")
    assert err.decode().count("\n") == 1
    assert b"did you mean SWITCHBOARD_OPS_PORT?" in err
