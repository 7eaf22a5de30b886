"""What a journal has given up: entries that failed or that nobody confirmed, and taking them up again.

    failed, unconfirmed ──▶ reported, with its code ──revive──▶ queued, with another day to live

What was refused before it left us, or was taken back, is not dead: it would only be refused again. An entry
that is `reported` is nobody's any more, so any replica may queue it again without the account's lease.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gateways.kit import acts
from gateways.kit.journal import WITHDRAWAL, Entry, entry_of, journal_table
from shared.contract.envelope import Envelope
from shared.contract.outbound import Act
from shared.db.types import from_micros, to_micros

_NEVER_LEFT: Final = ("withdrawn", "not_possible", "message_not_sent")
"""Codes of entries that no other try would change."""

_journal: Final = journal_table(sa.MetaData())
_dead: Final = (
    _journal.c.state == "reported",
    _journal.c.code.is_not(None),
    _journal.c.code.not_in(_NEVER_LEFT),
    _journal.c.part != WITHDRAWAL,
)


@dataclass(frozen=True, slots=True)
class Dead:
    """An act that was given up; `number` is its place in the journal, `taken_at` when it came to us."""

    number: int
    entry: Entry
    code: str
    words: str | None
    taken_at: datetime

    @property
    def act(self) -> Envelope[Act]:
        return acts.decode(self.entry)


async def dead(
    conn: AsyncConnection,
    account: str,
    *,
    after: int = 0,
    limit: int = 100,
    ids: Collection[UUID] | None = None,
) -> list[Dead]:
    """In the order in which they came; `ids`: only these, of messages or of other acts."""
    query = sa.select(_journal).where(_journal.c.account == account, _journal.c.id > after, *_dead)
    if ids is not None:
        query = query.where(_journal.c.message_id.in_(ids))
    return [
        Dead(
            row.id,
            entry_of(row),
            row.code,
            row.words,
            from_micros(row.at),
        )
        for row in await conn.execute(query.order_by(_journal.c.id).limit(limit))
    ]


async def revive(conn: AsyncConnection, entries: Sequence[Dead], not_after: datetime) -> list[Entry]:
    """Queues them again, at their old places in their dialogs; those that were still dead."""
    revived: list[Entry] = []
    for one in entries:
        act = one.act
        data = act.data.model_copy(update={"not_after": not_after})
        body = act.model_copy(update={"data": data}).encode()
        changed = sa.update(_journal).where(_journal.c.id == one.number, *_dead)
        done = await conn.execute(
            changed.values(
                state="queued",
                body=body,
                not_after=to_micros(not_after),
                paused_until=0,
                external_ids=None,
                code=None,
                words=None,
            )
        )
        if done.rowcount:
            revived.append(replace(one.entry, body=body, not_after=to_micros(not_after)))
    return revived
