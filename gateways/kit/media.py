"""Files that a fact names and that are still at the provider: one row each, which survives us.

    waiting ──▶ stored: `AttachmentStored` was told        a try is counted before it begins, so that a file
       └──────▶ failed: `AttachmentFailed` was told        that ends the process is not fetched for ever

A row is written in the transaction that makes its fact safe (gateways/kit/acceptance.py); the owner of the
account's lease fetches (gateways/kit/fetching.py).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contract.content import File
from shared.contract.ids import AttachmentId, fact_id
from shared.db.dialect import is_sqlite, micros_of
from shared.db.types import Json, Key

Way: TypeAlias = Literal["channel", "provider", "anywhere"]
"""`channel`: its `fetch` knows the reference. `provider`, `anywhere`: it is an address, made by the provider,
or written by a client; the latter leads to the open internet only, never to what the settings permit."""

Ended: TypeAlias = Literal["stored", "failed"]


def media_table(metadata: sa.MetaData) -> sa.Table:
    """The table `media`, added to a gateway's own metadata; its migration creates it."""
    return sa.Table(
        "media",
        metadata,
        sa.Column("attachment_id", Key, primary_key=True),
        sa.Column("message_id", Key, nullable=False),
        sa.Column("dialog_id", Key, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("way", sa.Text, nullable=False),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("file", Json, nullable=False),
        sa.Column("traceparent", sa.Text, nullable=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Index("media_due", "account", "state", "due_at"),
        sa.Index("media_at", "at"),
    )


_media: Final = media_table(sa.MetaData())


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file of a message, `pending` there, and where its bytes are: given with the fact's row."""

    message_id: UUID
    file: File
    reference: str
    way: Way = "channel"


@dataclass(frozen=True, slots=True)
class Job:
    """A wanted file as it stands in the table; `at` in microseconds since 1970, `tries` that have begun."""

    wanted: Wanted
    dialog_id: UUID
    account: str
    traceparent: str | None
    tries: int
    at: int

    @property
    def attachment_id(self) -> UUID:
        return self.wanted.file.attachment_id

    @property
    def blob(self) -> str:
        return str(self.attachment_id)


def attachment_id(message: UUID, place: int) -> AttachmentId:
    """The id of a message's file by its place, from 0: the same in every delivery of the message."""
    return AttachmentId(fact_id("attachment", str(message), str(place)))


@cache
def _insert(on_sqlite: bool) -> sqlite.Insert | postgresql.Insert:
    statement = sqlite.insert(_media) if on_sqlite else postgresql.insert(_media)
    return statement.values(at=micros_of(on_sqlite=on_sqlite)).on_conflict_do_nothing()


async def add(conn: AsyncConnection, jobs: Sequence[Job]) -> None:
    """Writes what is wanted; a file that stands there already stays as it is."""
    rows = [
        {
            "attachment_id": job.attachment_id,
            "message_id": job.wanted.message_id,
            "dialog_id": job.dialog_id,
            "account": job.account,
            "way": job.wanted.way,
            "reference": job.wanted.reference,
            "file": job.wanted.file.model_dump(mode="json"),
            "traceparent": job.traceparent,
            "state": "waiting",
            "tries": 0,
            "due_at": 0,
        }
        for job in jobs
    ]
    if rows:
        await conn.execute(_insert(is_sqlite(conn)), rows)


async def due(
    conn: AsyncConnection, account: str, now: int, limit: int, besides: Collection[UUID]
) -> list[Job]:
    """What may be fetched now, the longest waiting first; `besides` are being fetched."""
    query = (
        sa.select(_media)
        .where(
            _media.c.account == account,
            _media.c.state == "waiting",
            _media.c.due_at <= now,
            _media.c.attachment_id.not_in(besides),
        )
        .order_by(_media.c.due_at, _media.c.at)
        .limit(limit)
    )
    return [_job(row) for row in await conn.execute(query)]


async def begin(conn: AsyncConnection, jobs: Collection[Job]) -> None:
    """Counts one more try of each; committed before it begins."""
    if jobs:
        named = _media.c.attachment_id.in_([job.attachment_id for job in jobs])
        await conn.execute(sa.update(_media).where(named).values(tries=_media.c.tries + 1))


async def postpone(conn: AsyncConnection, job: Job, due_at: int, tries: int) -> None:
    """Not before `due_at`, in microseconds since 1970; `tries` that count against it."""
    mine = _media.c.attachment_id == job.attachment_id
    await conn.execute(sa.update(_media).where(mine).values(due_at=due_at, tries=tries))


async def finish(conn: AsyncConnection, job: Job, state: Ended) -> None:
    """Ends it, in the transaction of the fact that tells so."""
    mine = _media.c.attachment_id == job.attachment_id
    await conn.execute(sa.update(_media).where(mine).values(state=state, reference=""))


async def purge(conn: AsyncConnection, before: int) -> None:
    """Removes what ended and was written before this time, in microseconds since 1970."""
    await conn.execute(sa.delete(_media).where(_media.c.state != "waiting", _media.c.at < before))


async def states(conn: AsyncConnection) -> dict[str, int]:
    """How many files are in which state."""
    query = sa.select(_media.c.state, sa.func.count().label("files")).group_by(_media.c.state)
    return {row.state: row.files for row in await conn.execute(query)}


def _job(row: Any) -> Job:
    wanted = Wanted(row.message_id, File.model_validate(row.file), row.reference, row.way)
    return Job(wanted, row.dialog_id, row.account, row.traceparent, row.tries, row.at)
