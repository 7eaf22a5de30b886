"""Bodies that are slow, endless or too many, over real connections: bounded before anything is proven."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from gateways.http import interface
from gateways.http.accounts import HttpAccount
from gateways.http.body import FORM_BYTES, FORMS_AT_ONCE, JSON_BYTES
from gateways.http.callers import BODY, RIGHT, Callers
from gateways.http.protocol.facts import Taken
from gateways.http.requests import AccountParams
from gateways.http.signature import signed
from gateways.kit.bodies import HELD_BYTES
from shared.clock import FixedClock
from shared.http.route import Call, Content, Route
from shared.http.server import HttpServer

NOW = datetime(2026, 1, 31, 10, tzinfo=UTC)
SECRET = SecretStr("a secret of the test's own")
FORM = "multipart/form-data; boundary=b"
ACCOUNT = HttpAccount(slug="main", name="Old CRM", secret_file="main.secret").model_copy(
    update={"secret": SECRET}
)


@asynccontextmanager
async def serving(taken: list[bytes], *, body_seconds: float = 0.4) -> AsyncIterator[aiohttp.ClientSession]:
    async def take(call: Call[AccountParams, None]) -> Taken:
        taken.append(bytes(call.request[BODY].data))
        return Taken(ids=[])

    row = Route(
        "POST", "/{account}/facts", "tell_facts", RIGHT, params=AccountParams, returns=Taken, status=202,
        takes=Content("application/json"), body_limit=FORM_BYTES, handler=take, summary="Say what happened",
    )  # fmt: skip
    callers = Callers({"main": ACCOUNT}, FixedClock(NOW), body_seconds=body_seconds)
    app = interface.application(callers, [row])
    async with HttpServer(app, "127.0.0.1", 0) as server, aiohttp.ClientSession(server.url) as session:
        yield session


async def post(
    session: aiohttp.ClientSession,
    data: Any,
    signs: bytes = b"",
    kind: str = "application/json",
    **headers: str,
) -> tuple[int, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    given = {"Content-Type": kind, **signed((SECRET,), signs, NOW), **named}
    async with session.post("/main/facts", data=data, headers=given) as answer:
        return answer.status, (await answer.json(content_type=None)).get("code")


async def slowly(chunk: bytes, seconds: float) -> AsyncIterator[bytes]:
    yield chunk
    await asyncio.sleep(seconds)
    yield chunk


def endless(size: int) -> Iterator[bytes]:
    for _ in range(size // 65536 + 2):
        yield b"[" * 65536


@pytest.mark.feature("CH14")
async def test_slow_endless_and_foreign_bodies_are_refused() -> None:
    taken: list[bytes] = []
    async with serving(taken) as session:
        assert await post(session, slowly(b"{}", 0.1), b"{}{}") == (202, None)
        assert await post(session, slowly(b"{}", 2)) == (408, "body_too_slow")
        assert await post(session, slowly(b"--b", 2), kind=FORM) == (408, "body_too_slow")
        assert await post(session, _async(endless(JSON_BYTES))) == (413, "too_large")
        assert await post(session, b"{}", b"{}", Content_Encoding="gzip") == (415, "compressed")
        assert await post(session, b"--b--", b"--b--", kind=FORM) == (202, None)
        assert await post(session, b"--b--", b"--b-", kind=FORM) == (401, "not_proven")
    assert taken == [b"{}{}", b"--b--"]


@pytest.mark.feature("CH14")
async def test_forms_that_are_in_hand_are_few_and_each_makes_room() -> None:
    taken: list[bytes] = []
    async with serving(taken) as session, asyncio.TaskGroup() as group:
        slow = [group.create_task(post(session, slowly(b"--b", 2), kind=FORM)) for _ in range(FORMS_AT_ONCE)]
        await asyncio.sleep(0.2)  # they have begun, and none is over
        assert await post(session, b"--b--", b"--b--", kind=FORM) == (503, "busy")
        assert await post(session, b"{}", b"{}") == (202, None), "forms are in nobody's way but forms'"
        assert {(await one)[0] for one in slow} == {408}
        assert await post(session, b"--b--", b"--b--", kind=FORM) == (202, None)


@pytest.mark.feature("CH14")
async def test_all_json_in_hand_takes_its_share_of_memory_and_no_more() -> None:
    """Nobody has to prove anything to send a body."""
    taken: list[bytes] = []
    each = b" " * (JSON_BYTES // 2 - 8)
    async with serving(taken, body_seconds=20) as session, asyncio.TaskGroup() as group:
        most = HELD_BYTES // (2 * len(each))
        over = asyncio.Event()
        slow = [group.create_task(post(session, _held(each, over))) for _ in range(most + 5)]
        answers = await asyncio.wait_for(_first(slow), 20)
        assert answers == {(503, "busy")}
        over.set()
        assert {(await one)[0] for one in slow} == {401, 503}
        assert await post(session, b"{}", b"{}") == (202, None)


async def _held(chunk: bytes, over: asyncio.Event) -> AsyncIterator[bytes]:
    yield chunk
    yield chunk
    await over.wait()


async def _first(tasks: list[asyncio.Task[Any]]) -> set[Any]:
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    return {one.result() for one in done}


async def _async(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
