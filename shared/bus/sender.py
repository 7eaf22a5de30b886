"""After the commit: publish in order, tell, answer, acknowledge; one committed transaction after another.

It runs beside the next transactions, and sends the messages of one before those of the former are confirmed:
waiting for confirms costs no throughput, and the order of commits stays the order of publishing. Rows that
the broker has are `published` and go away with the next transaction.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from shared.bus.consumer import Consumer, Delivery
from shared.bus.outgoing import Outgoing
from shared.bus.parking import parking_returned
from shared.bus.publisher import Publisher
from shared.bus.stream import Answers
from shared.faultpoint import reach
from shared.log import get_logger
from shared.metrics import OUTBOX_OLDEST, OUTBOX_PENDING
from shared.topology import OUTBOUND

log = get_logger()

AHEAD: Final = 8
"""Committed transactions that may wait to be confirmed."""


@dataclass(slots=True)
class Job:
    """What one committed transaction leaves to do."""

    rows: Sequence[tuple[int, Outgoing]] = ()
    parked: Sequence[Outgoing] = ()
    hints: Sequence[Outgoing] = ()
    answers: Sequence[Outgoing] = ()
    deliveries: Sequence[Delivery] = ()
    committed_at: float = field(default_factory=time.monotonic)


class Sender:
    """Does jobs in order while `publish` and `finish` run; `guard` raises when we are no longer active."""

    def __init__(self, publisher: Publisher, consumer: Consumer, guard: Callable[[], None]) -> None:
        self.published: list[tuple[int, int]] = []
        """Ranges of outbox ids that the broker has; the owner removes them from the front."""
        self.returned: dict[int, Outgoing] = {}
        """Outbound rows that no queue took; the owner replaces them in a transaction."""
        self._publisher = publisher
        self._consumer = consumer
        self._guard = guard
        self._stream = publisher.stream(guard)
        self._jobs: asyncio.Queue[tuple[Job, asyncio.Future[Answers]]] = asyncio.Queue(AHEAD)

    async def put(self, job: Job) -> None:
        """Hands over the next job; waits while `AHEAD` others are waiting."""
        OUTBOX_PENDING.inc(len(job.rows))
        answers = self._stream.put([*job.parked, *(message for _, message in job.rows)])
        await self._jobs.put((job, answers))

    async def drained(self) -> None:
        """Waits until every job is done."""
        await self._jobs.join()

    async def publish(self) -> None:
        """Until cancelled; what it was about to do is found in the outbox by whoever is active next."""
        await self._stream.run()

    async def finish(self) -> None:
        """Until cancelled, beside `publish`: what follows when a job's messages are confirmed."""
        while True:
            job, answers = await self._jobs.get()
            await self._finish(job, await answers)
            OUTBOX_PENDING.dec(len(job.rows))
            OUTBOX_OLDEST.set(time.monotonic() - job.committed_at if self._jobs.qsize() else 0)
            self._jobs.task_done()

    async def _finish(self, job: Job, answers: Answers) -> None:
        returned = zip(job.parked, answers, strict=False)
        await self._park([message for message, unroutable in returned if unroutable is not None])
        if job.rows:
            await self._published(job.rows, answers[len(job.parked) :])
            reach("after_publish")
        for hint in job.hints:
            self._publisher.announce(hint)
        if job.answers:
            reach("before_answer")
        for answer in job.answers:
            self._publisher.announce(answer)
        if job.deliveries:
            reach("before_ack")
            await self._consumer.settle(job.deliveries)

    async def _published(self, rows: Sequence[tuple[int, Outgoing]], answers: Answers) -> None:
        first = rows[0][0]
        for (id_, message), unroutable in zip(rows, answers, strict=True):
            if unroutable is None:
                continue
            log.warning("message_unroutable", exchange=message.exchange, routing_key=message.routing_key)
            if message.exchange != OUTBOUND:
                await self._park([parking_returned(message, "unroutable", str(unroutable))])
                continue
            self.returned[id_] = message
            if first < id_:
                self.published.append((first, id_ - 1))
            first = id_ + 1
        if first <= rows[-1][0]:
            self.published.append((first, rows[-1][0]))
        if self.returned:
            self._consumer.interrupt()

    async def _park(self, left: Sequence[Outgoing]) -> None:
        """Parks for sure: a missing parking queue is an outage, not one more thing to give up on."""
        while left:
            log.error("parking_queue_missing", waiting=len(left))
            await asyncio.sleep(1)
            results = await self._publisher.publish_in_order(left, guard=self._guard)
            left = [message for message, result in zip(left, results, strict=True) if result is not None]
