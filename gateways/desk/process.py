"""The desk as a process: store, database, broker, the feed's end, then the door. It stops in reverse."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final, cast

from aiohttp import web
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from gateways.desk import guessing, sessions, uploads
from gateways.desk.acts import Acts, Dialogs
from gateways.desk.admission import Admission, Origins
from gateways.desk.api import application
from gateways.desk.api.desk import Desk
from gateways.desk.attendance import Attendance
from gateways.desk.counters import Counters
from gateways.desk.page import serve_page
from gateways.desk.passwords import Passwords
from gateways.desk.presence import Presence
from gateways.desk.sessions import Life
from gateways.desk.settings import DeskSettings
from gateways.desk.signin import SignIn
from gateways.desk.sockets import Sockets
from gateways.desk.store_client import StoreClient
from gateways.desk.switched_off import revoke_switched_off
from gateways.desk.tail import FeedTail
from gateways.desk.typists import Typists
from gateways.desk.viewers import Viewers
from shared.bus.call import Caller
from shared.bus.connection import Broker
from shared.bus.publisher import Publisher
from shared.clock import SystemClock
from shared.db.engine import open_engine, reading, writing
from shared.db.schema import require_current
from shared.failure import Unavailable
from shared.files.blobs import Blobs
from shared.health import OK, Health, degraded, failed
from shared.http.server import HttpServer
from shared.log import get_logger
from shared.service import Service

log = get_logger()

PACKAGE: Final = "gateways.desk"
SWEEP_SECONDS: Final = 600.0


async def serve(service: Service) -> None:
    """Sets the desk up; the service runs it until it is told to stop."""
    settings = cast(DeskSettings, service.settings)
    engine = await service.enter(_opened(settings.secret("database_url")), name="database")
    await _migrated(engine)
    store = await service.enter(StoreClient(settings.store_url, lambda: settings.secret("service_token")))
    url, heartbeat = settings.secret("amqp_url"), settings.heartbeat_seconds
    broker = await service.enter(Broker(url, name="desk", heartbeat_seconds=heartbeat), name="broker")
    passwords = await service.enter(Passwords())
    publisher = Publisher(broker)
    blobs = Blobs.open(settings.blobs_url)
    desk = put_together(settings, engine, store, Caller(broker, publisher), publisher, passwords, blobs)
    service.spawn(desk.tail.run(broker), name="feed")
    service.spawn(desk.typists.run(broker), name="typing")
    service.spawn(_sweep(desk), name="sweep")
    service.spawn(revoke_switched_off(desk), name="switched off")
    presence = Presence(publisher, desk.sockets, desk.clock, settings.instance)
    service.spawn(presence.run(), name="presence")
    service.spawn(desk.sockets.watch(engine, desk.life, desk.clock), name="sessions")
    server = HttpServer(whole(desk, settings), settings.http_host, settings.http_port)
    await service.enter(server, name="http")
    service.on_stop(desk.sockets.close_all, name="live connections")
    _checks(service, desk, broker)
    log.info("workplace_listens", url=server.url, origins=sorted(desk.origins.allowed))


def put_together(
    settings: DeskSettings,
    engine: AsyncEngine,
    store: StoreClient,
    caller: Caller,
    publisher: Publisher,
    passwords: Passwords,
    blobs: Blobs,
) -> Desk:
    """The parts of a desk, none of them at work yet."""
    clock = SystemClock()
    viewers = Viewers(store)
    life = Life(timedelta(hours=settings.session_idle_hours), timedelta(days=settings.session_days))
    tail = FeedTail(store, settings.feed_rows)
    sockets = Sockets()
    return Desk(
        engine=engine,
        clock=clock,
        life=life,
        store=store,
        viewers=viewers,
        counters=Counters(store),
        tail=tail,
        sockets=sockets,
        acts=Acts(caller, tail, clock),
        dialogs=Dialogs(store),
        attendance=Attendance(publisher, clock),
        typists=Typists(publisher, store, sockets, tail),
        blobs=blobs,
        sign_in=SignIn(engine, passwords, viewers, clock),
        admission=Admission(engine, viewers, life, clock),
        origins=Origins(settings.origins, settings.trusted_proxies),
    )


def whole(desk: Desk, settings: DeskSettings) -> web.Application:
    """The API under /api and the page everywhere else."""
    app = web.Application()
    app.add_subapp("/api", application(desk))
    serve_page(app, settings.page_folder, desk.origins)
    return app


def _checks(service: Service, desk: Desk, broker: Broker) -> None:
    """Ready to sign people in and to show them something; the broker's absence only degrades that."""

    async def database() -> Health:
        try:
            async with reading(desk.engine) as conn:
                await conn.execute(text("SELECT 1"))
        except Unavailable as error:
            return failed(str(error))
        return OK

    async def feed() -> Health:
        if not desk.tail.started.is_set():
            return failed("the store has not been reached yet")
        return degraded("the store is silent") if desk.tail.late else OK

    async def messaging() -> Health:
        return OK if broker.connected else degraded(broker.trouble or "not connected yet")

    service.check("database", database)
    service.check("feed", feed)
    service.check("broker", messaging)


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
            return await require_current(engine, PACKAGE)
        except Unavailable as error:
            log.warning("database_awaited", reason=str(error))
            await asyncio.sleep(1)


async def _sweep(desk: Desk) -> None:
    """Forgets what has ended by itself: sessions, tickets, guesses, uploads, who is not at work any more."""
    while True:
        try:
            async with writing(desk.engine) as conn:
                await sessions.sweep(conn, desk.life, desk.clock.now())
                await guessing.sweep(conn, desk.clock.now())
            await uploads.sweep(desk.engine, desk.blobs, desk.clock.now())
        except Unavailable as error:
            log.warning("sweep_put_off", reason=str(error))
        desk.viewers.sweep()
        desk.counters.sweep()
        await asyncio.sleep(SWEEP_SECONDS)
