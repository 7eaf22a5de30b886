"""How often a delivery has been tried: committed before the try, so that a crash counts too."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Column, Integer, MetaData, Table, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.dialect import insert
from shared.db.types import Instant, Key


def attempts_table(metadata: MetaData) -> Table:
    """The table `attempts`, added to a service's own metadata; its migration creates it."""
    return Table(
        "attempts",
        metadata,
        Column("id", Key, primary_key=True),
        Column("number", Integer, nullable=False),
        Column("at", Instant, nullable=False, index=True),
    )


_attempts: Final = attempts_table(MetaData())


async def begin(conn: AsyncConnection, id_: UUID, now: datetime) -> int:
    """Counts one more attempt; its number, from 1."""
    first = insert(conn, _attempts).values(id=id_, number=1, at=now)
    again = first.on_conflict_do_update(
        index_elements=[_attempts.c.id], set_={"number": _attempts.c.number + 1, "at": now}
    )
    return int((await conn.execute(again.returning(_attempts.c.number))).scalar_one())


async def undo(conn: AsyncConnection, id_: UUID) -> None:
    """Takes back the last attempt: it ended by an outage, which is nobody's fault."""
    down = update(_attempts).where(_attempts.c.id == id_, _attempts.c.number > 0)
    await conn.execute(down.values(number=_attempts.c.number - 1))


async def count(conn: AsyncConnection, id_: UUID) -> int:
    """Attempts so far."""
    return (await conn.execute(select(_attempts.c.number).where(_attempts.c.id == id_))).scalar() or 0


async def forget(conn: AsyncConnection, ids: Iterable[UUID]) -> None:
    """Removes the counters of deliveries that are handled or parked."""
    await conn.execute(delete(_attempts).where(_attempts.c.id.in_(list(ids))))


async def purge(conn: AsyncConnection, before: datetime) -> int:
    """Removes counters that nobody came back for."""
    return (await conn.execute(delete(_attempts).where(_attempts.c.at < before))).rowcount
