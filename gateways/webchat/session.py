"""One visitor's connection from hello to its end: frames are handled one after another, in order."""

from __future__ import annotations

import asyncio
import time
from hashlib import blake2b
from typing import Final

from aiohttp import WSCloseCode

from gateways.webchat import identity, parse, posting, remarks, render, visitor_token
from gateways.webchat.facts import Visitor, visited, visitor_at
from gateways.webchat.frames import (
    BadFrame,
    Closing,
    Contact,
    Fields,
    Frame,
    Hello,
    Page,
    Ping,
    Receipt,
    Said,
    Writes,
)
from gateways.webchat.guest import ANSWER_SECONDS, Caller, Chat, Guest, pause
from gateways.webchat.limits import LIMITS
from gateways.webchat.mailbox import CHANNEL
from gateways.webchat.site import Site
from gateways.webchat.sockets import Socket
from gateways.webchat.transport import CONTROL
from gateways.webchat.words import Code, language_of
from shared.contract.ids import dialog_id
from shared.contract.people import Visit
from shared.failure import Unavailable
from shared.log import get_logger
from shared.metrics import INBOUND_REFUSED
from shared.trace import new_trace

log = get_logger()

HELLO_SECONDS: Final = 10.0


class Session:
    """`run` returns when the connection is closed."""

    __slots__ = ("_caller", "_chat", "_socket")

    def __init__(self, chat: Chat, socket: Socket, caller: Caller) -> None:
        self._chat = chat
        self._socket = socket
        self._caller = caller

    async def run(self) -> None:
        try:
            guest = await self._greet()
            if guest is None:
                return
            while (raw := await self._next()) is not None:
                await self._handle(guest, raw)
        finally:
            self._chat.sockets.remove(self._socket)

    async def _next(self) -> str | None:
        """The next frame, or none when the connection ends."""
        socket = self._socket
        while True:
            raw = await socket.transport.read()
            socket.heard_at = time.monotonic()
            socket.frames += 1
            if socket.frames > self._chat.flood:
                await self._close("flood", WSCloseCode.POLICY_VIOLATION)
                return None
            if raw != CONTROL:
                return raw

    async def _greet(self) -> Guest | None:
        """Hello and welcome; none when nobody was let in."""
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                raw = await self._next()
        except TimeoutError:
            await self._close("unknown_frame", WSCloseCode.POLICY_VIOLATION)
            return None
        if raw is None:
            return None
        try:
            hello = parse.parse(raw)
            if not isinstance(hello, Hello):
                raise BadFrame("unknown_frame")
            return await self._welcome(hello)
        except BadFrame as refused:
            await self._close(refused.code, WSCloseCode.POLICY_VIOLATION)
        except (Unavailable, TimeoutError):
            await self._close("unavailable", WSCloseCode.TRY_AGAIN_LATER, pause())
        return None

    async def _welcome(self, hello: Hello) -> Guest | None:
        chat, socket = self._chat, self._socket
        site = chat.sites.find(hello.site)
        if site is None:
            raise BadFrame("unknown_site")
        if self._caller.origin not in site.origins:
            raise BadFrame("foreign_origin")
        socket.site = site
        socket.language = language_of(hello.language, site.language)
        now, secret = chat.clock.now(), site.secret.get_secret_value()
        proven = visitor_token.visitor_of(hello.token, site.slug, secret, now) if hello.token else None
        socket.visitor = proven or visitor_token.new_visitor()
        dialog = dialog_id(CHANNEL, site.slug, socket.visitor)
        chat.sockets.add(socket, dialog)
        async with asyncio.timeout(ANSWER_SECONDS):
            missed = await chat.resumption.missed(dialog, hello.last_seq if proven else None)
        token = visitor_token.issue(socket.visitor, site.slug, secret, now)
        limits = LIMITS | {"messages": chat.rate.messages, "seconds": chat.rate.seconds}
        socket.has(missed.entries)
        welcome = render.welcome(
            socket.visitor, token, missed.standing, missed.entries, limits, site.shown, site.link
        )
        if not await socket.send(welcome):
            return None
        visitor = visitor_at(site.slug, socket.visitor, dialog, hello.language)
        guest = Guest(chat, socket, visitor, self._visit(hello), missed.head > 0)
        standing = missed.standing
        guest.reached.update(delivered=standing.delivered_seq, read=standing.read_seq)
        chat.sockets.resumed(socket, missed.last_seq, missed.head)
        await self._recognise(guest, hello, site)
        return guest

    def _visit(self, hello: Hello) -> Visit | None:
        """The page, and what the connection adds to it."""
        place = self._chat.locations.of(self._caller.address, self._socket.language)
        if hello.visit is None and not place:
            return None
        known = place | ({"user_agent": self._caller.user_agent} if self._caller.user_agent else {})
        return (hello.visit or Visit()).model_copy(update=known)

    async def _recognise(self, guest: Guest, hello: Hello, site: Site) -> None:
        """The visitor as the person for whom the host page vouches."""
        claim = hello.user
        if claim is None or not identity.vouched(claim, site.identity_secret.get_secret_value()):
            return
        visitor = guest.visitor
        known = identity.known_as(visitor.identity, claim)
        guest.visitor = Visitor(visitor.ref, known)
        if guest.talked:
            now = self._chat.clock.now()
            said = blake2b(known.model_dump_json().encode(), digest_size=16).hexdigest()
            once = f"user:{said}"
            await guest.tell(visited(visitor, at=now, traceparent=new_trace(), identity=known, once=once))

    async def _handle(self, guest: Guest, raw: str) -> None:
        socket = self._socket
        try:
            await self._do(guest, parse.parse(raw))
        except BadFrame as refused:
            if socket.owed is not None and socket.owed[0] == refused.cid:
                socket.owed = None
            INBOUND_REFUSED.labels(CHANNEL, socket.site.slug, refused.code).inc()
            await socket.send(
                render.error(
                    refused.code, socket.language, cid=refused.cid, limit=parse.TEXT_LENGTH, files=parse.FILES
                )
            )

    async def _do(self, guest: Guest, frame: Frame) -> None:
        match frame:
            case Said():
                await posting.post(guest, frame)
            case Ping():
                await self._socket.send(render.PONG)
            case Receipt():
                await remarks.got(guest, frame)
            case Writes():
                remarks.writes(guest, frame)
            case Page():
                await remarks.page(guest, frame)
            case Contact():
                await remarks.contact(guest, frame)
            case Fields():
                await remarks.fields(guest, frame)
            case Closing():
                await posting.close(guest)
            case Hello():
                raise BadFrame("unknown_frame")

    async def _close(self, code: Code, close_code: int, retry_after: float | None = None) -> None:
        """Tells why in words, then closes."""
        socket = self._socket
        INBOUND_REFUSED.labels(CHANNEL, socket.site.slug, code).inc()
        await socket.send(render.error(code, socket.language, retry_after=retry_after))
        await socket.transport.close(close_code, code.encode())
