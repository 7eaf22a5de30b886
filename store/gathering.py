"""What a batch concerns, read into a ledger in a few set-based queries before anything is applied."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contract.envelope import Envelope
from shared.contract.events import CallHappened, DialogEvent, MessageDelivery, MessageReceived
from store import contacts, conversations, dialogs, history, waiting
from store.calls import name_of
from store.edits import about
from store.episodes import identity_of
from store.history import External
from store.ledger import Ledger
from store.memory import Memory
from store.position import Heard, message_time


async def gather(
    conn: AsyncConnection, ledger: Ledger, memory: Memory, envelopes: Sequence[Envelope[DialogEvent]]
) -> None:
    """Everything that applying these events may look at."""
    events = [envelope.data for envelope in envelopes]
    ids = {event.dialog.dialog_id for event in events}
    ledger.dialogs = memory.dialogs.found(ids)
    ledger.dialogs |= await dialogs.load(conn, ids - ledger.dialogs.keys())
    if ids - ledger.dialogs.keys():
        ledger.last_number = await dialogs.last_number(conn)
    ledger.waiting = await waiting.load(conn, ids)
    concerned = [*events, *_waiting_events(ledger)]
    numbers = {dialog_id: dialog.number for dialog_id, dialog in ledger.dialogs.items()}
    ledger.externals = await history.find(conn, _names(concerned), numbers)
    wanted = {id_ for event in concerned if (id_ := about(event)[0]) is not None}
    ledger.lines = await history.load(conn, wanted | set(ledger.externals.values()))
    await _gather_swept(conn, ledger, concerned)
    ids = _conversations(ledger, events)
    ledger.conversations = memory.conversations.found(ids)
    ledger.conversations |= await conversations.load(conn, ids - ledger.conversations.keys())
    await _gather_people(conn, ledger, memory, events)
    await _gather_places(conn, ledger, [event for event in events if isinstance(event, MessageReceived)])


def _waiting_events(ledger: Ledger) -> list[DialogEvent]:
    found = [one.envelope.data for here in ledger.waiting.values() for one in here]
    return [event for event in found if isinstance(event, DialogEvent)]


def _names(events: Iterable[DialogEvent]) -> set[External]:
    """Every id of a provider that these events mention."""
    names: set[External] = set()
    for event in events:
        mentioned = [event.__dict__.get("external_id")]
        if isinstance(event, CallHappened):
            mentioned = [name_of(event.external_id)]
        if isinstance(event, MessageDelivery):
            mentioned += [event.up_to, *event.external_ids]
        content = event.__dict__.get("content")
        if content is not None and content.quote is not None:
            mentioned.append(content.quote.external_id)
        names.update((event.dialog.dialog_id, name) for name in mentioned if name)
    return names


async def _gather_swept(conn: AsyncConnection, ledger: Ledger, events: Iterable[DialogEvent]) -> None:
    sweeps = [event for event in events if isinstance(event, MessageDelivery) and event.up_to]
    for state in {event.state for event in sweeps} & {"delivered", "read"}:
        ids = {event.dialog.dialog_id for event in sweeps if event.state == state}
        ledger.lines |= await history.swept(conn, sorted(ids), state)


def _conversations(ledger: Ledger, events: Iterable[DialogEvent]) -> set[UUID]:
    ids = {event.conversation.conversation_id for event in events if event.conversation is not None}
    ids |= {one.conversation_id for one in ledger.dialogs.values() if one.conversation_id is not None}
    return ids | {one.conversation_id for one in ledger.lines.values() if one.conversation_id is not None}


async def _gather_people(
    conn: AsyncConnection, ledger: Ledger, memory: Memory, events: Iterable[DialogEvent]
) -> None:
    """Whoever the events name, and the clients of the dialogs in which a conversation begins."""
    people = ledger.people
    heard = [identity for event in events if (identity := identity_of(event)) is not None]
    ids = {
        contacts.address_id(one.channel, address) for one in heard for address in (one.address, *one.aliases)
    }
    people.known = memory.known.found(ids)
    people.contacts = memory.contacts.found({one.contact_id for one in people.known.values()})
    await contacts.load(conn, ids - people.known.keys(), people)
    whose = {one.contact_id for one in people.known.values()} | {
        dialog.contact_id
        for event in events
        if (dialog := ledger.dialogs.get(event.dialog.dialog_id)) is not None
        and dialog.contact_id is not None
        and event.conversation is not None
        and event.conversation.conversation_id not in ledger.conversations
    }
    await contacts.load_contacts(conn, whose - people.contacts.keys(), people)


async def _gather_places(conn: AsyncConnection, ledger: Ledger, messages: Iterable[MessageReceived]) -> None:
    """The places around each message that is late, counting what comes before it in this batch."""
    heard: dict[UUID, Heard] = {}
    for event in messages:
        dialog = ledger.dialogs.get(event.dialog.dialog_id)
        if dialog is None:
            continue  # a new dialog: all of its places are of this batch
        so_far = heard.get(dialog.dialog_id, dialog.heard)
        at = message_time(event.sent_at, event.received_at)
        if not so_far.is_before(event.sequence, at, backfill=event.backfill):
            heard[dialog.dialog_id] = so_far.after(event.sequence, at)
            continue
        taken = ledger.taken.setdefault(dialog.dialog_id, set())
        bounds = await history.bounds(conn, dialog.number, at, event.sequence)
        ledger.bounds[event.message_id] = bounds
        taken |= await history.places(conn, dialog.number, bounds.nearest(at), bounds)
