"""The same chat in requests, where no WebSocket gets through."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest

from tests.integration.webchat.conftest import Start
from tests.support.visitor import Visitor
from tests.support.waiting import eventually
from tests.support.webchat import ORIGIN, SITE_KEY, Replica, Router

pytestmark = pytest.mark.feature("CH1")


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def poll(http: aiohttp.ClientSession, replica: Replica, body: Any, origin: str = ORIGIN) -> Any:
    """The frames but those of delivery, which come when they come; or the status and code of a refusal."""
    url = f"http://127.0.0.1:{replica.port}/poll?site={SITE_KEY}"
    sent = {"data": body} if isinstance(body, bytes) else {"json": body}
    async with http.post(url, headers={"Origin": origin}, **sent) as answer:
        said = await answer.json(content_type=None)
        if answer.status != 200:
            return answer.status, said["code"]
        return [frame for frame in said["frames"] if frame["t"] != "got"]


def hello(token: str | None = None) -> dict[str, Any]:
    return {"t": "hello", "site": SITE_KEY, "lang": "en", "token": token}


async def test_a_talk_in_requests_over_two_replicas(
    start: Start, router: Router, http: aiohttp.ClientSession, visitor: Callable[..., Visitor]
) -> None:
    first, second = await start(), await start()
    await eventually(
        lambda: first.logged("account_declared") or second.logged("account_declared"), seconds=15
    )
    said = [{"t": "msg", "cid": letter * 20, "text": letter} for letter in "abc"]
    frames = await poll(http, first, {"hello": hello(), "frames": said})
    assert [one["t"] for one in frames] == ["welcome", "ack", "ack", "ack"]
    token, chat = frames[0]["token"], frames[0]["visitor"]
    again = await poll(http, second, {"hello": hello(token), "frames": said[2:], "after": 3})
    assert [(one["t"], one.get("seq")) for one in again] == [("welcome", 3), ("ack", 3)]
    await eventually(lambda: router.heard(chat) == ["a", "b", "c"])
    async with asyncio.TaskGroup() as group:
        started = time.monotonic()
        waiting = group.create_task(poll(http, second, {"hello": hello(token), "after": 3}))
        await eventually(lambda: second.logged("webchat_listening"))
        await asyncio.sleep(0.5)  # the request hangs: it has nothing to say
        assert not waiting.done()
        await router.send(chat, "here is the answer")
    assert time.monotonic() - started < 10
    assert [one.get("text") for one in waiting.result()] == [None, "here is the answer"]
    late = await poll(http, first, {"hello": hello(token), "after": 3})
    assert [row["text"] for row in late[0]["history"]] == ["here is the answer"]
    await poll(http, first, {"hello": hello(token), "after": 4, "frames": [{"t": "read", "seq": 4}]})
    await eventually(lambda: router.of_type("inbound.receipt.v1"))
    assert router.of_type("inbound.receipt.v1")[0]["data"]["up_to"] == "4"
    beside = visitor(first)
    beside.token = token
    assert len((await beside.connect())["history"]) == 4


async def test_hostile_polls_are_refused_by_name(replica: Replica, http: aiohttp.ClientSession) -> None:
    frame = {"t": "ping"}
    for body, refusal in (
        (b"", (400, "unknown_frame")),
        (b"\xff\xfe", (400, "unknown_frame")),
        (b"[" * 60_000, (400, "unknown_frame")),
        (b"[]", (400, "unknown_frame")),
        ({"frames": [frame]}, (400, "unknown_frame")),
        ({"hello": "hello", "frames": []}, (400, "unknown_frame")),
        ({"hello": hello(), "frames": [frame] * 51}, (400, "unknown_frame")),
        (b"x" * (256 * 1024 + 1), (413, "too_large")),
    ):
        assert await poll(http, replica, body) == refusal
    assert await poll(http, replica, {"hello": hello()}, origin="https://evil.example") == (
        403,
        "foreign_origin",
    )
    [refused] = await poll(http, replica, {"hello": hello() | {"site": "no-such-site"}})
    assert (refused["t"], refused["code"]) == ("err", "unknown_site")
    frames = await poll(
        http, replica, {"hello": hello(), "frames": [17, None, "x", frame, {"t": "hello", "site": "x"}]}
    )
    assert [one.get("code", one["t"]) for one in frames] == [
        "welcome",
        *["unknown_frame"] * 3,
        "pong",
        "unknown_frame",
    ]
    assert (await replica.ready())["status"] == "ready"
