"""The router as a process: broker and database, the lease, the loop. One is active, others stand by."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from router.handlers import CATALOGUE, RouterHandler
from shared.bus.connection import Broker
from shared.bus.consumer import Consumer
from shared.bus.loop import run_loop
from shared.bus.publisher import Publisher
from shared.clock import SystemClock
from shared.db.engine import open_engine
from shared.db.lease import Lease
from shared.db.schema import require_current
from shared.failure import Unavailable
from shared.log import get_logger
from shared.readiness import broker_check, database_check, role_check
from shared.service import Service
from shared.topology import ROUTER_COMMANDS, ROUTER_CONTACTS, ROUTER_INBOUND

log = get_logger()

LEASE: Final = "router"
QUEUES: Final = (ROUTER_COMMANDS.name, ROUTER_INBOUND.name, ROUTER_CONTACTS.name)
"""In order of priority: commands first."""


async def serve(service: Service) -> None:
    """Sets the router up; the service runs it until it is told to stop."""
    settings = service.settings
    engine = await service.enter(_opened(settings.secret("database_url")), name="database")
    service.check("database", database_check(engine))
    await _migrated(engine)
    url, heartbeat = settings.secret("amqp_url"), settings.heartbeat_seconds
    broker = await service.enter(Broker(url, name="router", heartbeat_seconds=heartbeat), name="broker")
    service.check("broker", broker_check(broker))
    lease = Lease(engine, LEASE, settings.instance, settings.lease_seconds)
    service.check("role", role_check(lease))
    clock = SystemClock()
    loop = run_loop(
        engine=engine,
        lease=lease,
        broker=broker,
        publisher=Publisher(broker),
        consumer=Consumer(broker, QUEUES),
        handler=RouterHandler(broker, clock),
        decoder=CATALOGUE.decode,
        clock=clock,
        stopping=service.stopping,
    )
    service.spawn(loop, name="loop", grace=settings.drain_seconds / 2)


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(url)
    try:
        yield engine
    finally:
        await engine.dispose()


async def _migrated(engine: AsyncEngine) -> None:
    """Raises `SchemaMismatch` on another schema; a database that is away is waited for."""
    while True:
        try:
            return await require_current(engine, "router")
        except Unavailable as error:
            log.warning("database_awaited", reason=str(error))
            await asyncio.sleep(1)
