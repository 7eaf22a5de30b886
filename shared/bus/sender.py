"""After the commit: publish in order, tell, answer, acknowledge; one committed transaction after another.

It runs beside the next transaction, so that waiting for confirms costs no throughput; the order of commits
stays the order of publishing. Rows that the broker has are `published` and go away with the next transaction.
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
from shared.faultpoint import reach
from shared.log import get_logger
from shared.metrics import OUTBOX_OLDEST, OUTBOX_PENDING
from shared.topology import OUTBOUND

log = get_logger()

AHEAD: Final = 2
"""Committed transactions that may wait to be published."""


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
    """Does jobs in order while `run` runs; `guard` raises when this process is no longer active."""

    def __init__(self, publisher: Publisher, consumer: Consumer, guard: Callable[[], None]) -> None:
        self.published: list[tuple[int, int]] = []
        """Ranges of outbox ids that the broker has; the owner removes them from the front."""
        self.returned: dict[int, Outgoing] = {}
        """Outbound rows that no queue took; the owner replaces them in a transaction."""
        self._publisher = publisher
        self._consumer = consumer
        self._guard = guard
        self._jobs: asyncio.Queue[Job] = asyncio.Queue(AHEAD)

    async def put(self, job: Job) -> None:
        """Hands over the next job; waits while `AHEAD` others are waiting."""
        OUTBOX_PENDING.inc(len(job.rows))
        await self._jobs.put(job)

    async def drained(self) -> None:
        """Waits until every job is done."""
        await self._jobs.join()

    async def run(self) -> None:
        """Until cancelled; what it was about to do is found in the outbox by whoever is active next."""
        while True:
            job = await self._jobs.get()
            await self._do(job)
            OUTBOX_PENDING.dec(len(job.rows))
            OUTBOX_OLDEST.set(time.monotonic() - job.committed_at if self._jobs.qsize() else 0)
            self._jobs.task_done()

    async def _do(self, job: Job) -> None:
        await self._park(job.parked)
        if job.rows:
            await self._publish(job.rows)
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

    async def _publish(self, rows: Sequence[tuple[int, Outgoing]]) -> None:
        messages = [message for _, message in rows]
        results = await self._publisher.publish_in_order(messages, guard=self._guard)
        first = rows[0][0]
        for (id_, message), unroutable in zip(rows, results, strict=True):
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

    async def _park(self, messages: Sequence[Outgoing]) -> None:
        """Parks for sure: a missing parking queue is an outage, not one more thing to give up on."""
        left = list(messages)
        while left:
            results = await self._publisher.publish_in_order(left, guard=self._guard)
            left = [message for message, result in zip(left, results, strict=True) if result is not None]
            if left:
                log.error("parking_queue_missing", waiting=len(left))
                await asyncio.sleep(1)
