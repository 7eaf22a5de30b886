"""The batch loop of router and store writer: stand by, become active, work, lose it, stand by again."""

from __future__ import annotations

import asyncio

from sqlalchemy.ext.asyncio import AsyncEngine

from shared.bus.active import Active
from shared.bus.connection import Broker
from shared.bus.consumer import Consumer
from shared.bus.handler import Decoder, Handler, Incoming, Outcome
from shared.bus.publisher import Publisher
from shared.bus.sender import Sender
from shared.bus.transaction import Transactions
from shared.clock import Clock
from shared.db.lease import Lease
from shared.failure import LeaseLost
from shared.log import get_logger

__all__ = ["Decoder", "Handler", "Incoming", "Outcome", "run_loop"]

log = get_logger()


async def run_loop(
    *,
    engine: AsyncEngine,
    lease: Lease,
    broker: Broker,
    publisher: Publisher,
    consumer: Consumer,
    handler: Handler,
    decoder: Decoder,
    clock: Clock,
    stopping: asyncio.Event | None = None,
    patience_seconds: float = 300.0,
) -> None:
    """Runs until `stopping` is set, then finishes what is in hand; or until cancelled, which is as safe.

    Only the holder of the lease consumes. It gives up what it holds when the lease is lost, or when database
    or broker were not reached for 3 s, and stands by. An outage that is waited out in place (SQLite locked,
    its disk full) closes the channels once after `patience_seconds`; nothing is consumed until it is over.
    """
    stopping = stopping or asyncio.Event()
    active = Active(
        lease,
        broker,
        consumer,
        decoder,
        lambda sender: Transactions(engine, lease, handler, sender, clock),
        lambda: Sender(publisher, consumer, lease.check),
        stopping,
        patience_seconds,
    )
    try:
        while not stopping.is_set():
            await consumer.pause()
            if await _our_turn(broker, lease, stopping):
                await _while_held(active)
            await lease.release()
    finally:
        await consumer.pause()
        await lease.release()


async def _while_held(active: Active) -> None:
    try:
        await active.run()
    except* LeaseLost as lost:
        log.warning("standing_by", reason=str(lost.exceptions[0]))


async def _our_turn(broker: Broker, lease: Lease, stopping: asyncio.Event) -> bool:
    """Waits for broker and lease; False when told to stop before."""

    async def turn() -> None:
        await broker.ready()
        await lease.acquire()

    async with asyncio.TaskGroup() as group:
        waiting = [group.create_task(turn()), group.create_task(stopping.wait())]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
    return not stopping.is_set()
