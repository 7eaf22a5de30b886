"""Which accounts this gateway has declared to the router, kept so that it can take them back."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.dialect import insert


def declared_table(metadata: sa.MetaData) -> sa.Table:
    """The table `declared`, added to a gateway's own metadata; its migration creates it."""
    return sa.Table(
        "declared",
        metadata,
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
    )


_declared: Final = declared_table(sa.MetaData())


async def remember(conn: AsyncConnection, account: str, name: str) -> None:
    row = insert(conn, _declared).values(account=account, name=name)
    await conn.execute(row.on_conflict_do_update(index_elements=["account"], set_={"name": name}))


async def known(conn: AsyncConnection) -> dict[str, str]:
    """Accounts by slug, with their names."""
    return {row.account: row.name for row in await conn.execute(sa.select(_declared))}


async def forget(conn: AsyncConnection, account: str) -> None:
    await conn.execute(sa.delete(_declared).where(_declared.c.account == account))
