"""Requests that another site causes change nothing, and tickets open one connection, once, soon."""

from __future__ import annotations

from datetime import timedelta

import aiohttp
import pytest
from sqlalchemy import update

from gateways.desk.tables import tickets
from shared.clock import SystemClock
from shared.db.engine import open_engine, writing
from tests.integration.desk.browser import Browser, Workplace
from tests.integration.desk.person import Person
from tests.integration.desk.scripted_store import ScriptedStore

FOREIGN: list[tuple[tuple[str, ...], dict[str, str]]] = [
    (("X-Switchboard-Request",), {}),
    (("Origin",), {}),
    ((), {"Origin": "https://evil.example"}),
    ((), {"Origin": "null"}),
    ((), {"X-Switchboard-Request": "0"}),
]


async def test_a_write_of_another_site_is_refused(desk: Workplace, store: ScriptedStore) -> None:
    async with await desk.signed_in(store.add(Person("anna"))) as browser:
        for without, changed in FOREIGN:
            answered = await browser.call("POST", "/api/ticket", without=without, headers=changed)
            assert (answered.status, answered.code) == (403, "foreign_request")
            signed_out = await browser.call("DELETE", "/api/session", without=without, headers=changed)
            assert signed_out.status == 403
            assert (await browser.get("/api/me")).status == 200


async def test_a_form_is_no_request(desk: Workplace, store: ScriptedStore) -> None:
    await desk.give_password(store.add(Person("anna")))
    async with desk.browser() as browser:
        headers = browser.headers | {"Content-Type": "text/plain"}
        body = '{"login": "anna", "password": "x"}'
        async with browser.session.post(f"{desk.url}/api/session", data=body, headers=headers) as response:
            assert response.status == 415


async def refused(browser: Browser, ticket: str, origin: str | None) -> int:
    """The status with which a live connection is refused."""
    headers = {} if origin is None else {"Origin": origin}
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await browser.session.ws_connect(f"{browser.url}/api/live?ticket={ticket}", headers=headers)
    return caught.value.status


async def test_a_ticket_opens_one_connection_once(desk: Workplace, store: ScriptedStore) -> None:
    async with await desk.signed_in(store.add(Person("anna"))) as browser:
        ticket = (await browser.call("POST", "/api/ticket")).body["ticket"]
        assert await refused(browser, ticket, "https://evil.example") == 403
        assert await refused(browser, ticket, None) == 403
        await (await browser.connect(ticket=ticket)).next("hello")
        assert await refused(browser, ticket, desk.url) == 401, "it is used"
        assert await refused(browser, "", desk.url) == 401, "the cookie alone opens nothing"
        assert await refused(browser, "x" * 43, desk.url) == 401


async def test_a_ticket_is_worth_nothing_after_half_a_minute(desk: Workplace, store: ScriptedStore) -> None:
    async with await desk.signed_in(store.add(Person("anna"))) as browser:
        given = (await browser.call("POST", "/api/ticket")).body
        assert given["expires_in"] == 30
        engine = open_engine(desk.database)
        async with writing(engine) as conn:
            past = SystemClock().now() - timedelta(seconds=1)
            await conn.execute(update(tickets).values(expires_at=past))
        await engine.dispose()
        assert await refused(browser, given["ticket"], desk.url) == 401


async def test_a_ticket_ends_with_its_session(desk: Workplace, store: ScriptedStore) -> None:
    async with await desk.signed_in(store.add(Person("anna"))) as browser:
        ticket = (await browser.call("POST", "/api/ticket")).body["ticket"]
        await browser.call("DELETE", "/api/session")
        assert await refused(browser, ticket, desk.url) == 401


async def test_what_is_no_frame_ends_the_connection(desk: Workplace, store: ScriptedStore) -> None:
    async with await desk.signed_in(store.add(Person("anna"))) as browser:
        for bad in ("nonsense", '{"t":"resume","seq":-1}', '{"t":"unknown"}', "[]", "x" * 3000):
            socket = await browser.connect()
            await socket.socket.send_str(bad)
            assert await socket.until_closed() == 1008
        big = await browser.connect()
        await big.socket.send_str('{"t":"ping","pad":"' + "x" * 5000 + '"}')
        assert await big.until_closed() == 1009
        binary = await browser.connect()
        await binary.socket.send_bytes(b"\x00")
        assert await binary.until_closed() == 1008
        flood = await browser.connect()
        for _ in range(60):
            await flood.socket.send_str('{"t":"ping"}')
        assert await flood.until_closed() == 1008
