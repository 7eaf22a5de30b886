"""What a batch concerns, read into a ledger in a few set-based queries before anything is applied."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contract.envelope import Envelope
from shared.contract.events import DialogEvent, MessageDelivery, MessageReceived
from store import contacts, conversations, dialogs, history, waiting
from store.edits import about
from store.episodes import identity_of
from store.history import External
from store.ledger import Ledger
from store.position import Heard, message_time


async def gather(conn: AsyncConnection, ledger: Ledger, envelopes: Sequence[Envelope[DialogEvent]]) -> None:
    """Everything that applying these events may look at."""
    events = [envelope.data for envelope in envelopes]
    ids = {event.dialog.dialog_id for event in events}
    ledger.dialogs = await dialogs.load(conn, ids)
    ledger.waiting = await waiting.load(conn, ids)
    concerned = [*events, *_waiting_events(ledger)]
    ledger.externals = await history.find(conn, _names(concerned))
    wanted = {id_ for event in concerned if (id_ := about(event)[0]) is not None}
    ledger.lines = await history.load(conn, wanted | set(ledger.externals.values()))
    await _gather_swept(conn, ledger, concerned)
    ledger.conversations = await conversations.load(conn, _conversations(ledger, events))
    await _gather_people(conn, ledger, events)
    await _gather_places(conn, ledger, [event for event in events if isinstance(event, MessageReceived)])


def _waiting_events(ledger: Ledger) -> list[DialogEvent]:
    found = [one.envelope.data for here in ledger.waiting.values() for one in here]
    return [event for event in found if isinstance(event, DialogEvent)]


def _names(events: Iterable[DialogEvent]) -> set[External]:
    """Every id of a provider that these events mention."""
    names: set[External] = set()
    for event in events:
        mentioned = [getattr(event, "external_id", None)]
        if isinstance(event, MessageDelivery):
            mentioned += [event.up_to, *event.external_ids]
        content = getattr(event, "content", None)
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


async def _gather_people(conn: AsyncConnection, ledger: Ledger, events: Iterable[DialogEvent]) -> None:
    """Whoever the events name, and the clients of the dialogs in which a conversation begins."""
    heard = [identity for event in events if (identity := identity_of(event)) is not None]
    await contacts.load(conn, heard, ledger.people)
    ids: set[UUID] = set()
    for event in events:
        dialog = ledger.dialogs.get(event.dialog.dialog_id)
        state = event.conversation
        if dialog and dialog.contact_id and state and state.conversation_id not in ledger.conversations:
            ids.add(dialog.contact_id)
    await contacts.load_contacts(conn, ids - set(ledger.people.contacts), ledger.people)


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
        if event.sequence is not None:
            ceiling = await history.ceiling(conn, dialog.dialog_id, event.sequence)
            ledger.ceilings[event.message_id] = ceiling
            at = at if ceiling is None else min(at, ceiling)
        taken |= await history.places(conn, dialog.dialog_id, at)
