"""Messages become lines of history: the client's, ours on their way, and ours written past us.

A message whose id, or whose provider's id in the dialog, is known is the same message: no second line. One
of a blocked contact is a line that nobody sees, now and when the block is over.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from shared.contract.content import Content
from shared.contract.envelope import Envelope
from shared.contract.events import DialogEvent, MessageQueued, MessageReceived
from shared.contract.people import Actor
from shared.db.types import from_micros, to_micros
from store.history import BLOCKED
from store.ledger import Ledger
from store.position import message_time
from store.views import LineView
from store.waiting import Waiting


def received(ledger: Ledger, envelope: Envelope[MessageReceived]) -> Iterable[Waiting]:
    """The line of a message that came; what waited for it is returned."""
    event = envelope.data
    dialog_id = event.dialog.dialog_id
    if event.message_id in ledger.lines or (dialog_id, event.external_id) in ledger.externals:
        return ()
    place, late = _place(ledger, event)
    ours = event.origin != "client"
    at = from_micros(message_time(event.sent_at, event.received_at))
    line = LineView(
        entry_id=event.message_id,
        dialog_id=dialog_id,
        conversation_id=_episode(ledger, event),
        position=place,
        kind=BLOCKED if event.blocked else "message",
        at=at,
        received_at=event.received_at,
        sequence=event.sequence,
        late=late,
        external_id=event.external_id,
        direction="out" if ours else "in",
        origin=event.origin,
        author=event.actor if ours else _client(event),
        content=_resolved(ledger, dialog_id, event.content),
        state="sent" if ours else None,
        version=event.version,
        cause=event.cause,
    )
    ledger.add_line(line)
    ledger.name_line(dialog_id, event.external_id, line.entry_id)
    return ledger.arrived(line, [event.external_id])


def queued(ledger: Ledger, envelope: Envelope[MessageQueued]) -> Iterable[Waiting]:
    """The line of a message of ours; what waited for it is returned."""
    event = envelope.data
    if event.message_id in ledger.lines:
        return ()
    dialog_id = event.dialog.dialog_id
    author = event.actor.model_copy(update={"name": event.author_name}) if event.author_name else event.actor
    line = LineView(
        entry_id=event.message_id,
        dialog_id=dialog_id,
        conversation_id=_episode(ledger, event),
        position=ledger.place_in_order(dialog_id, to_micros(event.created_at)),
        kind="message",
        at=event.created_at,
        received_at=envelope.time,
        direction="out",
        origin=event.origin,
        author=author,
        content=_resolved(ledger, dialog_id, event.content),
        state="queued",
        resend_of=event.resend_of,
        version=event.version,
        cause=event.cause,
    )
    ledger.add_line(line)
    return ledger.arrived(line, ())


def _place(ledger: Ledger, event: MessageReceived) -> tuple[int, bool]:
    """The message's place, and whether it came late."""
    dialog = ledger.dialogs[event.dialog.dialog_id]
    at = message_time(event.sent_at, event.received_at)
    if dialog.heard.is_before(event.sequence, at, backfill=event.backfill):
        return ledger.place_late(dialog.dialog_id, event.message_id, at, event.sequence), True
    return ledger.place_in_order(dialog.dialog_id, at, dialog.heard.after(event.sequence, at)), False


def _episode(ledger: Ledger, event: DialogEvent) -> UUID | None:
    """The conversation that a line belongs to: the event's, else the dialog's latest."""
    if event.conversation is not None:
        return event.conversation.conversation_id
    return ledger.dialogs[event.dialog.dialog_id].conversation_id


def _client(event: MessageReceived) -> Actor:
    return Actor(kind="client", id=event.sender.address, name=event.sender.name)


def _resolved(ledger: Ledger, dialog_id: UUID, content: Content) -> Content:
    """The content with its quote pointing at our line, and saying what we know that it said."""
    quote = content.quote
    if quote is None or quote.external_id is None:
        return content
    entry_id = ledger.externals.get((dialog_id, quote.external_id))
    line = None if entry_id is None else ledger.lines.get(entry_id)
    if line is None or line.content is None or line.kind == BLOCKED:
        return content
    known = {"message_id": entry_id, "text": line.content.text or quote.text}
    if line.author is not None and line.author.name:
        known["author"] = line.author.name
    return content.model_copy(update={"quote": quote.model_copy(update=known)})
