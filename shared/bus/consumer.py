"""Consuming several durable queues: deliveries in batches, acknowledged only through what delivered them.

Each queue has a channel of its own, so its tags are its own and one acknowledgement covers all below. A
channel that is lost takes its deliveries with it before anything else happens: tags start again at 1, and a
stale one would silently acknowledge a stranger. Nothing is ever rejected; closing gives all back in order.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from pamqp.commands import Basic

from shared.bus.connection import BROKER_FAILURES, CLOSE_SECONDS, Broker, Connection, pause_seconds
from shared.bus.delivery_channel import DeliveryChannel
from shared.log import get_logger
from shared.metrics import CONSUME, REDELIVERED

log = get_logger()

Deliver: TypeAlias = Basic.Deliver
Properties: TypeAlias = Basic.Properties

OPEN_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message from a queue; `generation` names the channel that brought it, `tag` counts within that."""

    queue: str
    tag: int
    generation: int
    exchange: str
    routing_key: str
    body: bytes
    message_id: str
    type: str = ""
    redelivered: bool = False
    headers: Mapping[str, Any] = field(default_factory=dict)
    reply_to: str | None = None
    correlation_id: str | None = None
    received_at: float = 0.0


class Consumer:
    """`queues` in order of priority, up to `prefetch` unacknowledged deliveries from each."""

    def __init__(
        self, broker: Broker, queues: Sequence[str], *, prefetch: int = 400, batch: int = 200
    ) -> None:
        self._broker = broker
        self._batch = batch
        self._interrupted = False
        self._wake = asyncio.Event()
        self._consuming = asyncio.Event()
        self._consuming.set()
        generations = itertools.count(1)
        self._sources = {queue: _Source(queue, prefetch, generations, self._wake) for queue in queues}

    @property
    def waiting(self) -> int:
        """Deliveries that are here and not yet taken."""
        return sum(len(source.buffer) for source in self._sources.values())

    async def next_batch(self, timeout: float | None = None) -> list[Delivery]:
        """What is waiting, up to `batch`, queues of higher priority first; waits for at least one.

        Empty only after `timeout` seconds, or after `interrupt`.
        """
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            self._wake.clear()
            again_at = await self._open(until)
            batch = self._take()
            if batch or self._interrupted or (until is not None and time.monotonic() >= until):
                self._interrupted = False
                return batch
            await self._sleep(min((at for at in (again_at, until) if at is not None), default=None))

    def interrupt(self) -> None:
        """Makes a waiting `next_batch` return at once."""
        self._interrupted = True
        self._wake.set()

    async def settle(self, deliveries: Iterable[Delivery]) -> None:
        """These are safe: committed, or parked. Those of a channel that is gone are left to its successor."""
        touched: set[str] = set()
        for delivery in deliveries:
            source = self._sources[delivery.queue]
            if delivery.generation == source.generation:
                source.settled.add(delivery.tag)
                touched.add(delivery.queue)
        for queue in touched:
            await self._sources[queue].acknowledge()

    def current(self, delivery: Delivery) -> bool:
        """Whether the channel that brought it still is the one in use."""
        return delivery.generation == self._sources[delivery.queue].generation

    async def depth(self) -> int:
        """Messages that wait in the queues and here now; raises a broker failure when it is away."""
        ready = [await source.ready() for source in self._sources.values()]
        return sum(ready) + self.waiting  # counted last: what was on its way meanwhile has arrived

    async def pause(self) -> None:
        """Closes the channels once: everything unacknowledged goes back, in order."""
        self._consuming.clear()
        for source in self._sources.values():
            await source.close()

    def resume(self) -> None:
        """Consumes again from the next `next_batch` on."""
        self._consuming.set()
        self._wake.set()

    async def _open(self, until: float | None) -> float | None:
        """Opens the channels that are not; says when to try again those that failed."""
        if not self._consuming.is_set():
            return None
        shut = [source for source in self._sources.values() if not source.open]
        if not shut:
            return None
        try:
            async with asyncio.timeout(None if until is None else max(0.0, until - time.monotonic())):
                connection = await self._broker.consuming()
        except TimeoutError:
            return None
        for source in shut:
            await source.try_open(connection, self._broker)
        return min((source.again_at for source in shut if not source.open), default=None)

    async def _sleep(self, until: float | None) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(None if until is None else max(0.0, until - time.monotonic())):
                await self._wake.wait()

    def _take(self) -> list[Delivery]:
        batch: list[Delivery] = []
        for source in self._sources.values():
            while source.buffer and len(batch) < self._batch:
                batch.append(source.buffer.popleft())
        return batch


class _Source:
    """One queue: its channel, what came through it, and what of that is settled."""

    def __init__(
        self, queue: str, prefetch: int, generations: itertools.count[int], wake: asyncio.Event
    ) -> None:
        self.queue = queue
        self.generation = 0
        self.buffer: deque[Delivery] = deque()
        self.settled: set[int] = set()
        self.again_at = 0.0
        self._failures = 0
        self._prefetch = prefetch
        self._generations = generations
        self._wake = wake
        self._channel: DeliveryChannel | None = None
        self._cancelled: list[DeliveryChannel] = []
        self._unsettled: deque[tuple[int, float]] = deque()
        self._seconds = CONSUME.labels(queue)

    @property
    def open(self) -> bool:
        return self._channel is not None

    async def try_open(self, connection: Connection, broker: Broker) -> None:
        """Consumes through a new channel; a failure is logged and tried again after a pause."""
        if time.monotonic() < self.again_at:
            return
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                if self._failures and broker.publish_link.up:
                    await broker.restore()  # perhaps somebody deleted the queue
                while self._cancelled:
                    await self._cancelled.pop().close()
                await self._consume(connection)
            self._failures = 0
            log.info("queue_consumed", queue=self.queue, generation=self.generation)
        except BROKER_FAILURES as error:
            await self.close()
            self._failures += 1
            self.again_at = time.monotonic() + pause_seconds(self._failures)
            log.warning("queue_not_consumed", queue=self.queue, reason=f"{type(error).__name__}: {error}")

    async def _consume(self, connection: Connection) -> None:
        generation = next(self._generations)

        def received(frame: Deliver, properties: Properties, body: bytes) -> None:
            if generation == self.generation:
                self._receive(frame, properties, body)

        channel = await DeliveryChannel.open_on(connection, received)
        self._channel, self.generation = channel, generation
        channel.closing.add_done_callback(lambda _: self._lost(generation))
        channel.on_consumer_cancel_callbacks.add(lambda _: self._cancel(generation))
        await channel.start(self.queue, self._prefetch)

    def _receive(self, frame: Deliver, properties: Properties, body: bytes) -> None:
        now = time.monotonic()
        tag = int(frame.delivery_tag or 0)
        if frame.redelivered:
            REDELIVERED.labels(self.queue).inc()
        self._unsettled.append((tag, now))
        self.buffer.append(
            Delivery(
                queue=self.queue,
                tag=tag,
                generation=self.generation,
                exchange=frame.exchange or "",
                routing_key=frame.routing_key or "",
                body=body,
                message_id=properties.message_id or "",
                type=properties.message_type or "",
                redelivered=bool(frame.redelivered),
                headers=properties.headers or {},
                reply_to=properties.reply_to,
                correlation_id=properties.correlation_id,
                received_at=now,
            )
        )
        self._wake.set()

    async def acknowledge(self) -> None:
        """Acknowledges up to the highest tag below which all is settled.

        Behind a delivery that is tried for long, what is settled is acknowledged one by one, before it fills
        the prefetch and stops the queue.
        """
        last, now = 0, time.monotonic()
        while self._unsettled and self._unsettled[0][0] in self.settled:
            last, received_at = self._unsettled.popleft()
            self.settled.discard(last)
            self._seconds.observe(now - received_at)
        if last and self._channel is not None:
            with suppress(*BROKER_FAILURES):  # lost this instant: it will be delivered again, and recognised
                await self._channel.basic_ack(last, multiple=True, wait=False)
        if len(self.settled) > self._prefetch // 2:
            await self._acknowledge_singly()

    async def _acknowledge_singly(self) -> None:
        settled, self.settled = self.settled, set()
        self._unsettled = deque(entry for entry in self._unsettled if entry[0] not in settled)
        with suppress(*BROKER_FAILURES):
            for tag in sorted(settled):
                if self._channel is not None:
                    await self._channel.basic_ack(tag, wait=False)

    async def ready(self) -> int:
        """Messages that wait in the queue and are with nobody."""
        if self._channel is None:
            return 0
        return (await self._channel.queue_declare(self.queue, passive=True)).message_count or 0

    async def close(self) -> None:
        """Gives back everything unacknowledged."""
        channel = self._channel
        self._lost(self.generation)
        if channel is not None:
            with suppress(*BROKER_FAILURES):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await channel.close()

    def _cancel(self, generation: int) -> None:
        """The broker ended the consumer (its queue was deleted, or moved): another channel takes its place,
        and this one is closed then, so that it keeps nothing."""
        if generation == self.generation and self._channel is not None:
            log.warning("queue_cancelled", queue=self.queue)
            self._cancelled.append(self._channel)
            self._lost(generation)

    def _lost(self, generation: int) -> None:
        """Forgets what came through a channel: first of all, and once."""
        if generation != self.generation or self._channel is None:
            return
        self.generation, self._channel = -generation, None
        self.buffer.clear()
        self._unsettled.clear()
        self.settled.clear()
        self._wake.set()
