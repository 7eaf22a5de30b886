"""What an event does to the store, in memory: its line of history always, the conversation's state if newer.

`apply` is the one way in. It changes the ledger and nothing else; the order of what it tells the feed is the
conversation first, then its lines. What a blocked contact writes (RT12) is kept, and changes nothing that is
shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, cast

from shared.contract.envelope import Envelope
from shared.contract.events import (
    ButtonPressed,
    CallHappened,
    ConversationAssigned,
    ConversationClosed,
    ConversationDescribed,
    ConversationOffered,
    ConversationOpened,
    ConversationRated,
    ConversationReopened,
    ConversationReturned,
    DialogEvent,
    IdentityLearned,
    MembersChanged,
    MessageDelivery,
    MessageQueued,
    MessageReceived,
    OfferEnded,
    ParticipantsChanged,
    VisitorClosed,
    VisitorVisited,
)
from shared.contract.people import Identity
from shared.db.types import to_micros
from store import calls, conversations, edits, messages, receipts
from store.history import BLOCKED
from store.ledger import Ledger
from store.receipts import Touched
from store.views import ConversationView, LineView
from store.waiting import Waiting

TOLD: Final = (
    ConversationOpened,
    ConversationReopened,
    ConversationOffered,
    OfferEnded,
    ConversationAssigned,
    ConversationReturned,
    ParticipantsChanged,
    ConversationDescribed,
    ConversationClosed,
    ConversationRated,
    VisitorClosed,
    MembersChanged,
    ButtonPressed,
)
"""Events that are lines of history themselves. Reading, marking and resynchronising are state alone."""

_ROOT: Final = frozenset(DialogEvent.model_fields)


def apply(ledger: Ledger, envelope: Envelope[DialogEvent]) -> None:
    """One event of a dialog."""
    event = envelope.data
    ledger.dialog(event.dialog)
    _meet(ledger, envelope)
    touched: Touched = {}
    _apply_line(ledger, envelope, touched)
    traceparent = _span(envelope)
    if not (isinstance(event, MessageReceived) and event.blocked):
        _take_state(ledger, event, touched, traceparent)
    for line in (ledger.lines[one] for one in touched):
        ledger.tell_line(
            line, what(event), touched[line.entry_id], cause=event.cause, traceparent=traceparent
        )


def _span(envelope: Envelope[DialogEvent]) -> str | None:
    """A span of its own in the event's trace, named by the event."""
    trace = envelope.traceparent
    return trace and f"{trace[:36]}{envelope.id.hex[-16:]}{trace[52:]}"


def what(event: DialogEvent) -> str:
    """The middle of the event's type: `received`, `assigned` …"""
    return event.TYPE.split(".")[1]


def identity_of(event: DialogEvent) -> Identity | None:
    """The client whom an event says something about."""
    if isinstance(event, MessageReceived):
        return event.sender if event.origin == "client" else None
    if isinstance(event, VisitorVisited | IdentityLearned | CallHappened):
        return event.identity
    if isinstance(event, MessageQueued):
        return event.recipient
    return event.sender if isinstance(event, ButtonPressed) else None


def _meet(ledger: Ledger, envelope: Envelope[DialogEvent]) -> None:
    """The person behind the event; in a personal dialog, the dialog's."""
    event = envelope.data
    identity = identity_of(event)
    if identity is not None:
        people = ledger.people
        meet = people.written_to if isinstance(event, MessageQueued) else people.met
        contact = meet(identity, envelope.id)
        dialog = ledger.dialogs[event.dialog.dialog_id]
        if dialog.kind == "personal" and dialog.contact_id is None:
            ledger.keep_dialog(dialog._replace(contact_id=contact.contact_id))
    said = event.__dict__  # an attribute that is not there would be looked for at length
    title = said.get("dialog_title") or said.get("title")
    dialog = ledger.dialogs[event.dialog.dialog_id]
    if title and title != dialog.title:
        ledger.keep_dialog(dialog._replace(title=title))


def _apply_line(ledger: Ledger, envelope: Envelope[DialogEvent], touched: Touched) -> None:
    """The event's line, or the line that it is about; then whatever waited for that line."""
    event = envelope.data
    ready: Iterable[Waiting] = ()
    if isinstance(event, MessageReceived | MessageQueued):
        known = event.message_id in ledger.lines
        if isinstance(event, MessageReceived):
            ready = messages.received(ledger, cast(Envelope[MessageReceived], envelope))
        else:
            ready = messages.queued(ledger, cast(Envelope[MessageQueued], envelope))
        if not known and event.message_id in ledger.lines:
            touched[event.message_id] = None
    elif isinstance(event, MessageDelivery):
        ready = receipts.delivery(ledger, cast(Envelope[MessageDelivery], envelope), touched)
    elif isinstance(event, edits.CHANGES):
        edits.changed(ledger, cast(Envelope[edits.Change], envelope), touched)
    elif isinstance(event, CallHappened):
        calls.happened(ledger, cast(Envelope[CallHappened], envelope), touched)
    elif (isinstance(event, TOLD) or _filled_in(event)) and envelope.id not in ledger.lines:
        ledger.add_line(_told(ledger, envelope))
        touched[envelope.id] = None
    for one in ready:
        _apply_line(ledger, cast(Envelope[DialogEvent], one.envelope), touched)


def _filled_in(event: DialogEvent) -> bool:
    """The visitor filled in a form, or the page told of something; being on a page is state alone."""
    return isinstance(event, VisitorVisited) and bool(event.fields)


def _told(ledger: Ledger, envelope: Envelope[DialogEvent]) -> LineView:
    """The line of an event that is one itself."""
    event = envelope.data
    dialog = ledger.dialogs[event.dialog.dialog_id]
    state = event.conversation
    return LineView(
        entry_id=envelope.id,
        dialog_id=dialog.dialog_id,
        conversation_id=dialog.conversation_id if state is None else state.conversation_id,
        position=ledger.place_in_order(dialog.dialog_id, to_micros(envelope.time)),
        kind=event.TYPE.rpartition(".")[0],
        at=envelope.time,
        received_at=envelope.time,
        author=event.actor,
        detail=event.model_dump(mode="json", exclude=set(_ROOT), exclude_none=True) or None,
        version=event.version,
        cause=event.cause,
    )


def _take_state(ledger: Ledger, event: DialogEvent, touched: Touched, traceparent: str | None) -> None:
    """The conversation's state if the event's is newer, and what its lines say of it."""
    state = event.conversation
    dialog = ledger.dialogs[event.dialog.dialog_id]
    conversation_id = dialog.conversation_id if state is None else state.conversation_id
    known = None if conversation_id is None else ledger.conversations.get(conversation_id)
    said: dict[str, Any] = {}
    if state is not None and (known is None or event.version > known.version):
        said = {**state.__dict__, "version": event.version}
        if known is None or state.status != "closed":
            dialog = ledger.keep_dialog(dialog._replace(conversation_id=state.conversation_id))
    view = known
    if view is None:
        if state is None:
            return
        view = conversations.opened(state, dialog)
    said |= _beside(ledger, view, event)
    said |= _last_words(ledger, view, touched)
    if not said:
        return
    view = view.model_copy(update=said)
    ledger.keep_conversation(view)
    ledger.feed.add(
        "conversation",
        view.conversation_id,
        what(event),
        view,
        version=view.version,
        before=None if known is None else known.sight,
        after=view.sight,
        cause=event.cause,
        traceparent=traceparent,
    )


def _beside(ledger: Ledger, view: ConversationView, event: DialogEvent) -> dict[str, Any]:
    """What of the client, the title and the page visited is new to the conversation."""
    dialog = ledger.dialogs[view.dialog_id]
    said: dict[str, Any] = {}
    contact = None if dialog.contact_id is None else ledger.people.contacts.get(dialog.contact_id)
    if contact is not None and contact.contact_id != view.contact_id:
        said["contact_id"] = contact.contact_id
        said["client_number"] = contact.number
    if contact is not None and contact.name != view.client_name:
        said["client_name"] = contact.name
    if dialog.title != view.title:
        said["title"] = dialog.title
    visit = event.__dict__.get("visit")
    if visit is not None and visit != view.visit:
        said["visit"] = visit
    return said


def _last_words(ledger: Ledger, view: ConversationView, touched: Touched) -> dict[str, Any]:
    """The conversation's last line and last message, after lines were added or changed."""
    said: dict[str, Any] = {"last_position": view.last_position, "last_message_id": view.last_message_id}
    for line in (ledger.lines[one] for one in touched):
        if line.conversation_id != view.conversation_id or line.kind == BLOCKED:
            continue
        added = touched[line.entry_id] is None and line.position > said["last_position"]
        if added:
            said["last_position"] = line.position
        if line.content is not None and (added or line.entry_id == said["last_message_id"]):
            words, kind = (None, "deleted") if line.deleted_at else conversations.preview(line.content)
            said |= {"last_message_id": line.entry_id, "last_text": words, "last_kind": kind}
    return {name: value for name, value in said.items() if getattr(view, name) != value}
