"""What was begun to be sent, piece by piece: a long text becomes several messages of VK.

    begun (committed before VK is asked) ──▶ sent: its name at VK
         └──▶ forgotten: VK said that it did not take it

VK drops a repeat of the same `random_id` for about an hour. So a piece that was begun and of which nobody
knows is asked for again within that time, and after it nobody knows for good.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gateways.vk.tables import pieces
from shared.db.dialect import insert

REPEATS: Final = timedelta(minutes=50)
"""How long after the first try a repeat is surely dropped; VK says an hour of a sister method."""
KEPT: Final = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Piece:
    """`at`: when it was first begun; `cmid`: its name at VK, once it is known, with what it carries."""

    at: datetime
    cmid: str | None
    attachment: str

    def repeatable(self, now: datetime) -> bool:
        return now - self.at < REPEATS


def random_id(message: UUID, piece: int) -> int:
    """The number by which VK knows a repeat: 31 bits, never 0, the same for ever."""
    digest = blake2b(message.bytes + piece.to_bytes(4, "big"), digest_size=4, person=b"vk-random-id").digest()
    return int.from_bytes(digest, "big") & 0x7FFFFFFF or 1


async def begin(conn: AsyncConnection, message: UUID, piece: int, attachment: str, now: datetime) -> Piece:
    """The piece as it stands, begun now unless it was before."""
    row = {"message_id": message, "piece": piece, "attachment": attachment, "at": now}
    await conn.execute(insert(conn, pieces).values(row).on_conflict_do_nothing())
    return (await of(conn, message))[piece]


async def sent(conn: AsyncConnection, message: UUID, piece: int, cmid: str) -> None:
    await conn.execute(sa.update(pieces).where(*_named(message, piece)).values(cmid=cmid))


async def forget(conn: AsyncConnection, message: UUID, piece: int) -> None:
    """It was surely not sent."""
    await conn.execute(sa.delete(pieces).where(*_named(message, piece), pieces.c.cmid.is_(None)))


async def of(conn: AsyncConnection, message: UUID) -> dict[int, Piece]:
    """The pieces of a message that were begun."""
    rows = await conn.execute(sa.select(pieces).where(pieces.c.message_id == message))
    return {row.piece: Piece(row.at, row.cmid, row.attachment) for row in rows}


async def purge(conn: AsyncConnection, before: datetime) -> None:
    await conn.execute(sa.delete(pieces).where(pieces.c.at < before))


def _named(message: UUID, piece: int) -> tuple[sa.ColumnElement[bool], ...]:
    return pieces.c.message_id == message, pieces.c.piece == piece
