"""What is to be sent through an account, safe in the gateway's database: the journal.

    queued ──▶ sending (committed before the provider is called) ──▶ sent ──▶ reported
                  │                                                   ▲
                  ├──▶ failed, unconfirmed ───────────────────────────┘ (reported too)
                  └──▶ queued again: later, or after a crash where the provider deduplicates

Order in a dialog, replies before bulk, pauses, expiry and withdrawal are queries on it and survive restarts.
A dialog with an entry in `sending` waits. Only the owner of the account's lease writes here. An entry is
known by an id and a part: see gateways/kit/acts.py; what is told of nobody goes to `reported` at once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.dialect import insert
from shared.db.types import Json, Key

State: TypeAlias = Literal["queued", "sending", "sent", "failed", "unconfirmed", "reported"]
Result: TypeAlias = Literal["queued", "sent", "failed", "unconfirmed", "reported"]
"""What a try may end in; `queued`: again, later; `reported`: done, and there is nothing to tell."""

ACT: Final = -1
"""The part of an act that is no message."""
WITHDRAWAL: Final = -2

INTERRUPTED: Final = "interrupted"
"""The code of an entry that is queued again though the provider may have it."""

KEPT_DAYS: Final = 30
"""A repeat of a delivery within these days changes nothing."""


def journal_table(metadata: sa.MetaData) -> sa.Table:
    """The table `journal`, added to a gateway's own metadata; its migration creates it."""
    return sa.Table(
        "journal",
        metadata,
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True
        ),
        sa.Column("message_id", Key, nullable=False),
        sa.Column("part", sa.Integer, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("dialog_id", Key, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("bulk", sa.Boolean, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("not_after", sa.BigInteger, nullable=False),
        sa.Column("paused_until", sa.BigInteger, nullable=False),
        sa.Column("external_ids", Json, nullable=True),
        sa.Column("code", sa.Text, nullable=True),
        sa.Column("words", sa.Text, nullable=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("message_id", "part"),
        sa.Index("journal_state", "account", "state", "dialog_id", "id"),
        sa.Index("journal_at", "at"),
    )


_journal: Final = journal_table(sa.MetaData())


@dataclass(frozen=True, slots=True)
class Entry:
    """An act that was taken from the outbound queue; times are microseconds since 1970."""

    message_id: UUID
    account: str
    dialog_id: UUID
    bulk: bool
    body: bytes
    not_after: int
    part: int = 0
    interrupted: bool = False
    """It waits to be sent again, and the provider may have it already."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an entry: its next state, and what is known about it."""

    entry: Entry
    state: Result
    external_ids: tuple[str, ...] = ()
    sequence: int | None = None
    code: str | None = None
    words: str | None = None
    paused_until: int = 0


async def add(conn: AsyncConnection, entries: Sequence[Entry], now: int) -> None:
    """Queues entries in this order; one that has been here stays as it is."""
    if not entries:
        return
    blank = {"state": "queued", "paused_until": 0, "at": now}
    rows = [
        {
            "message_id": entry.message_id,
            "part": entry.part,
            "account": entry.account,
            "dialog_id": entry.dialog_id,
            "bulk": entry.bulk,
            "body": entry.body,
            "not_after": entry.not_after,
            **blank,
        }
        for entry in entries
    ]
    await conn.execute(insert(conn, _journal).on_conflict_do_nothing(), rows)


async def due(conn: AsyncConnection, account: str, now: int, limit: int) -> list[Entry]:
    """The first waiting entry of each dialog that has none in `sending` and is not paused, oldest first."""
    place = sa.func.row_number().over(
        partition_by=_journal.c.dialog_id,
        order_by=((_journal.c.state == "sending").desc(), _journal.c.bulk, _journal.c.id),
    )
    ranked = (
        sa.select(_journal, place.label("place"))
        .where(
            _journal.c.account == account,
            _journal.c.state.in_(("queued", "sending")),
            _journal.c.part != WITHDRAWAL,
        )
        .subquery()
    )
    heads = (
        sa.select(ranked)
        .where(ranked.c.place == 1, ranked.c.state == "queued", ranked.c.paused_until <= now)
        .order_by(ranked.c.bulk, ranked.c.id)
        .limit(limit)
    )
    return [entry_of(row) for row in await conn.execute(heads)]


async def overdue(conn: AsyncConnection, account: str, now: int, limit: int) -> list[Entry]:
    """Waiting entries whose time is over, wherever they stand in their dialogs, oldest first."""
    query = (
        sa.select(_journal)
        .where(
            _journal.c.account == account,
            _journal.c.state == "queued",
            _journal.c.part != WITHDRAWAL,
            _journal.c.not_after < now,
        )
        .order_by(_journal.c.id)
        .limit(limit)
    )
    return [entry_of(row) for row in await conn.execute(query)]


async def mark_sending(conn: AsyncConnection, entries: Collection[Entry]) -> None:
    """Committed before the provider is called, so that a crash is seen."""
    if entries:
        named = _journal.c.message_id.in_([entry.message_id for entry in entries])
        waiting = sa.update(_journal).where(named, _journal.c.state == "queued")
        await conn.execute(waiting.where(_journal.c.part != WITHDRAWAL).values(state="sending"))


async def finish(conn: AsyncConnection, outcomes: Sequence[Outcome]) -> None:
    """Writes what became of entries that were in `sending`."""
    if not outcomes:
        return
    statement = (
        sa.update(_journal)
        .where(
            _journal.c.message_id == sa.bindparam("of_message"),
            _journal.c.part == sa.bindparam("of_part"),
            sa.or_(_journal.c.state == "queued", _journal.c.state == "sending"),
        )
        .values(
            {
                name: sa.bindparam(f"new_{name}")
                for name in ("state", "external_ids", "code", "words", "paused_until")
            }
        )
    )
    rows = [
        {
            "of_message": outcome.entry.message_id,
            "of_part": outcome.entry.part,
            "new_state": outcome.state,
            "new_external_ids": list(outcome.external_ids) or None,
            "new_code": outcome.code,
            "new_words": outcome.words,
            "new_paused_until": outcome.paused_until,
        }
        for outcome in outcomes
    ]
    await conn.execute(statement, rows)


async def withdrawals(conn: AsyncConnection, account: str) -> list[Entry]:
    """Withdrawals that nobody has looked at, oldest first."""
    query = (
        sa.select(_journal)
        .where(_journal.c.account == account, _journal.c.state == "queued", _journal.c.part == WITHDRAWAL)
        .order_by(_journal.c.id)
    )
    return [entry_of(row) for row in await conn.execute(query)]


async def interrupted(conn: AsyncConnection, account: str) -> list[Entry]:
    """What a former owner left in `sending`, oldest first."""
    query = (
        sa.select(_journal)
        .where(_journal.c.account == account, _journal.c.state == "sending")
        .order_by(_journal.c.id)
    )
    return [entry_of(row) for row in await conn.execute(query)]


async def mark_reported(conn: AsyncConnection, messages: Collection[UUID]) -> None:
    """The broker has the facts about these messages."""
    if messages:
        await conn.execute(
            sa.update(_journal)
            .where(
                _journal.c.message_id.in_(messages), _journal.c.state.in_(("sent", "failed", "unconfirmed"))
            )
            .values(state="reported")
        )


async def purge(conn: AsyncConnection, before: int) -> None:
    """Removes what was reported and taken before this time, in microseconds since 1970."""
    await conn.execute(sa.delete(_journal).where(_journal.c.state == "reported", _journal.c.at < before))


async def states(conn: AsyncConnection, account: str) -> dict[str, int]:
    """How many entries of an account are in which state, `reported` left out."""
    query = (
        sa.select(_journal.c.state, sa.func.count().label("messages"))
        .where(_journal.c.account == account, _journal.c.state != "reported")
        .group_by(_journal.c.state)
    )
    return {row.state: row.messages for row in await conn.execute(query)}


def entry_of(row: Any) -> Entry:
    """The entry that a row of the table is."""
    return Entry(
        row.message_id,
        row.account,
        row.dialog_id,
        row.bulk,
        row.body,
        row.not_after,
        row.part,
        row.state == "queued" and row.code == INTERRUPTED,
    )
