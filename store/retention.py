"""Files are kept for some days (MS3): then their message says so, and their bytes go.

Three steps, each bounded, each safe to repeat. `expire` runs in the writer's own transaction: the line, the
feed, the event, and the list of what is to be deleted. `remove_expired` deletes what is on that list.
`remove_unclaimed` deletes what lies among the blobs for a month and belongs to no message.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.bus.handler import Outcome
from shared.bus.outgoing import Outgoing
from shared.clock import Clock
from shared.contract.envelope import wrap
from shared.contract.events import AttachmentExpired
from shared.contract.ids import effect_id
from shared.db.engine import reading, writing
from shared.db.lease import Lease
from shared.failure import Unavailable
from shared.files.blobs import Blobs
from shared.files.preview import preview_name
from shared.log import get_logger
from shared.topology import EVENTS, event_key
from store import attachments, conversations, dialogs, history
from store.attachments import removals, with_file
from store.ledger import Ledger, open_ledger
from store.receipts import Touched, touch
from store.views import LineView

log = get_logger()

SOURCE: Final = "store"
SLICE: Final = 100
"""Files that one transaction of the writer lets expire at most."""
REMOVED_AT_ONCE: Final = 2 * SLICE
UNCLAIMED: Final = timedelta(days=30)
REMOVE_EVERY_SECONDS: Final = 10.0
LOOK_EVERY: Final = timedelta(days=1)


async def expire(conn: AsyncConnection, now: datetime, kept: timedelta) -> Outcome:
    """Files of messages that came longer ago than `kept` expire, at most `SLICE` of them."""
    due = await attachments.due(conn, now - kept, SLICE)
    if not due:
        return Outcome()
    ledger = await open_ledger(conn, now)
    ledger.lines = await history.load(conn, set(due.values()))
    lines = ledger.lines.values()
    ledger.dialogs = await dialogs.load(conn, {line.dialog_id for line in lines})
    whose = {line.conversation_id for line in lines if line.conversation_id is not None}
    ledger.conversations = await conversations.load(conn, whose)
    touched: Touched = {}
    for attachment_id, message_id in due.items():
        if (line := ledger.lines.get(message_id)) is not None:
            _expire(ledger, line, attachment_id, touched)
    outgoing = [_event(ledger, attachment_id, message_id) for attachment_id, message_id in due.items()]
    for line in (ledger.lines[one] for one in touched):
        ledger.tell_line(line, "expired", touched[line.entry_id])
    told = await ledger.close(conn)
    await attachments.mark_expired(conn, due)
    return Outcome(outgoing=[*told, *(one for one in outgoing if one)], hints=ledger.feed.hints())


def _expire(ledger: Ledger, line: LineView, attachment_id: UUID, touched: Touched) -> None:
    changes = {
        name: with_file(content, attachment_id, {"state": "expired"})
        for name in ("content", "original")
        if (content := getattr(line, name)) is not None
    }
    touch(ledger, line, changes, touched)


def _event(ledger: Ledger, attachment_id: UUID, message_id: UUID) -> Outgoing | None:
    line = ledger.lines.get(message_id)
    if line is None:
        return None
    event = AttachmentExpired(
        dialog_id=line.dialog_id, message_id=message_id, attachment_id=attachment_id, at=ledger.now
    )
    id_ = effect_id(attachment_id, 0)
    envelope = wrap(event, id=id_, source=SOURCE, time=ledger.now, subject=str(line.dialog_id))
    return Outgoing(EVENTS, event_key(event.TYPE), envelope.encode(), str(id_), event.TYPE)


async def remove_expired(engine: AsyncEngine, blobs: Blobs) -> int:
    """Deletes the bytes of at most `REMOVED_AT_ONCE` expired files; says of how many."""
    async with reading(engine) as conn:
        some = select(removals.c.attachment_id).limit(REMOVED_AT_ONCE)
        ids = list((await conn.execute(some)).scalars())
    for one in ids:
        await blobs.delete(preview_name(str(one)))
        await blobs.delete(str(one))
    if ids:
        async with writing(engine) as conn:
            await conn.execute(delete(removals).where(removals.c.attachment_id.in_(ids)))
    return len(ids)


async def remove_unclaimed(engine: AsyncEngine, blobs: Blobs, before: datetime) -> int:
    """Deletes the blobs stored before `before` that are no message's; says how many."""
    removed = 0
    slice_: list[str] = []
    async for name in blobs.older_than(before):
        slice_.append(name)
        if len(slice_) == SLICE:
            removed += await _remove_strangers(engine, blobs, slice_)
            slice_ = []
    return removed + await _remove_strangers(engine, blobs, slice_)


async def _remove_strangers(engine: AsyncEngine, blobs: Blobs, names: Sequence[str]) -> int:
    whose = {name: id_ for name in names if (id_ := _id_of(name)) is not None}
    if not whose:
        return 0
    async with reading(engine) as conn:
        kept = await attachments.kept(conn, set(whose.values()))
    strangers = [name for name, id_ in whose.items() if id_ not in kept]
    for name in strangers:
        await blobs.delete(name)
    return len(strangers)


def _id_of(name: str) -> UUID | None:
    """What is not named as we name blobs is not ours to delete."""
    try:
        return UUID(name.partition(".")[0])
    except ValueError:
        return None


async def keep_removing(
    engine: AsyncEngine,
    blobs: Blobs,
    lease: Lease,
    clock: Clock,
    *,
    every_seconds: float = REMOVE_EVERY_SECONDS,
) -> None:
    """The active writer's task beside its loop: what has expired goes soon, what is nobody's once a day."""
    looked_at = clock.now()
    while True:
        await asyncio.sleep(every_seconds)
        if not lease.held:
            continue
        try:
            await remove_expired(engine, blobs)
            if clock.now() - looked_at > LOOK_EVERY:
                looked_at = clock.now()
                gone = await remove_unclaimed(engine, blobs, looked_at - UNCLAIMED)
                log.info("unclaimed_files_removed", files=gone)
        except Unavailable as outage:
            log.warning("files_not_removed", reason=str(outage))
