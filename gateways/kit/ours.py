"""Messages of ours as they stand in the journal: what is known of some, and the last ones of a dialog."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gateways.kit.journal import INTERRUPTED, Entry, State, entry_of, journal_table

_journal: Final = journal_table(sa.MetaData())


@dataclass(frozen=True, slots=True)
class Message:
    """One of them."""

    entry: Entry
    state: State
    external_ids: tuple[str, ...]
    code: str | None


async def known(conn: AsyncConnection, ids: Collection[UUID]) -> dict[UUID, Message]:
    """What is known of these messages; absent: they never were here, or long ago."""
    if not ids:
        return {}
    query = sa.select(_journal).where(_journal.c.message_id.in_(ids), _journal.c.part == 0)
    return {row.message_id: _of(row) for row in await conn.execute(query)}


async def latest(
    conn: AsyncConnection, account: str, dialog_id: UUID, limit: int, soon: int
) -> list[Message]:
    """The last messages of a dialog that are or may be with the provider, newest first.

    Of those that wait to be repeated, only those that are by `soon`.
    """
    query = (
        sa.select(_journal)
        .where(
            _journal.c.account == account,
            _journal.c.dialog_id == dialog_id,
            sa.or_(
                _journal.c.state.in_(("sending", "sent", "unconfirmed", "reported")),
                sa.and_(
                    _journal.c.state == "queued",
                    _journal.c.code == INTERRUPTED,
                    _journal.c.paused_until <= soon,
                ),
            ),
            _journal.c.part == 0,
        )
        .order_by(_journal.c.id.desc())
        .limit(limit)
    )
    return [_of(row) for row in await conn.execute(query)]


def _of(row: Any) -> Message:
    return Message(entry_of(row), row.state, tuple(row.external_ids or ()), row.code)
