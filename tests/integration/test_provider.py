"""The fake provider does what it is told: each fault is seen from the other side of a real connection."""

import asyncio
import hmac
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.support.provider import Provider, Reply, Request, Route
from tests.support.provider_faults import (
    AcceptThenReset,
    Delay,
    Fail,
    Fine,
    Garbage,
    Hang,
    Reorder,
    Repeat,
    ResetAfter,
    Throttle,
)
from tests.support.provider_webhooks import Webhook
from tests.support.waiting import eventually


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    """Numbers what it takes."""
    taken: list[Request] = []

    def send(request: Request) -> Any:
        taken.append(request)
        return {"id": len(taken), "token": request.names["token"], "items": [1, 2, 3]}

    routes = [
        Route("POST", "/bot{token}/send", send),
        Route("GET", "/file", lambda _request: Reply(b"\x00\x01", headers={"X-Kind": "file"})),
    ]
    async with Provider(routes) as running:
        yield running


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as open_session:
        yield open_session


SEND = "/bot{token}/send"


async def send(session: aiohttp.ClientSession, provider: Provider, text: str = "hi") -> tuple[int, Any]:
    async with session.post(f"{provider.url}/bot7/send?a=1", json={"text": text}) as answer:
        return answer.status, await answer.json()


async def test_answers_by_routes_and_keeps_what_it_saw(
    provider: Provider, session: aiohttp.ClientSession
) -> None:
    before = time.monotonic()
    assert await send(session, provider) == (200, {"id": 1, "token": "7", "items": [1, 2, 3]})
    [seen] = provider.seen(SEND)
    assert before <= seen.at <= time.monotonic()
    assert (seen.method, seen.names, seen.query["a"], seen.json()) == (
        "POST",
        {"token": "7"},
        "1",
        {"text": "hi"},
    )
    assert seen.headers["Content-Type"] == "application/json"
    assert provider.taken(SEND) == [seen]
    async with session.get(f"{provider.url}/file") as answer:
        assert (await answer.read(), answer.headers["X-Kind"]) == (b"\x00\x01", "file")


async def test_an_unknown_address_is_kept_as_lost(provider: Provider, session: aiohttp.ClientSession) -> None:
    async with session.get(f"{provider.url}/nowhere") as answer:
        assert answer.status == 404
    assert [one.path for one in provider.lost] == ["/nowhere"]


def test_a_script_of_no_route_is_refused() -> None:
    with pytest.raises(AssertionError, match="there is no route /send"):
        Provider([]).script("/send", Fine())


async def test_a_script_is_used_up_one_request_each(
    provider: Provider, session: aiohttp.ClientSession
) -> None:
    provider.script(SEND, Fail(500), Fine(), Fail(502))
    assert provider.left(SEND) == 3
    statuses = []
    for _ in range(4):
        async with session.post(f"{provider.url}/bot7/send") as answer:
            statuses.append(answer.status)
    assert statuses == [500, 200, 502, 200]
    assert provider.left(SEND) == 0


async def test_delay(provider: Provider, session: aiohttp.ClientSession) -> None:
    provider.script(SEND, Delay(0.3))
    before = time.monotonic()
    assert (await send(session, provider))[0] == 200
    assert time.monotonic() - before >= 0.3


async def test_hang(provider: Provider, session: aiohttp.ClientSession) -> None:
    provider.script(SEND, Hang())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await send(session, provider)
    assert len(provider.seen(SEND)) == 1
    assert not provider.taken(SEND)
    assert (await send(session, provider))[0] == 200


async def test_a_hanging_request_ends_with_the_provider(session: aiohttp.ClientSession) -> None:
    async with Provider([Route("GET", "/", lambda _request: 1)]) as provider:
        provider.script("/", Hang())
        asking = asyncio.create_task(session.get(provider.url).__aenter__())
        await eventually(lambda: provider.seen("/"))
    with pytest.raises(aiohttp.ClientError):
        await asking


async def test_throttle(provider: Provider, session: aiohttp.ClientSession) -> None:
    provider.script(SEND, Throttle(2.5, {"error": "slowly"}))
    async with session.post(f"{provider.url}/bot7/send") as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "2.5")
        assert await answer.json() == {"error": "slowly"}
    assert not provider.taken(SEND)


async def test_fail(provider: Provider, session: aiohttp.ClientSession) -> None:
    provider.script(SEND, Fail(403, {"error": "blocked"}))
    assert await send(session, provider) == (403, {"error": "blocked"})
    assert not provider.taken(SEND)


@pytest.mark.parametrize("count", [0, 5])
async def test_reset_after_so_many_bytes(
    provider: Provider, session: aiohttp.ClientSession, count: int
) -> None:
    provider.script(SEND, ResetAfter(count))
    answer = await session.post(f"{provider.url}/bot7/send")
    assert answer.status == 200
    assert await answer.content.readexactly(count) == b'{"id"'[:count]
    with pytest.raises(aiohttp.ClientError):
        await answer.read()
    assert len(provider.taken(SEND)) == 1


async def test_accept_then_reset(provider: Provider, session: aiohttp.ClientSession) -> None:
    provider.script(SEND, AcceptThenReset())
    with pytest.raises((aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)):
        await send(session, provider)
    assert len(provider.taken(SEND)) == 1
    assert (await send(session, provider))[1]["id"] == 2


async def test_garbage_with_status_200(provider: Provider, session: aiohttp.ClientSession) -> None:
    provider.script(SEND, Garbage())
    async with session.post(f"{provider.url}/bot7/send") as answer:
        assert answer.status == 200
        with pytest.raises(ValueError, match="codec"):
            await answer.json()
    assert len(provider.taken(SEND)) == 1


async def test_repeat(provider: Provider, session: aiohttp.ClientSession) -> None:
    provider.script(SEND, Repeat(), Repeat())
    assert [(await send(session, provider))[1]["id"] for _ in range(3)] == [1, 1, 2]
    assert len(provider.taken(SEND)) == 2


async def test_reorder(provider: Provider, session: aiohttp.ClientSession) -> None:
    provider.script(SEND, Reorder())
    assert (await send(session, provider))[1]["items"] == [3, 2, 1]


class Ours:
    """A webhook of ours: keeps what came and answers with what stands next in `statuses`."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.proofs: list[str] = []
        self.at_once = self.most_at_once = 0
        self.statuses: list[int] = []

    async def post(self, request: web.Request) -> web.Response:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.bodies.append(await request.read())
        self.proofs.append(request.headers.get("X-Proof", ""))
        await asyncio.sleep(0.02)
        self.at_once -= 1
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200, text="ok")


def proof(body: bytes) -> dict[str, str]:
    return {"X-Proof": hmac.digest(b"secret", body, "sha256").hex()}


@pytest.fixture
async def ours() -> AsyncIterator[tuple[Ours, Webhook]]:
    hook = Ours()
    app = web.Application()
    app.router.add_post("/hook", hook.post)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield hook, Webhook(f"http://127.0.0.1:{runner.addresses[0][1]}/hook", proof)
    await runner.cleanup()


async def test_pushes_in_order_signed(provider: Provider, ours: tuple[Ours, Webhook]) -> None:
    hook, address = ours
    hook.statuses = [200, 503]
    pushed = await provider.push(address, [{"n": 1}, "raw", b"\xff"])
    assert hook.bodies == [b'{"n": 1}', b"raw", b"\xff"]
    assert hook.proofs == [proof(body)["X-Proof"] for body in hook.bodies]
    assert hook.most_at_once == 1
    assert [(one.status, one.ok, one.text) for one in pushed] == [
        (200, True, "ok"),
        (503, False, "ok"),
        (200, True, "ok"),
    ]


async def test_pushes_repeated_reversed_shuffled(provider: Provider, ours: tuple[Ours, Webhook]) -> None:
    hook, address = ours
    await provider.push(address, ["a", "b"], times=2)
    await provider.push(address, ["a", "b"], order="reversed")
    assert b"".join(hook.bodies) == b"ababba"
    del hook.bodies[:]
    letters = list("abcdefgh")
    await provider.push(address, letters, order="shuffled")
    assert sorted(hook.bodies) == [one.encode() for one in letters] != hook.bodies


async def test_pushes_all_at_once(provider: Provider, ours: tuple[Ours, Webhook]) -> None:
    hook, address = ours
    pushed = await provider.push(address, [{"n": n} for n in range(5)], times=2, together=True)
    assert len(pushed) == len(hook.bodies) == 10
    assert hook.most_at_once > 1


async def test_a_push_to_nobody_says_so(provider: Provider) -> None:
    [pushed] = await provider.push(Webhook("http://127.0.0.1:1/hook"), ["x"])
    assert (pushed.status, pushed.ok, pushed.error) == (None, False, "ClientConnectorError")
