"""The feed: what changed, gapless by `seq`. The table is the feed; its copy on the bus is only a hint.

`seq` comes from one counter row that is read and raised in the writer's own transaction. A row carries the
entity's whole state after the change and who could see it before and after. Rows live for a week.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import Text, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.bus.outgoing import Outgoing
from shared.contract.feed import Entity, FeedHead, FeedPage, FeedRow
from shared.db.direct import rows, run
from shared.topology import FEED, feed_key
from store.sights import SightText
from store.tables import feed, feed_head
from store.views import View

KEPT: Final = timedelta(days=7)
PRUNE_SLICE: Final = 2000
"""Rows that one tick removes at most, so that the writer is never held up."""
ROW_TYPE: Final = "feed.row.v1"
HEAD_TYPE: Final = "feed.head.v1"

_insert: Final = insert(feed).values(
    {name: bindparam(name, type_=Text) for name in ("before", "after", "state")}
)
"""Those three come as JSON and are not encoded again."""


_move: Final = (
    update(feed_head)
    .where(feed_head.c.id == 1, feed_head.c.seq == bindparam("start"))
    .values(seq=bindparam("new_seq"), contacts=bindparam("new_contacts"))
)
_counters: Final = select(feed_head.c.seq, feed_head.c.contacts)


class FeedMoved(Exception):
    """Somebody else wrote the feed in our transaction: a second writer past the lease. Nothing is kept."""


class Change(NamedTuple):
    """A row before it is written: sights and state are JSON already, made once for table and bus."""

    seq: int
    entity: Entity
    id: str
    what: str
    version: int
    parent: str | None
    before: str | None
    after: str | None
    state: str
    command_id: UUID | None
    traceparent: str | None


class FeedLog:
    """The rows of one transaction, numbered on from the counter."""

    def __init__(self, head: int, at: datetime) -> None:
        self._start = head
        self._at = at
        self.changes: list[Change] = []

    @property
    def head(self) -> int:
        return self._start + len(self.changes)

    def add(
        self,
        entity: Entity,
        id_: object,
        what: str,
        state: View,
        *,
        version: int,
        before: SightText | None,
        after: SightText | None,
        parent: UUID | None = None,
        cause: UUID | None = None,
        traceparent: str | None = None,
    ) -> None:
        """One change; `before` is absent for what is new."""
        above = None if parent is None else str(parent)
        said = state.model_dump_json()
        row = (self.head + 1, entity, str(id_), what, version, above, before, after, said, cause, traceparent)
        self.changes.append(Change(*row))

    async def write(self, conn: AsyncConnection, contacts: int) -> None:
        """Writes the rows and raises the counters; `contacts` is the last number given to a contact."""
        moved = {"start": self._start, "new_seq": self.head, "new_contacts": contacts}
        if await run(conn, _move, moved) != 1:
            raise FeedMoved(f"the feed is not at {self._start} any more")
        if self.changes:
            await run(conn, _insert, [{**one._asdict(), "at": self._at} for one in self.changes])

    def hints(self) -> list[Outgoing]:
        """The copies for the bus; transient."""
        at = to_json(self._at)
        return [
            Outgoing(
                FEED, feed_key(one.entity, one.what), _body(one, at), str(one.seq), ROW_TYPE, persistent=False
            )
            for one in self.changes
        ]


def _body(change: Change, at: bytes) -> bytes:
    """A `FeedRow` as JSON, put together from what is JSON already."""
    fields: dict[str, Any] = {
        "seq": change.seq,
        "entity": change.entity,
        "id": change.id,
        "what": change.what,
        "version": change.version,
    }
    for name in ("parent", "command_id", "traceparent"):
        if (value := getattr(change, name)) is not None:
            fields[name] = value
    ready = "".join(
        f',"{name}":{text}'
        for name in ("before", "after", "state")
        if (text := getattr(change, name)) is not None
    )
    return b"".join((to_json(fields)[:-1], b',"at":', at, ready.encode(), b"}"))


def head_hint(head: int) -> Outgoing:
    """`feed.head`, repeated each second: who has less fetches the rest."""
    body = FeedHead(head=head).model_dump_json().encode()
    return Outgoing(FEED, feed_key("feed", "head"), body, str(head), HEAD_TYPE, persistent=False)


async def counters(conn: AsyncConnection) -> tuple[int, int]:
    """The last `seq`, and the last number given to a contact."""
    [row] = await rows(conn, _counters)
    return row.seq, row.contacts


async def head(conn: AsyncConnection) -> int:
    """The `seq` that everything read in this transaction is of."""
    seq: int = (await conn.execute(select(feed_head.c.seq))).scalar_one()
    return seq


async def page(conn: AsyncConnection, after: int, limit: int) -> FeedPage:
    """Rows after `after`, oldest first."""
    last = await head(conn)
    oldest = (await conn.execute(select(func.min(feed.c.seq)))).scalar()
    found = await conn.execute(select(feed).where(feed.c.seq > after).order_by(feed.c.seq).limit(limit))
    items = tuple(FeedRow.model_validate(dict(row)) for row in found.mappings())
    return FeedPage(head=last, oldest=last + 1 if oldest is None else oldest, items=items)


async def prune(conn: AsyncConnection, before: datetime) -> int:
    """Removes at most `PRUNE_SLICE` rows older than `before`; says how many."""
    oldest = select(feed.c.seq, feed.c.at).order_by(feed.c.seq).limit(PRUNE_SLICE)
    over = _last_before([(row.seq, row.at) for row in await conn.execute(oldest)], before)
    if over is None:
        return 0
    return (await conn.execute(delete(feed).where(feed.c.seq <= over))).rowcount


def _last_before(rows: Sequence[tuple[int, datetime]], before: datetime) -> int | None:
    """The last of the leading rows that are too old: `seq` and time rise together."""
    last = None
    for seq, at in rows:
        if at >= before:
            break
        last = seq
    return last
