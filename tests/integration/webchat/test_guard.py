"""Who is let in, and what is told to who is not: identity, origins, limits, abuse of the socket."""

import asyncio
import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.webchat.conftest import Start
from tests.support.visitor import Visitor
from tests.support.waiting import eventually
from tests.support.webchat import ORIGIN, SITE_KEY, Replica, Router, write_accounts
from tests.support.websocket import BINARY, TEXT, Closed, Refused, WebSocket, connect

pytestmark = pytest.mark.feature("CH1")


@pytest.fixture(scope="module")
def house_accounts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_accounts(tmp_path_factory.mktemp("house"), ("main", "other"))


async def greeted(replica: Replica, **hello: object) -> tuple[WebSocket, dict[str, object]]:
    wire = await connect(f"{replica.url}?site={SITE_KEY}", origin=ORIGIN)
    wire.send(json.dumps({"t": "hello", "site": SITE_KEY, "lang": "en"} | hello))
    return wire, json.loads(await wire.receive())


async def closing(wire: WebSocket) -> int:
    try:
        while True:
            await wire.receive()
    except Closed as closed:
        return closed.code


async def test_a_token_proves_one_visitor_of_one_site(
    replica: Replica, router: Router, visitor: Callable[..., Visitor]
) -> None:
    anna = visitor(replica)
    await anna.connect()
    anna.post("mine alone")
    await eventually(lambda: router.heard(anna) == ["mine alone"])
    assert anna.token is not None
    wire, again = await greeted(replica, token=anna.token)
    wire.cut()
    assert again["visitor"] == anna.visitor
    assert len(again["history"]) == 1  # type: ignore[arg-type]
    for forged in (
        anna.token[:-3] + "AAA",
        anna.token.replace("v1.", "v2."),
        "v1." + anna.visitor + ".1." + "A" * 43,
        anna.visitor,
        "",
    ):
        wire, stranger = await greeted(replica, token=forged, visitor=anna.visitor)
        assert stranger["visitor"] != anna.visitor
        assert stranger["history"] == []
        wire.cut()
    elsewhere = visitor(replica, site="other-site-key", origin="http://other.example")
    elsewhere.token = anna.token
    await elsewhere.connect()
    assert elsewhere.visitor != anna.visitor
    assert elsewhere.received == []


async def test_foreign_pages_are_turned_away_in_words(replica: Replica) -> None:
    for origin in ("https://evil.example", "null", None, ORIGIN + ".evil.example", "http://other.example"):
        with pytest.raises(Refused) as refused:
            await connect(f"{replica.url}?site={SITE_KEY}", origin=origin, language="ru")
        assert refused.value.status == 403
        assert "другому сайту" in refused.value.text
    with pytest.raises(Refused) as refused:
        await connect(f"{replica.url}?site=no-such-site", origin=ORIGIN)
    assert (refused.value.status, "not connected" in refused.value.text) == (404, True)
    # the handshake names one site, hello another
    wire = await connect(f"{replica.url}?site={SITE_KEY}", origin=ORIGIN)
    wire.send(json.dumps({"t": "hello", "site": "other-site-key"}))
    assert json.loads(await wire.receive())["code"] == "foreign_origin"
    assert await closing(wire) == 1008


async def test_too_fast_is_told_and_nothing_overtakes(
    start: Start, router: Router, visitor: Callable[..., Visitor]
) -> None:
    replica = await start(RATE_MESSAGES="5", RATE_SECONDS="2")
    anna = visitor(replica)
    anna.language = "ru"
    await anna.connect()
    said = [f"word {number}" for number in range(12)]
    for text in said:
        anna.post(text)

    async def listened() -> bool:
        anna._take(await anna.hear())
        return not anna.unsent

    await eventually(listened, seconds=20)
    await eventually(lambda: router.heard(anna) == said)
    assert {error["code"] for error in anna.errors} == {"rate"}
    assert "Слишком много" in anna.errors[0]["words"]
    assert 0 < anna.errors[0]["retry_after"] <= 2


async def test_what_another_tab_delivered_is_owed_no_more(
    start: Start, router: Router, visitor: Callable[..., Visitor]
) -> None:
    replica = await start(RATE_MESSAGES="1", RATE_SECONDS="1")
    one = visitor(replica)
    await one.connect()
    two = visitor(replica)
    two.token = one.token
    await two.connect()
    first, second, third = ({"t": "msg", "cid": cid * 20, "text": cid} for cid in "abc")

    async def answered(tab: Visitor, frame: dict[str, str]) -> str:
        tab.send_raw(json.dumps(frame))
        while True:
            answer = await tab.hear()
            if answer.get("cid") == frame["cid"] and answer["t"] in ("ack", "err"):
                return str(answer["t"])

    async def accepted(tab: Visitor, frame: dict[str, str]) -> bool:
        return await answered(tab, frame) == "ack"

    assert await answered(one, first) == "ack"
    assert await answered(two, second) == "err"
    assert await answered(two, third) == "err"
    await eventually(lambda: accepted(one, second), every_seconds=0.3)
    await eventually(lambda: accepted(two, third), every_seconds=0.3)
    await eventually(lambda: router.heard(one) == ["a", "b", "c"])


async def test_what_is_too_long_or_unknown_is_told_and_the_chat_goes_on(
    replica: Replica, router: Router, visitor: Callable[..., Visitor]
) -> None:
    anna = visitor(replica)
    await anna.connect()
    for frame, code in (
        ({"t": "msg", "cid": "c" * 20, "text": "ё" * 4001}, "too_long"),
        ({"t": "msg", "cid": "c" * 20, "text": "  "}, "empty"),
        ({"t": "dance"}, "unknown_frame"),
        ({"t": "hello", "site": SITE_KEY}, "unknown_frame"),
        (17, "unknown_frame"),
    ):
        anna.send_raw(json.dumps(frame))
        answer = await anna.hear()
        assert (answer["t"], answer["code"]) == ("err", code)
        assert answer["words"]
    anna.socket.write(BINARY, b"\x00\x01")
    assert (await anna.hear())["code"] == "unknown_frame"
    anna.send_raw('{"t":"ping"}')
    assert await anna.hear() == {"t": "pong"}
    anna.post("a\x00b")
    await eventually(lambda: router.heard(anna) == ["a\ufffdb"])


async def test_abuse_of_the_socket_ends_it(start: Start) -> None:
    replica = await start(RATE_MESSAGES="10")
    wire, _ = await greeted(replica)
    wire.write(TEXT, b"x" * (64 * 1024 + 1))
    assert await closing(wire) == 1009
    wire, _ = await greeted(replica)
    wire.write(TEXT, b"\xff\xfe")
    assert await closing(wire) == 1007
    wire, _ = await greeted(replica)
    for _ in range(1000):
        wire.send('{"t":"ping"}')
    assert await closing(wire) == 1008
    wire = await connect(f"{replica.url}?site={SITE_KEY}", origin=ORIGIN)
    wire.send('{"t":"msg"}')
    assert json.loads(await wire.receive())["code"] == "unknown_frame"
    assert await closing(wire) == 1008
    assert (await replica.ready())["status"] == "ready"


async def test_who_does_not_read_is_cut_off(start: Start, visitor: Callable[..., Visitor]) -> None:
    replica = await start(RATE_MESSAGES="5000")
    anna, deaf = visitor(replica), visitor(replica)
    await anna.connect()
    deaf.token = anna.token
    await deaf.connect()
    assert deaf.socket.transport is not None
    deaf.socket.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.socket.transport.pause_reading()
    for _ in range(500):
        anna.post("🦔" * 4000)
    async with asyncio.timeout(50):
        while anna.unsent:
            anna._take(await anna.hear())
    deaf.socket.transport.resume_reading()
    assert await closing(deaf.socket) == 1006
    assert len(anna.received) == 500
    assert (await replica.ready())["status"] == "ready"
