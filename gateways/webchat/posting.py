"""A visitor's message, and the end of the chat: accepted in order, or owed.

A message that is refused for now (too fast, database away) is owed: until the widget repeats it, later ones
of the socket are refused too, so that none overtakes it.
"""

from __future__ import annotations

import asyncio
import time
from uuid import uuid4

from gateways.webchat import render
from gateways.webchat.entries import Append, Body, Entry
from gateways.webchat.facts import Heard
from gateways.webchat.frames import BadFrame, Said
from gateways.webchat.guest import ANSWER_SECONDS, Guest, pause
from gateways.webchat.mailbox import CHANNEL
from gateways.webchat.words import Code
from shared.failure import Unavailable
from shared.faultpoint import reach
from shared.log import get_logger
from shared.metrics import INBOUND_ACCEPTED, INBOUND_REFUSED
from shared.trace import child, new_trace, trace_id

log = get_logger()


async def post(guest: Guest, said: Said) -> None:
    """Accepts a message and acknowledges it, or says why not; raises `BadFrame` for a refusal for good."""
    chat, socket = guest.chat, guest.socket
    if socket.owed is not None and socket.owed[0] != said.cid and not await _came_elsewhere(guest):
        await socket.send(render.error(socket.owed[1], socket.language, cid=said.cid, retry_after=pause()))
        return
    if seconds := chat.rate.take(socket.visitor, time.monotonic()):
        await _owe(guest, said.cid, "rate", seconds)
        return
    traceparent = child(said.traceparent)
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            entry = await _accept(guest, said, traceparent)
    except (Unavailable, TimeoutError):
        await _owe(guest, said.cid, "unavailable", pause())
        return
    socket.owed = None
    guest.visit = None  # it goes with the first message of each connection
    guest.talked = True
    INBOUND_ACCEPTED.labels(CHANNEL, socket.site.slug).inc()
    log.info(
        "visitor_frame_accepted",
        account=socket.site.slug,
        message_id=entry.message_id,
        dialog_id=entry.dialog_id,
        trace_id=trace_id(traceparent),
    )
    reach("before_visitor_ack")
    await socket.send(render.ack(entry))


async def close(guest: Guest) -> None:
    """The visitor ends the chat (LC8); one that is closed, or was never begun, stays as it is."""
    chat, socket, dialog = guest.chat, guest.socket, guest.visitor.dialog_id
    if not guest.may_remark():
        return
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            standing = (await chat.resumption.missed(dialog, None)).standing
            if not standing.last_seq or standing.closed:
                return
            append = Append(
                dialog,
                socket.site.slug,
                socket.visitor,
                "client",
                kind="closed",
                message_id=uuid4(),
                once=f"client:{standing.last_seq}",
            )
            await chat.reception.receive(append, Heard(guest.visitor, new_trace(), None, chat.clock.now()))
    except (Unavailable, TimeoutError):
        await socket.send(render.error("unavailable", socket.language, retry_after=pause()))


async def _accept(guest: Guest, said: Said, traceparent: str) -> Entry:
    socket, visitor = guest.socket, guest.visitor
    append = Append(
        visitor.dialog_id,
        socket.site.slug,
        socket.visitor,
        "client",
        said.text,
        cid=said.cid,
        body=await _body(guest, said),
    )
    heard = Heard(visitor, traceparent, guest.visit, guest.chat.clock.now())
    return await guest.chat.reception.receive(append, heard, socket)


async def _body(guest: Guest, said: Said) -> Body | None:
    """What the message has beside words; raises `BadFrame` for a file that the visitor did not upload."""
    body: Body = {}
    resumption, dialog = guest.chat.resumption, guest.visitor.dialog_id
    if said.files:
        there = await guest.chat.reception.attach(dialog, said.files)
        if len(there) < len(said.files):
            raise BadFrame("no_file", said.cid)
        body["files"] = [there[one].shown for one in said.files]
    if said.sticker is not None:
        body["sticker"] = {"emoji": said.sticker}
    if said.quote is not None:
        quoted = await resumption.entry(dialog, said.quote)
        if quoted is not None and quoted.kind == "msg":
            body["quote"] = render.quote_of(quoted)
    return body or None


async def _owe(guest: Guest, cid: str, code: Code, retry_after: float) -> None:
    socket = guest.socket
    socket.owed = (cid, code)
    INBOUND_REFUSED.labels(CHANNEL, socket.site.slug, code).inc()
    await socket.send(render.error(code, socket.language, cid=cid, retry_after=retry_after))


async def _came_elsewhere(guest: Guest) -> bool:
    """Whether what this socket owes was accepted through another tab, which will repeat it no more."""
    socket = guest.socket
    if socket.owed is None:
        return False
    try:
        if await guest.chat.resumption.holds(guest.visitor.dialog_id, socket.owed[0]):
            socket.owed = None
    except Unavailable:
        return False
    return socket.owed is None
