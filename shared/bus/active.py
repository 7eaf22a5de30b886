"""The active process at work; ARCHITECTURE, "How a message is handled", is its specification.

An outage is waited out in place and is nobody's attempt. A batch that fails by our own bug is tried one by
one; a redelivered delivery is tried alone, its attempt number committed before, so that a crash counts; the
fifth failure parks it. While one is being tried its subject waits behind it, and everybody else goes on.
"""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar
from uuid import UUID

from shared.bus.connection import BROKER_FAILURES, Broker, pause_seconds
from shared.bus.consumer import Consumer, Delivery
from shared.bus.handler import Decoder, Incoming
from shared.bus.parking import parking_message
from shared.bus.sender import Job, Sender
from shared.bus.transaction import Transactions
from shared.bus.waiting_room import WaitingRoom
from shared.db.lease import Lease
from shared.failure import MAX_ATTEMPTS, LeaseLost, Unavailable, Undecodable
from shared.log import get_logger

log = get_logger()

TICK_SECONDS: Final = 1.0
BROKER_AWAY_SECONDS: Final = 3.0
"""Without the broker for so long the lease is given up: another process may reach it."""
LATEST_TICK_SECONDS: Final = 30.0
"""A tick waits so long for deliveries that are in a queue and do not come."""
FIRST_RETRY_SECONDS: Final = 0.1


T = TypeVar("T")


class _OurBug(Exception):
    """A transaction failed though nothing was away; the cause is what was raised."""


class Active:
    """From acquiring the lease to losing it; `run` may be called again after the next acquisition."""

    def __init__(
        self,
        lease: Lease,
        broker: Broker,
        consumer: Consumer,
        decoder: Decoder,
        new_transactions: Callable[[Sender], Transactions],
        new_sender: Callable[[], Sender],
        stopping: asyncio.Event,
        patience_seconds: float,
    ) -> None:
        self._lease = lease
        self._broker = broker
        self._consumer = consumer
        self._decoder = decoder
        self._stopping = stopping
        self._patience_seconds = patience_seconds
        self._new_sender = new_sender
        self._new_transactions = new_transactions
        self._undo: set[UUID] = set()

    async def run(self) -> None:
        """Works until `stopping` is set, or raises an exception group with `LeaseLost`."""
        self._sender = self._new_sender()
        self._transactions = self._new_transactions(self._sender)
        self._room = WaitingRoom()
        self._finished: list[UUID] = []
        grace = 3 * self._broker.heartbeat_seconds if self._lease.inherited else 0
        self._tick_at, self._before_tick = time.monotonic() + grace, -1
        self._tick_failures = 0
        async with asyncio.TaskGroup() as group:
            keepers = [
                group.create_task(self._lease.hold()),
                group.create_task(self._watch()),
                group.create_task(self._sender.publish()),
                group.create_task(self._sender.finish()),
            ]
            await self._wait_out(self._load)
            self._consumer.resume()
            while not self._stopping.is_set():
                await self._turn()
            await self._sender.drained()
            for keeper in keepers:
                keeper.cancel()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(0.2)
            if self._broker.away_seconds > BROKER_AWAY_SECONDS:
                raise LeaseLost(f"the broker was not reached for {BROKER_AWAY_SECONDS:g} s")
            if self._stopping.is_set():
                self._consumer.interrupt()

    async def _turn(self) -> None:
        due = min(self._tick_at, self._room.next_due() or self._tick_at)
        batch = await self._consumer.next_batch(max(0.02, due - time.monotonic()))
        self._room.forget(lambda item: not self._consumer.current(item.delivery))
        await self._items(await self._decode(batch))
        for item in self._room.due(time.monotonic()):
            await self._alone(item)
        await self._tick(len(batch))

    async def _decode(self, batch: Sequence[Delivery]) -> list[Incoming]:
        """What the deliveries say; those that say nothing are parked at once."""
        items: list[Incoming] = []
        for delivery in batch:
            try:
                items.append(Incoming(delivery, self._decoder(delivery.body, delivery.type)))
            except Undecodable as error:
                await self._park(delivery, "undecodable", error.reason)
            except Exception as error:  # noqa: BLE001 - bytes that a decoder stumbles over are as final
                await self._park(delivery, "undecodable", f"{type(error).__name__}: {error}")
        return items

    async def _items(self, items: Sequence[Incoming]) -> None:
        """Handles deliveries in order: new ones together, redelivered ones that are not known alone."""
        again = [item.id for item in items if item.delivery.redelivered]
        known: set[UUID] = set()
        if again:
            known = await self._wait_out(lambda: self._transactions.known(again))
        together: list[Incoming] = []
        for item in items:
            if self._room.holds(item.subject):
                self._room.wait(item)
            elif item.delivery.redelivered and item.id not in known:
                await self._together(together)
                together = []
                await self._first_alone(item)
            else:
                together.append(item)
        await self._together(together)

    async def _together(self, items: Sequence[Incoming]) -> None:
        if not items:
            return
        try:
            await self._batch(items)
            return
        except _OurBug as bug:
            if len(items) == 1:
                await self._failed(items[0], bug, await self._count(items[0]))
                return
        for item in items:
            if self._room.holds(item.subject):
                self._room.wait(item)
                continue
            try:
                await self._batch([item])
            except _OurBug as bug:
                await self._failed(item, bug, await self._count(item))

    async def _first_alone(self, item: Incoming) -> None:
        """A redelivered delivery, unless the one before it in this batch has made its subject wait."""
        if self._room.holds(item.subject):
            self._room.wait(item)
        else:
            await self._alone(item)

    async def _alone(self, item: Incoming) -> None:
        """One counted try; when it ends well, what waited behind it follows."""
        number = await self._count(item)
        if number > MAX_ATTEMPTS:
            words = f"the process ended during each of {MAX_ATTEMPTS} attempts"
            await self._give_up(item, "crashed", words)
            return
        try:
            await self._batch([item], finished=[item.id])
        except _OurBug as bug:
            await self._failed(item, bug, number)
            return
        except BaseException:
            self._undo.add(item.id)  # the lease was lost or we are stopped: no attempt
            raise
        await self._items(self._room.release(item.subject))

    async def _failed(self, item: Incoming, bug: _OurBug, number: int) -> None:
        error = bug.__cause__ or bug
        if number >= MAX_ATTEMPTS:
            where = "".join(
                traceback.format_tb(error.__traceback__)
            )  # without the words: they may quote a text
            log.error("delivery_failed_for_good", error=type(error).__name__, traceback=where)
            await self._give_up(item, "failed", "".join(traceback.format_exception(error)))
            return
        log.warning(
            "delivery_failed",
            message_id=str(item.id),
            type=item.envelope.type,
            attempt=number,
            error=type(error).__name__,
        )
        self._room.hold(item, time.monotonic() + FIRST_RETRY_SECONDS * 2 ** (number - 1))

    async def _give_up(self, item: Incoming, reason: str, error: str) -> None:
        await self._park(item.delivery, reason, error)
        self._finished.append(item.id)
        await self._items(self._room.release(item.subject))

    async def _park(self, delivery: Delivery, reason: str, error: str) -> None:
        log.error(
            "delivery_parked",
            queue=delivery.queue,
            message_id=delivery.message_id,
            reason=reason,
        )
        await self._sender.put(Job(parked=[parking_message(delivery, reason, error)], deliveries=[delivery]))

    async def _count(self, item: Incoming) -> int:
        return await self._wait_out(lambda: self._transactions.begin_attempt(item))

    async def _batch(self, items: Sequence[Incoming], finished: Sequence[UUID] = ()) -> None:
        """Commits and hands on; raises `_OurBug` with the memory built anew."""
        finished = [*finished, *self._finished]
        await self._sender.put(
            await self._wait_out(lambda: self._decided(self._transactions.batch(items, finished)))
        )
        self._finished = []

    async def _decided(self, work: Awaitable[Job]) -> Job:
        try:
            return await work
        except (LeaseLost, Unavailable):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a bug of ours with a fate
            bug = _OurBug()
            bug.__cause__ = error
        await self._wait_out(self._load)
        raise bug

    async def _load(self) -> None:
        await self._sender.drained()
        for job in await self._transactions.load(self._undo):
            await self._sender.put(job)
        self._undo.clear()
        await self._sender.drained()

    async def _wait_out(self, work: Callable[[], Awaitable[T]]) -> T:
        """`work`, again and again until nothing is away; after an outage the memory is built anew first."""
        since, failures, paused = time.monotonic(), 0, False
        while True:
            try:
                if failures and work != self._load:
                    await self._load()
                result = await work()
            except Unavailable as error:
                failures += 1
                log.warning("outage_waited_out", failures=failures, reason=str(error))
                if not paused and time.monotonic() - since > self._patience_seconds:
                    paused = True
                    await self._consumer.pause()
                await asyncio.sleep(pause_seconds(failures))
                continue
            if paused:
                self._consumer.resume()
            return result

    async def _tick(self, handled: int) -> None:
        """Once a second, after everything that was waiting when it fell due."""
        if time.monotonic() < self._tick_at or await self._behind(handled):
            return
        delay = TICK_SECONDS
        try:
            await self._sender.put(await self._wait_out(lambda: self._decided(self._transactions.tick())))
            self._tick_failures = 0
        except _OurBug as bug:
            self._tick_failures += 1
            delay = min(60.0, TICK_SECONDS * 2**self._tick_failures)
            log.exception("tick_failed", failures=self._tick_failures, exc_info=bug.__cause__)
        self._tick_at = time.monotonic() + delay
        self._before_tick = -1

    async def _behind(self, handled: int) -> bool:
        """Whether deliveries that were waiting when the tick fell due are not handled yet."""
        if self._before_tick > 0 and handled:
            self._before_tick -= handled
        else:
            try:
                self._before_tick = await self._consumer.depth()
            except BROKER_FAILURES:
                return True
        if self._before_tick <= 0:
            return False
        if time.monotonic() - self._tick_at > LATEST_TICK_SECONDS and not handled:
            log.warning("tick_forced", waiting=self._before_tick)  # they wait, but nobody gives them to us
            return False
        return True
