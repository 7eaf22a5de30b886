"""The process: slow readers are let go, a stop says goodbye, the command line sets passwords."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from gateways.desk import command_line
from gateways.desk.process import PACKAGE
from gateways.desk.settings import DeskSettings
from shared.contract.commands import Answer, ListOperators
from shared.contract.envelope import Data, Envelope
from shared.db.migrate import current, downgrade, upgrade
from shared.db.schema import newest
from shared.metrics import REGISTRY
from tests.integration.desk.browser import PASSWORD, Workplace
from tests.integration.desk.person import Person
from tests.integration.desk.scripted_router import ScriptedRouter
from tests.integration.desk.scripted_store import TOKEN, ScriptedStore
from tests.support.waiting import eventually

Start = Callable[..., Awaitable[Workplace]]


@pytest.mark.feature("BY9")
async def test_who_does_not_read_is_let_go_and_holds_up_nobody(desk: Workplace, store: ScriptedStore) -> None:
    def let_go() -> float:
        return REGISTRY.get_sample_value("switchboard_ws_slow_closed_total", {"kind": "desk"}) or 0

    before = let_go()
    async with await desk.signed_in(store.add(Person("anna"))) as browser:
        deaf, reading = await browser.connect(), await browser.connect()
        await deaf.next("hello")
        await reading.next("hello")
        large = {"text": "x" * 60_000}
        async with asyncio.TaskGroup() as group:
            told = group.create_task(reading.deltas(600))
            for _ in range(600):
                store.say("operator", "someone", state=large)
            await eventually(lambda: let_go() == before + 1, seconds=30)
            assert [one["seq"] for one in await told] == list(range(1, 601))
        assert await deaf.until_closed(30) in (1013, 1006)


async def test_a_stop_says_when_to_come_back(desk: Workplace, store: ScriptedStore) -> None:
    async with await desk.signed_in(store.add(Person("anna"))) as browser:
        sockets = [await browser.connect() for _ in range(3)]
        for socket in sockets:
            await socket.next("hello")
        started = time.monotonic()
        stopping = asyncio.ensure_future(desk.service.leave())
        for socket in sockets:
            assert await socket.until_closed() == 1012
            assert socket.others[-1]["reason"] == "stopping"
            assert 0 < socket.others[-1]["retry_after"] <= 3
        await stopping
        assert time.monotonic() - started < 5


def settings_of(amqp_url: str, database: str) -> DeskSettings:
    return DeskSettings(
        amqp_url=SecretStr(amqp_url), database_url=SecretStr(database), service_token=SecretStr(TOKEN)
    )


@pytest.mark.feature("AD1")
async def test_the_command_line_sets_a_password_and_ends_sessions(
    desk: Workplace,
    store: ScriptedStore,
    router: ScriptedRouter,
    amqp_url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    anna = store.add(Person("anna"))

    def decide(command: Envelope[Data]) -> Answer:
        assert isinstance(command.data, ListOperators)
        assert command.data.actor.kind == "console"
        operators = [{"operator_id": str(anna.operator_id), "login": "anna"}]
        return Answer(command_id=command.id, ok=True, result={"operators": operators})

    settings = settings_of(amqp_url, desk.database)

    async def say(*words: str) -> int:
        return await asyncio.to_thread(command_line.main, words, settings)

    async with await desk.signed_in(anna) as browser:
        router.decide = decide
        capsys.readouterr()
        assert await say("credentials", "set", "Anna") == 0
        password = capsys.readouterr().out.splitlines()[-1]
        assert (await browser.get("/api/me")).status == 401
        assert (await browser.sign_in("anna", PASSWORD)).status == 401
        assert (await browser.sign_in("anna", password)).status == 200
        file = tmp_path / "password"
        file.write_text("from a file, at last\n")
        assert await say("credentials", "set", "anna", "--password-file", str(file)) == 0
        assert "from a file" not in capsys.readouterr().out
        assert (await browser.sign_in("anna", "from a file, at last")).status == 200
        file.write_text("short\n")
        assert await say("credentials", "set", "anna", "--password-file", str(file)) == 1
        assert await say("credentials", "set", "nobody") == 1
        assert "no operator nobody" in capsys.readouterr().err


async def test_the_command_line_forgets_failed_sign_ins(
    desk: Workplace, store: ScriptedStore, amqp_url: str
) -> None:
    await desk.give_password(store.add(Person("anna")))
    async with desk.browser() as stranger:
        refused = [(await stranger.sign_in("anna", "wrong")).status for _ in range(6)]
        assert refused[-1] == 429
        settings = settings_of(amqp_url, desk.database)
        words = ("credentials", "unlock", "anna")
        assert await asyncio.to_thread(command_line.main, words, settings) == 0
        assert (await stranger.sign_in("anna")).status == 200


def test_migrations_go_up_and_down(database_url: Callable[[str], str]) -> None:
    url = database_url("desk")
    upgrade(url, PACKAGE)
    assert current(url) == newest(PACKAGE)
    downgrade(url, PACKAGE, "base")
    assert current(url) is None
    upgrade(url, PACKAGE)
    assert current(url) == newest(PACKAGE)
