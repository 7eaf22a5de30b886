"""The store as processes: `write`, of which one is active and others stand by, and `serve`, any number.

Checks are named last: a process is not ready before it does its work.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final, cast

from sqlalchemy.ext.asyncio import AsyncEngine

from shared.bus.connection import Broker
from shared.bus.loop import run_loop
from shared.bus.publisher import Publisher
from shared.clock import SystemClock
from shared.db.engine import open_engine
from shared.db.lease import Lease
from shared.db.schema import require_current
from shared.failure import Unavailable
from shared.files.blobs import Blobs
from shared.http.server import HttpServer
from shared.log import get_logger
from shared.readiness import broker_check, database_check, role_check
from shared.service import Service
from store.api.application import application
from store.catalogue import CATALOGUE
from store.retention import keep_removing
from store.settings import ServerSettings, WriterSettings
from store.writer import QUEUES, StoreConsumer, StoreWriter

log = get_logger()

LEASE: Final = "store"


async def write(service: Service) -> None:
    """Sets the writer up; the service runs it until it is told to stop."""
    settings = cast(WriterSettings, service.settings)
    blobs = Blobs.open(settings.blobs_url)
    engine = await _database(service)
    url, heartbeat = settings.secret("amqp_url"), settings.heartbeat_seconds
    broker = await service.enter(Broker(url, name="store", heartbeat_seconds=heartbeat), name="broker")
    lease = Lease(engine, LEASE, settings.instance, settings.lease_seconds)
    clock = SystemClock()
    loop = run_loop(
        engine=engine,
        lease=lease,
        broker=broker,
        publisher=Publisher(broker),
        consumer=StoreConsumer(broker, QUEUES),
        handler=StoreWriter(clock, timedelta(days=settings.files_kept_days)),
        decoder=CATALOGUE.decode,
        clock=clock,
        stopping=service.stopping,
    )
    service.spawn(loop, name="loop", grace=settings.drain_seconds / 2)
    service.spawn(keep_removing(engine, blobs, lease, clock), name="files")
    service.check("database", database_check(engine))
    service.check("broker", broker_check(broker))
    service.check("role", role_check(lease))


async def serve(service: Service) -> None:
    """Sets the server of queries up; the service runs it until it is told to stop."""
    settings = cast(ServerSettings, service.settings)
    engine = await _database(service)
    app = application(engine, lambda: settings.secret("service_token"))
    server = await service.enter(HttpServer(app, settings.http_host, settings.http_port), name="queries")
    service.check("database", database_check(engine))
    log.info("queries_served", url=server.url)


async def _database(service: Service) -> AsyncEngine:
    """The database, at the schema of this version; one that is away is waited for."""
    engine = await service.enter(_opened(service.settings.secret("database_url")), name="database")
    while True:
        try:
            await require_current(engine, "store")
            return engine
        except Unavailable as error:
            log.warning("database_awaited", reason=str(error))
            await asyncio.sleep(1)


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(url)
    try:
        yield engine
    finally:
        await engine.dispose()
