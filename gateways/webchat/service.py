"""The process of the web chat: it starts as a column that is read downwards, and stops in reverse."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Collection, Sequence
from typing import Final, cast

from gateways.kit.accounts import read_accounts
from gateways.kit.courier import Courier
from gateways.kit.host import Host, Parts
from gateways.kit.readiness import broker_health, database_health, measure, wait_for_schema
from gateways.kit.transactions import Transactions
from gateways.webchat import mailbox
from gateways.webchat.channel import Webchat
from gateways.webchat.downloads import Downloads
from gateways.webchat.guest import Chat
from gateways.webchat.handover import Handover
from gateways.webchat.hints import PATTERN, Hints
from gateways.webchat.leftovers import Leftovers
from gateways.webchat.location import Locations
from gateways.webchat.poll import Polls
from gateways.webchat.rate import Rate
from gateways.webchat.reception import Reception
from gateways.webchat.resumption import Resumption
from gateways.webchat.server import Doors, Server
from gateways.webchat.settings import WebchatSettings
from gateways.webchat.site import Site, Sites, with_identity_secrets
from gateways.webchat.sockets import Sockets
from gateways.webchat.uploads import Uploads
from gateways.webchat.writing import PATTERN as WRITING
from gateways.webchat.writing import Writing
from shared.bus.connection import Broker
from shared.bus.listener import Listener
from shared.bus.publisher import Publisher
from shared.clock import SystemClock
from shared.db.engine import open_engine
from shared.environment import ConfigError
from shared.files.blobs import Blobs
from shared.log import get_logger, protect
from shared.service import Service
from shared.topology import LIVE

log = get_logger()

PACKAGE: Final = "gateways.webchat"
DRAIN_SECONDS: Final = 8.0
FLUSH_SECONDS: Final = 5.0
REMARKS: Final = (60, 20.0)
"""What a visitor may tell beside messages: so many in so many seconds."""

Follow = Callable[[Sequence[Site]], None]
"""Told which sites there are from now on."""


def read_sites(settings: WebchatSettings, channels: Collection[str]) -> list[Site]:
    """The sites of the accounts file; raises `ConfigError` with a line for each mistake."""
    sites = read_accounts(
        settings.accounts_file, mailbox.CHANNEL, Site, channels=channels, unique=("slug", "site_key")
    )
    return with_identity_secrets(sites, settings.accounts_file, os.environ)


async def serve(service: Service, channels: Collection[str]) -> None:
    """Everything of one replica."""
    settings = cast(WebchatSettings, service.settings)
    sites = Sites(accounts := read_sites(settings, channels))
    blobs = Blobs.open(settings.blobs_url)
    engine = open_engine(settings.database_url.get_secret_value())
    service.on_stop(engine.dispose, name="database")
    await wait_for_schema(engine, PACKAGE)
    transactions, clock = Transactions(engine), SystemClock()
    broker = await service.enter(_broker(settings))
    publisher = Publisher(broker)
    sockets = Sockets(engine)
    handover = Handover(sockets)
    courier = Courier(transactions, publisher, handed_over=handover.done)
    service.spawn(courier.run(), name="courier")
    service.on_stop(lambda: courier.flush(FLUSH_SECONDS), name="courier's rest")
    hints = Hints(publisher, sockets, engine)
    reception = Reception(transactions, courier, clock, handover.committed, hints.fresh)
    service.spawn(reception.run(), name="reception")
    resumption = Resumption(engine)
    parts = Parts(
        mailbox.CHANNEL, Webchat.capabilities, settings, transactions, broker, publisher, courier, clock
    )
    host = Host(parts, lambda _site: Webchat(reception, transactions))
    service.spawn(host.run(service.stopping), name="accounts", grace=DRAIN_SECONDS, may_end=True)
    writing = Writing(publisher, sockets)
    for name, work in {
        "resumption": resumption.run(),
        "pump": sockets.pump(),
        "heartbeat": sockets.beat(),
        "handover": handover.run(),
        "sweep": hints.sweep(),
        "hints": Listener(broker, [(LIVE, PATTERN)], hints.heard, hints.missed).run(),
        "typing": Listener(broker, [(LIVE, WRITING)], writing.heard).run(),
        "measure": measure(mailbox.CHANNEL, transactions),
        "leftovers": Leftovers(blobs, transactions, clock).run(),
    }.items():
        service.spawn(work, name=name)
    rate, remarks = Rate(settings.rate_messages, settings.rate_seconds), Rate(*REMARKS)
    locations = Locations(settings.location_file)
    chat = Chat(sites, sockets, reception, resumption, writing, rate, remarks, locations, clock)
    doors = open_doors(chat, blobs, settings, transactions)
    await service.enter(Server(chat, doors, settings.http_host, settings.http_port))
    follow = following(sites, sockets, host)
    follow(accounts)
    _reload_on_hangup(settings, channels, follow)
    service.check("database", lambda: database_health(transactions))
    service.check("broker", lambda: broker_health(broker))


def _broker(settings: WebchatSettings) -> Broker:
    return Broker(
        settings.amqp_url.get_secret_value(),
        name=f"webchat.{settings.instance}",
        heartbeat_seconds=settings.heartbeat_seconds,
    )


def following(sites: Sites, sockets: Sockets, host: Host) -> Follow:
    """What a new accounts file changes: secrets kept out of logs, sites, sockets of those that have gone."""

    def follow(wanted: Sequence[Site]) -> None:
        protect(
            secret.get_secret_value()
            for site in wanted
            for secret in (site.secret, site.identity_secret)
            if secret
        )
        sites.replace(wanted)
        sockets.evict({site.slug for site in wanted})
        host.reload(wanted)

    return follow


def open_doors(chat: Chat, blobs: Blobs, settings: WebchatSettings, transactions: Transactions) -> Doors:
    """What answers beside the socket."""
    return Doors(
        Polls(chat, settings.address_header),
        Uploads(chat, blobs, transactions, Rate(settings.uploads_per_minute, 60.0)),
        Downloads(chat, blobs, transactions.engine),
    )


def _reload_on_hangup(settings: WebchatSettings, channels: Collection[str], follow: Follow) -> None:
    """SIGHUP reads the accounts file again; with a mistake in it everything stays as it was."""

    def reload() -> None:
        try:
            wanted = read_sites(settings, channels)
        except ConfigError as error:
            for line in error.lines:
                log.error("accounts_file_wrong", words=line)  # noqa: TRY400  # the line says it all
            return
        log.info("accounts_file_read", accounts=[site.slug for site in wanted])
        follow(wanted)

    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reload)
