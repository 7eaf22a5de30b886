"""Keys of what has been handled: a delivery whose id stands here changes nothing a second time.

A command's key carries a digest of what it asked and the answer it got: the same id with the same words
gets that answer again, with other words it is a conflict. Keys live 30 days by arrival.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Column, LargeBinary, MetaData, Table, bindparam, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.direct import rows, run
from shared.db.types import Instant, Key

KEPT: Final = timedelta(days=30)
PURGE_SLICE: Final = 5000
"""Rows that one `purge` removes at most, so that the transaction stays short."""


def inbox_table(metadata: MetaData) -> Table:
    """The table `inbox`, added to a service's own metadata; its migration creates it."""
    return Table(
        "inbox",
        metadata,
        Column("id", Key, primary_key=True),
        Column("digest", LargeBinary, nullable=True),
        Column("answer", LargeBinary, nullable=True),
        Column("at", Instant, nullable=False, index=True),
    )


_inbox: Final = inbox_table(MetaData())
_insert: Final = insert(_inbox)
_find: Final = select(_inbox.c.id, _inbox.c.digest, _inbox.c.answer).where(
    _inbox.c.id.in_(bindparam("ids", expanding=True))
)


@dataclass(frozen=True, slots=True)
class Known:
    """A key that was found: for a command, what it asked and what it was answered."""

    id: UUID
    digest: bytes | None = None
    answer: bytes | None = None


async def find(conn: AsyncConnection, ids: Iterable[UUID]) -> dict[UUID, Known]:
    """Which of these have been handled."""
    wanted = list(ids)
    if not wanted:
        return {}
    return {row.id: Known(*row) for row in await rows(conn, _find, {"ids": wanted})}


async def add(conn: AsyncConnection, keys: Sequence[Known], now: datetime) -> None:
    """Writes keys that `find` did not find; an `IntegrityError` would be a bug."""
    if keys:
        new = [{"id": key.id, "digest": key.digest, "answer": key.answer, "at": now} for key in keys]
        await run(conn, _insert, new)


async def purge(conn: AsyncConnection, before: datetime) -> int:
    """Removes at most `PURGE_SLICE` keys older than `before`; says how many, so call until it is 0."""
    old = select(_inbox.c.id).where(_inbox.c.at < before).order_by(_inbox.c.at).limit(PURGE_SLICE)
    return (await conn.execute(delete(_inbox).where(_inbox.c.id.in_(old.scalar_subquery())))).rowcount
