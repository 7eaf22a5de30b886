"""The router as people start it: migrated, running, told what to do by command lines, stopped.

Starting Python costs a second, so most command lines are run here without a process of their own.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from router import console
from router.settings import RouterSettings
from tests.integration.router.town import Town

ROOT = Path(__file__).parents[3]
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

Say = Callable[..., Awaitable[tuple[int, list[str]]]]


class Machine:
    """Starts `python -m router …` with the settings of this test."""

    def __init__(self, amqp_url: str, database_url: str) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("SWITCHBOARD_")}
        self.environment = inherited | {
            "SWITCHBOARD_AMQP_URL": amqp_url,
            "SWITCHBOARD_DATABASE_URL": database_url,
            "LANG": "C.UTF-8",
        }

    async def start(self, *words: str) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "router", *words, cwd=ROOT, env=self.environment, stdout=pipe, stderr=pipe
        )

    async def say(self, *words: str) -> tuple[int, str]:
        """Runs a command line to its end: exit code, and everything it said."""
        process = await self.start(*words)
        out, err = await process.communicate()
        assert process.returncode is not None
        return process.returncode, (out + err).decode()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.subprocess.Process]:
        """A router at work; stopped with SIGTERM if it still runs."""
        process = await self.start()
        try:
            yield process
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
                await process.communicate()


@pytest.fixture
def machine(amqp_url: str, database_url: Callable[[str], str]) -> Machine:
    return Machine(amqp_url, database_url("router"))


@pytest.fixture
def say(amqp_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Say:
    """Runs a command line in this process, beside the test's loop."""
    monkeypatch.setenv("LANG", "C.UTF-8")

    async def run(*words: str, broker: str = amqp_url) -> tuple[int, list[str]]:
        capsys.readouterr()
        settings = RouterSettings(amqp_url=SecretStr(broker))
        code = await asyncio.to_thread(console.main, words, settings)
        said = capsys.readouterr()
        lines = (said.out + said.err).splitlines()
        return code, [line for line in lines if not line.startswith('{"ts"')]

    return run


@pytest.mark.feature("BY17")
async def test_processes_of_the_router(machine: Machine, amqp_url: str) -> None:
    """Migrated, running with every decision logged (BY17), asked, stopped."""
    assert await machine.say("migrate") == (0, "the database of router is at this version\n")
    machine.environment["SWITCHBOARD_LOG_LEVEL"] = "debug"
    async with Town.open(amqp_url) as town, machine.running() as process:
        await town.declare_account()
        message = await town.hear("Тайное слово", traceparent=TRACE)
        received = await town.event("message.received.v1")
        assert received.traceparent is not None
        assert received.traceparent.split("-")[1] == TRACE.split("-")[1]
        assert received.traceparent != TRACE
        code, said = await machine.say("operators", "add", "anna", "--name", "Анна Каренина")
        assert (code, said.split("  ")[:3]) == (0, ["anna", "operator", "Анна Каренина"])
        process.send_signal(signal.SIGTERM)
        out, err = await process.communicate()
        assert process.returncode == 0, err.decode()
    lines = [json.loads(line) for line in out.splitlines()]
    assert {"service_started", "lease_acquired", "lease_released", "service_stopped"} <= {
        line["event"] for line in lines
    }
    (decided,) = [line for line in lines if line.get("input") == "inbound.message.v1"]
    assert (decided["event"], decided["trace_id"]) == ("decided", TRACE.split("-")[1])
    assert decided["message_id"] == str(message.data.message_id)
    assert "Тайное".encode() not in out


async def test_an_unmigrated_database_stops_it_with_the_remedy(machine: Machine) -> None:
    code, said = await machine.say()
    assert code == 1
    assert "upgrade router" in said


async def test_without_a_broker_there_is_no_answer(say: Say) -> None:
    said = await say("operators", "list", broker="amqp://guest:guest@127.0.0.1:1/")
    assert said == (3, ["no answer: the broker is away: no queue for the answer"])


@pytest.mark.usefixtures("town")
async def test_operators_by_command_lines(say: Say) -> None:
    assert await say("operators", "list") == (0, ["no operators yet"])
    code, lines = await say("operators", "add", "anna", "--name", "Анна Каренина", "--accounts", "all")
    assert code == 0
    assert lines[0].startswith("anna  operator  Анна Каренина  (available; accounts all)  ")
    assert await say("operators", "add", "anna", "--name", "A") == (1, ["anna already exists."])
    code, lines = await say("operators", "add", "ANNA", "--name", "A")
    assert (code, lines[0].split(":")[0]) == (2, "login")
    code, lines = await say("operators", "change", "anna", "--role", "administrator", "--json")
    assert (code, json.loads(lines[0])["operator"]["role"]) == (0, "administrator")
    last = "This is the last administrator: give the role to somebody else first."
    assert await say("operators", "disable", "anna") == (1, [last])


@pytest.mark.feature("OP1")
@pytest.mark.usefixtures("town")
async def test_the_table_of_statuses_by_command_lines(say: Say) -> None:
    code, lines = await say("statuses", "list")
    assert (code, len(lines)) == (0, 5)
    assert lines[1] == "break  Break · Перерыв  (takes, answers, configures, calls_out, working)"
    code, lines = await say("statuses", "preset", "strict")
    assert (code, lines[1].split()[0]) == (0, "pause")
    code, lines = await say("operators", "add", "anna", "--name", "Анна", "--limit", "7")
    assert "(available; accounts all; at most 7 conversations)" in lines[0]
    code, lines = await say("operators", "change", "anna", "--limit", "none")
    assert (code, "at most" in lines[0]) == (0, False)


async def test_groups_and_routing_by_command_lines(town: Town, say: Say) -> None:
    assert await say("groups", "list") == (0, ["no groups yet"])
    assert await say("groups", "add", "sales", "--name", "Продажи") == (0, ["sales  Продажи"])
    await town.operator("anna", groups=("sales",))
    assert await say("groups", "list") == (0, ["sales  Продажи  (anna)"])
    line = (
        "webchat.site  Site  (well; groups sales; close-untaken no, close-others yes, category-required no, "
        "categories any, close-after-minutes 0, reopens new, distribution free, handover offer, "
        "offer-seconds 60, max-wait-seconds 300, wait-ends answered)"
    )
    changed = await say("routing", "set", "webchat.site", "--groups", "sales", "--close-untaken", "no")
    assert changed == (0, [line])
    assert await say("routing", "list") == (0, [line])
    assert await say("routing", "set", "webchat.site", "--groups", "x") == (1, ["There is no group x."])
    counts = "repeated: 1 operators, 1 groups, 1 accounts, 0 conversations"
    assert await say("resync") == (0, [counts])
