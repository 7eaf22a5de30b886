"""Parked messages as rows: listed, shown, replayed, discarded. A row is never deleted here, only marked.

A message that one of ours gave up on says so in its headers; one that the broker gave up on (its delivery
limit) has the broker's `x-death` alone. The first goes back to the exchange it came by, the second straight
to the queue that lost it.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Result, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.bus.consumer import Delivery
from shared.bus.outgoing import Outgoing
from shared.bus.parking import read_parked
from shared.contract.envelope import wrap
from shared.contract.ids import fact_id
from shared.db.dialect import insert
from store.catalogue import MessageParked
from store.feed import FeedLog
from store.sights import SightText, needs
from store.tables import parked
from store.views import ParkedView

ERROR_KEPT: Final = 16_000
SIGHT: Final = needs("parked.manage")

_SHOWN: Final = (
    *(parked.c[name] for name in ParkedView.model_fields if name != "size_bytes"),
    func.length(parked.c.body).label("size_bytes"),
)
_OPEN: Final = (parked.c.replayed_at.is_(None), parked.c.discarded_at.is_(None))


def readable(delivery: Delivery) -> Delivery:
    """A delivery of the parking queue in an envelope of our own: its bytes may be anything."""
    found = read_parked(delivery)
    headers = {_clean(name): _plain(value) for name, value in found.headers.items()}
    said = MessageParked.model_construct(
        parked_id=_id(delivery),
        queue=_clean(found.queue),
        reason=_clean(found.reason),
        error=_clean(found.error)[-ERROR_KEPT:],
        exchange=_clean(found.exchange),
        routing_key=_clean(found.routing_key),
        dead_lettered="x-reason" not in found.headers,
        message_id=_clean(found.message_id),
        type=_clean(found.type),
        headers=headers,
        body=b64encode(found.body),  # as JSON has it: whoever decodes the envelope gets the raw bytes
        parked_at=found.parked_at,
    )
    copy = fact_id("parking", str(said.parked_id), str(found.headers.get("x-parked-at", "")))
    subject = f"parked:{said.parked_id}"
    envelope = wrap(said, id=copy, source="store", time=found.parked_at, subject=subject)
    return replace(delivery, body=envelope.encode(), type=MessageParked.TYPE)


async def keep(conn: AsyncConnection, feed: FeedLog, said: MessageParked) -> None:
    """A row of it. One that was replayed, or discarded, and is given up on once more is open again."""
    row = {name: getattr(said, name) for name in MessageParked.model_fields}
    known = await whole(conn, said.parked_id)
    if known is None:
        await conn.execute(insert(conn, parked).values(**row, version=1))
        before = None
    elif _settled_at(known) is not None and said.parked_at > _settled_at(known):
        again_open = {**row, "replayed_at": None, "discarded_at": None, "version": known.version + 1}
        await conn.execute(update(parked).where(parked.c.parked_id == said.parked_id).values(again_open))
        before = SIGHT
    else:
        return
    (view,) = await views(conn, [said.parked_id])
    tell(feed, view, "parked", before)


def tell(
    feed: FeedLog, view: ParkedView, what: str, before: SightText | None = SIGHT, cause: UUID | None = None
) -> None:
    """A row of the feed for those who may see parked messages."""
    feed.add(
        "parked", view.parked_id, what, view, version=view.version, before=before, after=SIGHT, cause=cause
    )


async def newest(
    conn: AsyncConnection, limit: int, *, only_open: bool, after: tuple[datetime, UUID] | None = None
) -> list[ParkedView]:
    """Newest first, from the place `after` on."""
    query = select(*_SHOWN).order_by(parked.c.parked_at.desc(), parked.c.parked_id.desc()).limit(limit)
    if only_open:
        query = query.where(*_OPEN)
    if after is not None:
        at, id_ = after
        query = query.where(
            or_(parked.c.parked_at < at, (parked.c.parked_at == at) & (parked.c.parked_id < id_))
        )
    return _views(await conn.execute(query))


async def whole(conn: AsyncConnection, parked_id: UUID) -> Any:
    """The whole row, its raw bytes too; None where there is no such thing."""
    return (await conn.execute(select(parked).where(parked.c.parked_id == parked_id))).first()


async def to_replay(conn: AsyncConnection, ids: Sequence[UUID], limit: int) -> list[Any]:
    """Whole rows: these, or the oldest of all that are open."""
    query = select(parked).order_by(parked.c.parked_at, parked.c.parked_id).limit(limit)
    query = query.where(parked.c.parked_id.in_(ids)) if ids else query.where(*_OPEN)
    return list(await conn.execute(query))


async def count_open(conn: AsyncConnection) -> int:
    """How many nobody has replayed or discarded."""
    return (await conn.execute(select(func.count()).select_from(parked).where(*_OPEN))).scalar_one()


async def mark(conn: AsyncConnection, ids: Iterable[UUID], **when: datetime) -> list[ParkedView]:
    """Sets `replayed_at` or `discarded_at`; the rows as they are now."""
    wanted = list(ids)
    await conn.execute(
        update(parked).where(parked.c.parked_id.in_(wanted)).values(**when, version=parked.c.version + 1)
    )
    return await views(conn, wanted)


async def views(conn: AsyncConnection, ids: Iterable[UUID]) -> list[ParkedView]:
    """Those of these that there are, without their bodies."""
    rows = await conn.execute(select(*_SHOWN).where(parked.c.parked_id.in_(list(ids))))
    return _views(rows)


def again(row: Any) -> Outgoing:
    """The raw message on its way back."""
    direct = row.dead_lettered or not row.routing_key
    return Outgoing(
        exchange="" if direct else row.exchange,
        routing_key=row.queue if direct else row.routing_key,
        body=row.body,
        message_id=row.message_id or str(row.parked_id),
        type=row.type,
        headers={"x-replayed": str(row.parked_id)},
    )


def _views(rows: Result[Any]) -> list[ParkedView]:
    return [ParkedView.model_validate(row) for row in rows.mappings()]


def _settled_at(row: Any) -> Any:
    """When somebody last replayed or discarded it."""
    return max((at for at in (row.replayed_at, row.discarded_at) if at is not None), default=None)


def _id(delivery: Delivery) -> UUID:
    """The parker's own id; for the broker's dead letters one of the message, its queue and when it died."""
    if "x-reason" in delivery.headers:
        try:
            return UUID(delivery.message_id)
        except ValueError:
            pass
    deaths = delivery.headers.get("x-death")
    when = str(deaths[0].get("time", "")) if isinstance(deaths, list) and deaths else ""
    return fact_id("parked", delivery.routing_key, f"{delivery.message_id}/{when}")


def _clean(text: str) -> str:
    """Text that any database keeps."""
    return text.replace("\x00", "�").encode("utf-8", "replace").decode()


def _plain(value: Any) -> Any:
    """A header's value as JSON."""
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, bytes):
        return _clean(value.decode("utf-8", "replace"))
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {_clean(str(name)): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value if value is None or isinstance(value, bool | int | float) else str(value)
