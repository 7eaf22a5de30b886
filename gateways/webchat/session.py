"""One visitor's socket from hello to its end: frames are handled one after another, in order.

A message that is refused for now (too fast, database away) is owed: until the widget repeats it, later ones
of the socket are refused too, so that none overtakes it.
"""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass
from typing import Final

from aiohttp import WSCloseCode, WSMsgType

from gateways.webchat import mailbox, parse, render, visitor_token
from gateways.webchat.mailbox import Append
from gateways.webchat.parse import BadFrame, Hello, Ping, Said, Visitor
from gateways.webchat.rate import Rate
from gateways.webchat.reception import Heard, Reception
from gateways.webchat.resumption import Resumption
from gateways.webchat.site import Sites
from gateways.webchat.sockets import BEAT_SECONDS, Socket, Sockets
from gateways.webchat.words import Code, language_of
from shared.clock import Clock
from shared.contract.ids import dialog_id
from shared.contract.people import Visit
from shared.failure import Unavailable
from shared.faultpoint import reach
from shared.log import get_logger
from shared.metrics import INBOUND_ACCEPTED, INBOUND_REFUSED
from shared.trace import child, trace_id

log = get_logger()

HELLO_SECONDS: Final = 10.0
ANSWER_SECONDS: Final = 12.0
FLOOD: Final = 400
"""More frames between two beats of the heartbeat, beside four for each message allowed, are a flood."""


@dataclass(frozen=True, slots=True)
class Chat:
    """What all sessions of the process share."""

    sites: Sites
    sockets: Sockets
    reception: Reception
    resumption: Resumption
    rate: Rate
    clock: Clock

    @property
    def flood(self) -> int:
        return FLOOD + int(4 * self.rate.messages * BEAT_SECONDS / self.rate.seconds)


class Session:
    """`run` returns when the socket is closed."""

    __slots__ = ("_chat", "_origin", "_socket", "_visit", "_visitor")

    def __init__(self, chat: Chat, socket: Socket, origin: str) -> None:
        self._chat = chat
        self._socket = socket
        self._origin = origin
        self._visitor: Visitor | None = None
        self._visit: Visit | None = None

    async def run(self) -> None:
        try:
            if not await self._greet():
                return
            while (raw := await self._next()) is not None:
                await self._handle(raw)
        finally:
            self._chat.sockets.remove(self._socket)

    async def _next(self) -> str | None:
        """The next frame, or none when the socket ends."""
        socket = self._socket
        received = await socket.ws.receive()
        socket.heard_at = time.monotonic()
        socket.frames += 1
        if socket.frames > self._chat.flood:
            await self._close("flood", WSCloseCode.POLICY_VIOLATION)
            return None
        if received.type is WSMsgType.TEXT:
            return str(received.data)
        if received.type is WSMsgType.BINARY:
            return ""
        return None

    async def _greet(self) -> bool:
        """Hello and welcome; says whether there is a visitor now."""
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                raw = await self._next()
        except TimeoutError:
            await self._close("unknown_frame", WSCloseCode.POLICY_VIOLATION)
            return False
        if raw is None:
            return False
        try:
            hello = parse.parse(raw)
            if not isinstance(hello, Hello):
                raise BadFrame("unknown_frame")
            return await self._welcome(hello)
        except BadFrame as refused:
            await self._close(refused.code, WSCloseCode.POLICY_VIOLATION)
            return False
        except (Unavailable, TimeoutError):
            await self._close("unavailable", WSCloseCode.TRY_AGAIN_LATER, _pause())
            return False

    async def _welcome(self, hello: Hello) -> bool:
        chat, socket = self._chat, self._socket
        site = chat.sites.find(hello.site)
        if site is None:
            raise BadFrame("unknown_site")
        if self._origin not in site.origins:
            raise BadFrame("foreign_origin")
        socket.site = site
        socket.language = language_of(hello.language, site.language)
        now, secret = chat.clock.now(), site.secret.get_secret_value()
        proven = visitor_token.visitor_of(hello.token, site.slug, secret, now) if hello.token else None
        visitor = proven or visitor_token.new_visitor()
        dialog = dialog_id(mailbox.CHANNEL, site.slug, visitor)
        self._visitor = parse.visitor_at(site.slug, visitor, dialog, hello.language)
        self._visit = hello.visit
        socket.visitor = visitor
        chat.sockets.add(socket, dialog)
        async with asyncio.timeout(ANSWER_SECONDS):
            missed = await chat.resumption.missed(dialog, hello.last_seq if proven else None)
        token = visitor_token.issue(visitor, site.slug, secret, now)
        rate = (chat.rate.messages, chat.rate.seconds)
        if not await socket.send(render.welcome(visitor, token, missed.head, missed.entries, rate)):
            return False
        chat.sockets.resumed(socket, missed.last_seq, missed.head)
        return True

    async def _handle(self, raw: str) -> None:
        socket = self._socket
        try:
            frame = parse.parse(raw)
        except BadFrame as refused:
            if socket.owed is not None and socket.owed[0] == refused.cid:
                socket.owed = None
            INBOUND_REFUSED.labels(mailbox.CHANNEL, socket.site.slug, refused.code).inc()
            await socket.send(
                render.error(refused.code, socket.language, cid=refused.cid, limit=parse.TEXT_LENGTH)
            )
            return
        match frame:
            case Said():
                await self._said(frame)
            case Ping():
                await socket.send(render.PONG)
            case _:
                await socket.send(render.error("unknown_frame", socket.language))

    async def _said(self, said: Said) -> None:
        chat, socket = self._chat, self._socket
        if socket.owed is not None and socket.owed[0] != said.cid and not await self._came_elsewhere():
            await socket.send(
                render.error(socket.owed[1], socket.language, cid=said.cid, retry_after=_pause())
            )
            return
        if seconds := chat.rate.take(socket.visitor, time.monotonic()):
            socket.owed = (said.cid, "rate")
            INBOUND_REFUSED.labels(mailbox.CHANNEL, socket.site.slug, "rate").inc()
            await socket.send(render.error("rate", socket.language, cid=said.cid, retry_after=seconds))
            return
        await self._accept(said)

    async def _came_elsewhere(self) -> bool:
        """Whether what this socket owes was accepted through another tab, which will repeat it no more."""
        socket, visitor = self._socket, self._visitor
        if socket.owed is None or visitor is None:
            return False
        try:
            if await self._chat.resumption.holds(visitor.dialog_id, socket.owed[0]):
                socket.owed = None
        except Unavailable:
            return False
        return socket.owed is None

    async def _accept(self, said: Said) -> None:
        chat, socket, visitor = self._chat, self._socket, self._visitor
        if visitor is None:
            raise RuntimeError("a session handles messages after its welcome")
        traceparent = child(said.traceparent)
        append = Append(
            visitor.dialog_id, socket.site.slug, socket.visitor, "client", said.text, cid=said.cid
        )
        heard = Heard(visitor, traceparent, self._visit, chat.clock.now())
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                entry = await chat.reception.receive(append, heard, socket)
        except (Unavailable, TimeoutError):
            socket.owed = (said.cid, "unavailable")
            INBOUND_REFUSED.labels(mailbox.CHANNEL, socket.site.slug, "unavailable").inc()
            await socket.send(
                render.error("unavailable", socket.language, cid=said.cid, retry_after=_pause())
            )
            return
        socket.owed = None
        self._visit = None  # it goes with the first message of each connection
        INBOUND_ACCEPTED.labels(mailbox.CHANNEL, socket.site.slug).inc()
        log.info(
            "visitor_frame_accepted",
            account=socket.site.slug,
            message_id=entry.message_id,
            dialog_id=entry.dialog_id,
            trace_id=trace_id(traceparent),
        )
        reach("before_visitor_ack")
        await socket.send(render.ack(entry))

    async def _close(self, code: Code, close_code: int, retry_after: float | None = None) -> None:
        """Tells why in words, then closes."""
        socket = self._socket
        INBOUND_REFUSED.labels(mailbox.CHANNEL, socket.site.slug, code).inc()
        await socket.send(render.error(code, socket.language, retry_after=retry_after))
        await socket.ws.close(code=close_code, message=code.encode())


def _pause() -> float:
    """Seconds until it makes sense to try again; spread, so that not everybody comes at once."""
    return random.uniform(1.0, 3.0)  # noqa: S311  # spreads visitors, no secret
