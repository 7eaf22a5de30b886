"""One transaction of the loop: fence, forget what is published, recognise, decide, write keys and outbox."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.bus import answers
from shared.bus.handler import Handler, Incoming, Outcome
from shared.bus.outgoing import Outgoing
from shared.bus.parking import parking_returned
from shared.bus.sender import Job, Sender
from shared.clock import Clock
from shared.contract.commands import Answer, Command
from shared.db import attempts, inbox, outbox
from shared.db.engine import reading, writing
from shared.db.inbox import Known
from shared.db.lease import Lease
from shared.faultpoint import reach, stumble
from shared.log import get_logger

log = get_logger()

PAGE: Final = 500
PURGE_EVERY: Final = timedelta(hours=1)


@dataclass(slots=True)
class _Sorted:
    """A batch after recognition: what is new, with its digests, and answers that need no decision."""

    fresh: list[Incoming] = field(default_factory=list)
    digests: dict[UUID, bytes | None] = field(default_factory=dict)
    answered: list[tuple[Incoming, Answer]] = field(default_factory=list)
    repeated: list[Incoming] = field(default_factory=list)
    """Commands that stand twice in this batch: they get the first one's answer."""


class Transactions:
    """The database side of the active process; a failed call has changed nothing, or nobody knows."""

    def __init__(
        self, engine: AsyncEngine, lease: Lease, handler: Handler, sender: Sender, clock: Clock
    ) -> None:
        self._engine = engine
        self._lease = lease
        self._handler = handler
        self._sender = sender
        self._clock = clock
        self._next_id = 1
        self._purge_at: datetime | None = None

    async def load(self, undo: Iterable[UUID] = ()) -> list[Job]:
        """The handler's memory and the leftovers of the outbox as jobs in order; drain the sender before."""
        async with writing(self._engine) as conn:
            for id_ in undo:
                await attempts.undo(conn, id_)
            await self._handler.load(conn)
            await self._lease.fence(conn)  # last: the row stays locked no longer than the commit takes
            self._next_id = max(self._next_id, await outbox.last_id(conn) + 1)
        jobs: list[Job] = []
        above = 0
        while True:
            async with reading(self._engine) as conn:
                page = await outbox.leftovers(conn, above, PAGE)
            if not page:
                return jobs
            above = page[-1][0]
            if rows := [row for row in page if not self._sent(row[0])]:
                jobs.extend(Job(rows=run) for run in _runs(rows))

    async def known(self, ids: Iterable[UUID]) -> set[UUID]:
        """Which of these have been handled."""
        async with reading(self._engine) as conn:
            return set(await inbox.find(conn, ids))

    async def begin_attempt(self, item: Incoming) -> int:
        """Counts a try of a delivery before it is made; its number, from 1."""
        async with writing(self._engine) as conn:
            await self._lease.fence(conn)
            return await attempts.begin(conn, item.id, self._clock.now())

    async def batch(self, items: Sequence[Incoming], finished: Sequence[UUID] = ()) -> Job:
        """Decides and commits a batch; the attempts of `finished` are counted no more."""
        now = self._clock.now()
        async with writing(self._engine) as conn:
            rows, done = await self._begin(conn, now)
            known = await inbox.find(conn, [item.id for item in items])
            batch = _sort(items, known, now)
            for item in batch.fresh:
                stumble(item.envelope.data)
            outcome = await self._handler.handle(conn, batch.fresh) if batch.fresh else Outcome()
            await inbox.add(conn, _keys(batch, outcome), now)
            if finished:
                await attempts.forget(conn, finished)
            rows += await self._write(conn, outcome, now)
        reach("after_commit")
        self._committed(done)
        replies = self._replies(batch, outcome, now)
        return Job(rows, done.parked, outcome.hints, replies, [item.delivery for item in items])

    async def tick(self) -> Job:
        """The handler's second, and once an hour a slice of what is too old."""
        now = self._clock.now()
        async with writing(self._engine) as conn:
            rows, done = await self._begin(conn, now)
            outcome = await self._handler.tick(conn, now)
            rows += await self._write(conn, outcome, now)
            await self._purge(conn, now)
        self._committed(done)
        return Job(rows, done.parked, outcome.hints, self._replies(_Sorted(), outcome, now))

    async def _begin(self, conn: AsyncConnection, now: datetime) -> tuple[list[tuple[int, Outgoing]], _Done]:
        await self._lease.fence(conn)
        done = _Done(len(self._sender.published), dict(self._sender.returned))
        await outbox.forget(conn, self._sender.published[: done.published])
        await outbox.forget(conn, [(id_, id_) for id_ in done.returned])
        replaced: list[Outgoing] = []
        for message in done.returned.values():
            instead = self._handler.unroutable(message)
            replaced += instead
            if not instead:
                done.parked.append(parking_returned(message, "unroutable", "no queue took it"))
        return await self._write(conn, Outcome(replaced), now), done

    async def _write(
        self, conn: AsyncConnection, outcome: Outcome, now: datetime
    ) -> list[tuple[int, Outgoing]]:
        rows = list(enumerate(outcome.outgoing, self._next_id))
        self._next_id += len(rows)
        await outbox.add(conn, rows, now)
        return rows

    def _committed(self, done: _Done) -> None:
        del self._sender.published[: done.published]
        for id_ in done.returned:
            del self._sender.returned[id_]

    def _replies(self, batch: _Sorted, outcome: Outcome, now: datetime) -> list[Outgoing]:
        pairs = list(batch.answered)
        decided = [item for item in (*batch.fresh, *batch.repeated) if item.id in outcome.answers]
        pairs.extend((item, outcome.answers[item.id]) for item in decided)
        return [
            answers.message(answer, item.delivery.reply_to, self._lease.name, now, item.envelope.traceparent)
            for item, answer in pairs
            if item.delivery.reply_to
        ]

    async def _purge(self, conn: AsyncConnection, now: datetime) -> None:
        if self._purge_at is not None and now < self._purge_at:
            return
        removed = await inbox.purge(conn, now - inbox.KEPT)
        if removed < inbox.PURGE_SLICE:
            await attempts.purge(conn, now - inbox.KEPT)
            self._purge_at = now + PURGE_EVERY

    def _sent(self, id_: int) -> bool:
        return id_ in self._sender.returned or any(
            first <= id_ <= last for first, last in self._sender.published
        )


@dataclass(slots=True)
class _Done:
    """What a transaction takes over from the sender, to be dropped after its commit."""

    published: int
    returned: dict[int, Outgoing]
    parked: list[Outgoing] = field(default_factory=list)


def _sort(items: Sequence[Incoming], known: dict[UUID, Known], now: datetime) -> _Sorted:
    batch = _Sorted()
    for item in items:
        asked = answers.digest(item.envelope)
        before = known.get(item.id)
        if before is not None or item.id in batch.digests:
            first = before.digest if before is not None else batch.digests[item.id]
            _repeat(batch, item, before, conflict=asked != first)
        elif isinstance(item.envelope.data, Command) and item.envelope.data.deadline < now:
            batch.answered.append((item, answers.refused(item.id, "expired")))
        else:
            batch.digests[item.id] = asked
            batch.fresh.append(item)
    return batch


def _repeat(batch: _Sorted, item: Incoming, before: Known | None, *, conflict: bool) -> None:
    """A known id: another act under it is a conflict, the same act gets the same answer."""
    if conflict:
        batch.answered.append((item, answers.refused(item.id, "conflict")))
    elif before is None:
        batch.repeated.append(item)
    elif before.answer is not None:
        batch.answered.append((item, answers.from_store_form(before.answer)))


def _keys(batch: _Sorted, outcome: Outcome) -> list[Known]:
    return [
        Known(id_, asked, answers.store_form(outcome.answers[id_]) if id_ in outcome.answers else None)
        for id_, asked in batch.digests.items()
    ]


def _runs(rows: Sequence[tuple[int, Outgoing]]) -> list[list[tuple[int, Outgoing]]]:
    """Rows cut where ids are missing: a job's ids are one range, and a range is forgotten whole."""
    runs: list[list[tuple[int, Outgoing]]] = []
    for row in rows:
        if runs and runs[-1][-1][0] + 1 == row[0]:
            runs[-1].append(row)
        else:
            runs.append([row])
    return runs
