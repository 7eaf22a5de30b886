"""Other names of a chat (BY13): a group whose id changed, a person whose id was learned.

A dialog is known by the first name that its chat had, the canonical one: each alias leads to it in one step,
however long the chain by which the names followed each other. What an alias was first learned to mean, it
means for ever: a repeat changes nothing, and two dialogs never become one backwards.

    learn(a ← b), learn(b ← c)      b → a, c → a      latest(a) = c
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.dialect import is_sqlite


def aliases_table(metadata: sa.MetaData) -> sa.Table:
    """The table `aliases`, added to a channel's own metadata where it needs it; its migration creates it."""
    return sa.Table(
        "aliases",
        metadata,
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True
        ),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("alias", sa.Text, nullable=False),
        sa.Column("chat", sa.Text, nullable=False),
        sa.UniqueConstraint("account", "alias"),
        sa.Index("aliases_chat", "account", "chat", "id"),
    )


_aliases: Final = aliases_table(sa.MetaData())


@dataclass(frozen=True, slots=True)
class Alias:
    """`alias` names the same chat as `chat` does, which may be an alias itself."""

    alias: str
    chat: str


async def known(conn: AsyncConnection, account: str, chats: Collection[str]) -> dict[str, str]:
    """The canonical names of those of these chats that are aliases."""
    if not chats:
        return {}
    query = sa.select(_aliases.c.alias, _aliases.c.chat).where(
        _aliases.c.account == account, _aliases.c.alias.in_(set(chats))
    )
    return {row.alias: row.chat for row in await conn.execute(query)}


async def learn(conn: AsyncConnection, account: str, aliases: Sequence[Alias]) -> None:
    """Keeps them, in this order, in the transaction that makes safe what they came with."""
    if not aliases:
        return
    if not is_sqlite(conn):  # two who learn at once could close a ring, each unseen by the other
        await conn.execute(sa.text("LOCK TABLE aliases IN SHARE ROW EXCLUSIVE MODE"))
    for one in aliases:
        await _learn(conn, account, one)


async def latest(conn: AsyncConnection, account: str, chat: str) -> str:
    """The name by which the provider knows a canonical chat now: its newest alias, or its own."""
    query = (
        sa.select(_aliases.c.alias)
        .where(_aliases.c.account == account, _aliases.c.chat == chat)
        .order_by(_aliases.c.id.desc())
        .limit(1)
    )
    newest: str | None = (await conn.execute(query)).scalar_one_or_none()
    return chat if newest is None else newest


async def _learn(conn: AsyncConnection, account: str, one: Alias) -> None:
    meant = await known(conn, account, (one.alias, one.chat))
    canonical = meant.get(one.chat, one.chat)
    if one.alias in meant or one.alias == canonical:
        return
    mine = _aliases.c.account == account
    await conn.execute(sa.insert(_aliases).values(account=account, alias=one.alias, chat=canonical))
    await conn.execute(sa.update(_aliases).where(mine, _aliases.c.chat == one.alias).values(chat=canonical))
