"""The database of MAX: what the kit keeps for it, and the parts of long messages that were sent."""

from __future__ import annotations

import json
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gateways.kit.aliases import aliases_table
from gateways.kit.attachments import uploads_table
from gateways.kit.channel import Sent
from gateways.kit.cursors import cursors_table
from gateways.kit.declared import declared_table
from gateways.kit.journal import journal_table
from gateways.kit.media import media_table
from gateways.kit.spool import spool_table
from gateways.max.people import GROUP, USER
from shared.db.lease import leases_table
from shared.db.types import Key

METADATA: Final = sa.MetaData()

spool: Final = spool_table(METADATA)
journal: Final = journal_table(METADATA)
declared: Final = declared_table(METADATA)
cursors: Final = cursors_table(METADATA)
media: Final = media_table(METADATA)
uploads: Final = uploads_table(METADATA)
leases: Final = leases_table(METADATA)
aliases: Final = aliases_table(METADATA)
pieces: Final = sa.Table(
    "pieces",
    METADATA,
    sa.Column("message_id", Key, primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True),
    sa.Column("external_id", sa.Text, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=True),
)
"""Of a message that became several there, those that MAX has, until the last one is sent."""

MOST_CHATS: Final = 1000


async def keep_piece(conn: AsyncConnection, message_id: UUID, place: int, sent: Sent) -> None:
    """MAX has it."""
    row = {"message_id": message_id, "place": place}
    said = {"external_id": sent.external_ids[0], "sequence": sent.sequence}
    await conn.execute(sa.insert(pieces).values(row | said))


async def sent_pieces(conn: AsyncConnection, message_id: UUID) -> dict[int, Sent]:
    """Those that MAX has, by their place from 0."""
    query = sa.select(pieces).where(pieces.c.message_id == message_id)
    return {row.place: Sent((row.external_id,), row.sequence) for row in await conn.execute(query)}


async def forget_pieces(conn: AsyncConnection, message_id: UUID) -> None:
    await conn.execute(sa.delete(pieces).where(pieces.c.message_id == message_id))


async def live_chats(conn: AsyncConnection, account: str, since: int) -> set[str]:
    """Chats with something since then (microseconds since 1970), as far as we know: those that we wrote to,
    and those that became known last."""
    written = (
        sa.select(journal.c.body)
        .where(journal.c.account == account, journal.c.at >= since, journal.c.part == 0)
        .order_by(journal.c.id.desc())
        .limit(MOST_CHATS)
    )
    known = (
        sa.select(aliases.c.chat)
        .where(aliases.c.account == account)
        .order_by(aliases.c.id.desc())
        .limit(MOST_CHATS)
    )
    chats = {
        str(json.loads(body)["data"]["dialog"]["chat"]) for body in (await conn.execute(written)).scalars()
    }
    chats |= set((await conn.execute(known)).scalars())
    return {chat for chat in chats if not chat.startswith(USER)}


async def next_group(conn: AsyncConnection, account: str, after: int) -> tuple[int, str] | None:
    """The first group that became known after this one, by its number."""
    query = (
        sa.select(aliases.c.id, aliases.c.chat)
        .where(aliases.c.account == account, aliases.c.id > after, aliases.c.alias.startswith(GROUP))
        .order_by(aliases.c.id)
        .limit(1)
    )
    row = (await conn.execute(query)).one_or_none()
    return None if row is None else (row.id, row.chat)
