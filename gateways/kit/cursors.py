"""Where we stand in what a provider has to tell: a word of the provider's, kept for each account and source.

Written in the transaction that makes safe what lies before it, so that it never runs ahead of the facts.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.dialect import upsert


def cursors_table(metadata: sa.MetaData) -> sa.Table:
    """The table `cursors`, added to a gateway's own metadata; its migration creates it."""
    return sa.Table(
        "cursors",
        metadata,
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )


_cursors: Final = cursors_table(sa.MetaData())


async def load_cursor(conn: AsyncConnection, account: str, source: str) -> str | None:
    """The cursor as it was last saved; absent before the first page."""
    mine = (_cursors.c.account == account, _cursors.c.source == source)
    return (await conn.execute(sa.select(_cursors.c.value).where(*mine))).scalar_one_or_none()


async def save_cursor(conn: AsyncConnection, account: str, source: str, value: str) -> None:
    """Moves it, within the caller's transaction."""
    await conn.execute(upsert(conn, _cursors), {"account": account, "source": source, "value": value})
