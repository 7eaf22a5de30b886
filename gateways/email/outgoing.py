"""What we began to send: a name that never changes, and whether the server may have it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gateways.email.tables import outgoing
from shared.db.dialect import insert

KEPT: Final = 40 * 86_400_000_000
"""Longer than the journal repeats anything, in microseconds."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """`began_at`: when it was handed over without anybody knowing the end, in microseconds since 1970."""

    name: str
    began_at: int | None
    sent: bool
    refusals: int
    new: bool


async def of(conn: AsyncConnection, message: UUID, name: str, now: int) -> Outgoing:
    """What is known of a message; `name` is its Message-ID if it had none before."""
    fresh = {"message_id": message, "name": name, "began_at": None, "sent": False, "refusals": 0, "at": now}
    added = await conn.execute(insert(conn, outgoing).on_conflict_do_nothing(), fresh)
    query = sa.select(outgoing).where(outgoing.c.message_id == message)
    row = (await conn.execute(query)).one()
    return Outgoing(row.name, row.began_at, bool(row.sent), row.refusals, new=added.rowcount == 1)


async def begin(conn: AsyncConnection, message: UUID, now: int) -> None:
    """Committed before the mail itself leaves us."""
    mine = outgoing.c.message_id == message
    await conn.execute(sa.update(outgoing).where(mine).values(began_at=now))


async def refused(conn: AsyncConnection, message: UUID) -> None:
    """The server surely has not taken it."""
    mine = outgoing.c.message_id == message
    changes = {"began_at": None, "refusals": outgoing.c.refusals + 1}
    await conn.execute(sa.update(outgoing).where(mine).values(changes))


async def done(conn: AsyncConnection, message: UUID) -> None:
    """The server has it: whatever comes after that, it is not sent again."""
    await conn.execute(sa.update(outgoing).where(outgoing.c.message_id == message).values(sent=True))


async def purge(conn: AsyncConnection, now: int) -> None:
    """Forgets what nothing can ask for any more."""
    await conn.execute(sa.delete(outgoing).where(outgoing.c.at < now - KEPT))
