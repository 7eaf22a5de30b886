"""The chat in requests, for networks that let no WebSocket through: POST /poll, answered within 25 seconds.

    {"hello": {…}, "frames": [{"t": "msg", …}], "after": 41}  ──▶  {"frames": [{"t": "welcome", …}, …]}

Each request is a whole session of its own, by the same code as a socket's: hello, the frames in order, then
what there is to say. With `after` and nothing to say it waits; without `after` it is answered at once.
Nothing is kept between requests, so any replica takes any of them.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from gateways.webchat.door import Door
from gateways.webchat.parse import FRAME_BYTES
from gateways.webchat.session import Session
from gateways.webchat.sockets import Socket
from gateways.webchat.words import language_of

WAIT_SECONDS: Final = 25.0
LINGER_SECONDS: Final = 0.05
"""What is said together comes in one answer."""
LOOK_SECONDS: Final = 1.0
"""Whoever went away is noticed within this time."""
FRAMES: Final = 50
BODY_BYTES: Final = 4 * FRAME_BYTES


class BadPoll(ValueError):
    """No body of a poll."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says: hello and frames, as they would come over a socket; whether it may wait."""

    frames: tuple[str, ...]
    waits: bool


class Poll:
    """One request as a connection."""

    def __init__(self, frames: Sequence[str]) -> None:
        self._frames = deque(frames)
        self.written: list[str] = []
        self.unread = 0
        self.closing = False
        self.idle = asyncio.Event()
        """Every frame of the request has been handled, or the session is over."""
        self.news = asyncio.Event()
        self._over = asyncio.Event()

    async def read(self) -> str | None:
        if self._frames:
            return self._frames.popleft()
        self.idle.set()
        await self._over.wait()
        return None

    async def write(self, frame: str) -> None:
        self.written.append(frame)
        self.unread += len(frame)
        self.news.set()

    async def close(self, _code: int, _reason: bytes) -> None:
        self.cut()

    def cut(self) -> None:
        self.closing = True
        self.idle.set()
        self.news.set()
        self._over.set()


class Polls(Door):
    """Answers POST /poll."""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        site = self.site(request)
        if isinstance(site, web.Response):
            return site
        try:
            raw = await self.body(request, BODY_BYTES)
            if raw is None:
                return self.refusal(request, "too_large", 413)
            asked = read_poll(raw)
        except TimeoutError:
            return self.refusal(request, "unavailable", 408)
        except (BadPoll, ConnectionError, web.RequestPayloadError):
            return self.refusal(request, "unknown_frame", 400)
        poll = Poll(asked.frames)
        language = language_of(request.headers.get("Accept-Language"), site.language)
        socket = Socket(poll, site, language)
        session = Session(self.chat, socket, self.caller(request))
        async with asyncio.TaskGroup() as group:
            running = group.create_task(session.run())
            await self._listen(poll, request, wait=asked.waits)
            poll.cut()
            await running
        return web.Response(
            body=f'{{"frames":[{",".join(poll.written)}]}}'.encode(),
            content_type="application/json",
            headers=self.cors(request) | {"Cache-Control": "no-store"},
        )

    async def _listen(self, poll: Poll, request: web.Request, *, wait: bool) -> None:
        """Until the frames are handled, and there is something to say or it has waited long enough."""
        await poll.idle.wait()
        if not wait or poll.closing or not _is_quiet(poll.written):
            return
        poll.news.clear()
        until = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < until and not _is_gone(request):
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await poll.news.wait()
            except TimeoutError:
                continue
            await asyncio.sleep(LINGER_SECONDS)
            return


def read_poll(raw: bytes) -> Asked:
    """The frames in a body; raises `BadPoll`."""
    try:
        body = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        raise BadPoll from None
    hello = body.get("hello") if isinstance(body, dict) else None
    frames = body.get("frames", []) if isinstance(body, dict) else None
    if not isinstance(hello, dict) or not isinstance(frames, list) or len(frames) > FRAMES:
        raise BadPoll
    after = body.get("after")
    waits = isinstance(after, int) and not isinstance(after, bool)
    first: dict[str, Any] = hello | {"t": "hello"} | ({"last_seq": after} if waits else {})
    said = tuple(json.dumps(frame) for frame in (first, *frames))
    if max(map(len, said)) > 2 * FRAME_BYTES:
        raise BadPoll
    return Asked(said, waits and not frames)


def _is_gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


def _is_quiet(written: Sequence[str]) -> bool:
    """Whether there was nothing but a welcome without news."""
    if len(written) != 1:
        return not written
    frame = json.loads(written[0])
    return frame["t"] == "welcome" and not frame["history"]
