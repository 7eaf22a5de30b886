"""Receipts, edits, deletions, reactions whose message has not come: they wait a day, then are parked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.bus.outgoing import Outgoing
from shared.contract.envelope import Data, Envelope
from shared.db.direct import rows, run
from shared.topology import EVENTS, PARKING, STORE_EVENTS, event_key, parking_key
from store.catalogue import CATALOGUE
from store.tables import inbox, pending

PATIENCE: Final = timedelta(days=1)
EXPIRY_SLICE: Final = 200

_insert: Final = insert(pending)


_of_dialogs: Final = (
    select(pending)
    .where(pending.c.dialog_id.in_(bindparam("ids", expanding=True)))
    .order_by(pending.c.at, pending.c.number)
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One that waits; `message_id` or `external_id` is what it waits for."""

    envelope: Envelope[Data]
    dialog_id: UUID
    message_id: UUID | None
    external_id: str | None


async def load(conn: AsyncConnection, dialog_ids: Iterable[UUID]) -> dict[UUID, list[Waiting]]:
    """What waits in these dialogs, in the order in which it came."""
    found: dict[UUID, list[Waiting]] = {}
    for row in await rows(conn, _of_dialogs, {"ids": list(dialog_ids)}):
        envelope = CATALOGUE.decode(row.body)
        one = Waiting(envelope, row.dialog_id, row.message_id, row.external_id)
        found.setdefault(row.dialog_id, []).append(one)
    return found


async def add(conn: AsyncConnection, new: Sequence[Waiting], now: datetime) -> None:
    """Keeps them until their message comes."""
    if new:
        waiting = [
            {
                "event_id": one.envelope.id,
                "dialog_id": one.dialog_id,
                "number": number,
                "message_id": one.message_id,
                "external_id": one.external_id,
                "body": one.envelope.encode(),
                "at": now,
            }
            for number, one in enumerate(new)
        ]
        await run(conn, _insert, waiting)


async def remove(conn: AsyncConnection, ids: Iterable[UUID]) -> None:
    """Forgets those whose message came."""
    gone = list(ids)
    if gone:
        await conn.execute(delete(pending).where(pending.c.event_id.in_(gone)))


async def expire(conn: AsyncConnection, now: datetime) -> list[Outgoing]:
    """Those that waited a day, as messages for the parking; at most `EXPIRY_SLICE` of them.

    Their keys are forgotten too: replayed, they are to be tried again.
    """
    old = select(pending).where(pending.c.at < now - PATIENCE).order_by(pending.c.at).limit(EXPIRY_SLICE)
    rows = (await conn.execute(old)).all()
    gone = [row.event_id for row in rows]
    await remove(conn, gone)
    await conn.execute(delete(inbox).where(inbox.c.id.in_(gone)))
    return [_parking(row.event_id, row.body, now) for row in rows]


def _parking(event_id: UUID, body: bytes, now: datetime) -> Outgoing:
    type_ = CATALOGUE.decode(body).type
    return Outgoing(
        exchange=PARKING,
        routing_key=parking_key(STORE_EVENTS.name),
        body=body,
        message_id=str(event_id),
        type=type_,
        headers={
            "x-queue": STORE_EVENTS.name,
            "x-reason": "target_missing",
            "x-error": "the message that this is about did not come within a day",
            "x-exchange": EVENTS,
            "x-routing-key": event_key(type_),
            "x-message-id": str(event_id),
            "x-type": type_,
            "x-parked-at": now.isoformat(),
        },
    )
