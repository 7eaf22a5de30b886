"""Start, accounts that come and go, and the stop."""

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.integration.webchat.conftest import Start
from tests.support.visitor import Visitor
from tests.support.waiting import eventually
from tests.support.webchat import Router, write_accounts
from tests.support.websocket import Closed, Refused

pytestmark = pytest.mark.feature("CH1")


async def rest(person: Visitor) -> tuple[int, list[dict[str, Any]]]:
    """With which code the socket is closed, and the frames before."""
    frames: list[dict[str, Any]] = []
    try:
        while True:
            frames.append(await person.hear())
    except Closed as closed:
        return closed.code, frames


def declared(router: Router) -> list[tuple[str, bool]]:
    return [
        (fact["data"]["account"], fact["data"]["connected"]) for fact in router.of_type("inbound.account.v1")
    ]


@pytest.mark.feature("CH15", "CH16")
async def test_accounts_come_and_go_with_the_file(
    start: Start, router: Router, accounts: Path, visitor: Callable[..., Visitor]
) -> None:
    replica = await start()
    await eventually(lambda: declared(router) == [("main", True)])
    fact = router.of_type("inbound.account.v1")[0]
    assert fact["data"]["capabilities"]["text_length"] == 4000
    assert fact["subject"] == "account:webchat.main"
    await eventually(
        lambda: [one["data"]["state"] for one in router.of_type("inbound.health.v1")] == ["well"]
    )
    write_accounts(accounts.parent, ("main", "second"))
    replica.signal(signal.SIGHUP)
    await eventually(lambda: ("second", True) in declared(router))
    anna = visitor(replica)
    await anna.connect()
    write_accounts(accounts.parent, ("second",))
    replica.signal(signal.SIGHUP)
    await eventually(lambda: ("main", False) in declared(router))
    assert (await rest(anna))[0] == 1006
    with pytest.raises(Refused, match="not connected"):
        await anna.connect()
    write_accounts(accounts.parent, ("Wrong slug",))
    replica.signal(signal.SIGHUP)
    await eventually(lambda: replica.logged("accounts_file_wrong"))
    assert ("second", False) not in declared(router)


async def test_an_account_that_went_while_we_were_down(start: Start, router: Router, accounts: Path) -> None:
    write_accounts(accounts.parent, ("main", "second"))
    first = await start()
    await eventually(lambda: len(declared(router)) == 2)
    await first.kill()
    write_accounts(accounts.parent, ("main",))
    await start()
    await eventually(lambda: ("second", False) in declared(router))


@pytest.mark.feature("BY16")
async def test_the_stop_says_goodbye_and_loses_nothing(
    start: Start, router: Router, visitor: Callable[..., Visitor]
) -> None:
    replica = await start()
    people = [visitor(replica) for _ in range(5)]
    for person in people:
        await person.connect()
        person.post("last words")
    await eventually(lambda: len(router.of_type("inbound.message.v1")) == 5)
    replica.signal(signal.SIGTERM)
    codes, pauses = [], []
    for person in people:
        code, frames = await rest(person)
        codes.append(code)
        pauses += [frame["retry_after"] for frame in frames if frame["t"] == "bye"]
    assert codes == [1012] * 5
    assert len(set(pauses)) > 1
    async with asyncio.timeout(25):
        assert await replica.ended() == 0
    assert replica.logged("lease_released", lease="webchat.main")


async def test_the_widget_is_served_and_cached(start: Start) -> None:
    replica = await start()
    address = f"http://127.0.0.1:{replica.port}/widget.js"
    async with aiohttp.ClientSession() as session:
        async with session.get(address) as answer:
            assert answer.status == 200
            assert answer.content_type == "text/javascript"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "max-age" in answer.headers["Cache-Control"]
            tag = answer.headers["ETag"]
        async with session.get(address, headers={"If-None-Match": tag}) as answer:
            assert answer.status == 304
