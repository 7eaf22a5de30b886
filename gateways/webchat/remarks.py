"""What a visitor tells beside messages: another page, who they are, that they write, what they have read."""

from __future__ import annotations

import time
from typing import Final

from gateways.webchat.facts import receipt, visited
from gateways.webchat.frames import Contact, Fields, Page, Receipt, Writes
from gateways.webchat.guest import Guest
from gateways.webchat.identity import introduced
from gateways.webchat.receipts import Reached
from gateways.webchat.writing import AGAIN_SECONDS
from shared.failure import Unavailable
from shared.trace import new_trace

_KEPT: Final = ("language", "time_zone", "country", "city", "user_agent")
"""What stays as it is when the visitor goes to another page."""


async def page(guest: Guest, frame: Page) -> None:
    """Told at once where there is a dialog; before the first message it waits for that."""
    before = guest.visit
    kept = {} if before is None else {name: getattr(before, name) for name in _KEPT}
    visit = frame.visit.model_copy(update=kept | {"at": guest.chat.clock.now()})
    if not guest.talked:
        guest.visit = visit
    elif guest.may_remark():
        await guest.tell(
            visited(
                guest.visitor, at=visit.at or guest.chat.clock.now(), traceparent=new_trace(), visit=visit
            )
        )


async def contact(guest: Guest, frame: Contact) -> None:
    """The visitor's own word of who they are; it goes with their messages too."""
    if frame == Contact() or not guest.may_remark():
        return
    visitor = guest.visitor
    now = guest.chat.clock.now()
    if await guest.tell(visited(visitor, at=now, traceparent=new_trace(), contact=frame)):
        guest.visitor = type(visitor)(visitor.ref, introduced(visitor.identity, frame))


async def fields(guest: Guest, frame: Fields) -> None:
    """What the page tells of its visitor."""
    if frame.fields and guest.may_remark():
        now = guest.chat.clock.now()
        await guest.tell(visited(guest.visitor, at=now, traceparent=new_trace(), fields=frame.fields))


def writes(guest: Guest, frame: Writes) -> None:
    """Passed on when it is news."""
    now = time.monotonic()
    if frame.on == guest.writes and (not frame.on or now - guest.wrote_at < AGAIN_SECONDS):
        return
    guest.writes, guest.wrote_at = frame.on, now
    if guest.talked and guest.may_remark():
        guest.chat.writing.tell(guest.visitor.dialog_id, on=frame.on)


async def got(guest: Guest, frame: Receipt) -> None:
    """A receipt is about the last message of ours up to that number, and each is told once."""
    socket, dialog, state = guest.socket, guest.visitor.dialog_id, frame.state
    seq = min(frame.seq, socket.last_seq)
    if seq <= guest.reached[state] or not guest.may_remark():
        return
    up_to = max((one for one in socket.ours if one <= seq), default=0)
    try:
        up_to = up_to or await guest.chat.resumption.last_of_ours(dialog, seq)
    except Unavailable:
        return
    if not up_to:
        return
    before, guest.reached[state] = guest.reached[state], seq
    now = guest.chat.clock.now()
    row = receipt(guest.visitor, state, up_to, at=now, traceparent=new_trace())
    reached = Reached(dialog, guest.reached["delivered"], guest.reached["read"])
    if up_to <= before:  # told already: what followed was not ours
        return
    if not await guest.tell(row, reached):
        guest.reached[state] = before
