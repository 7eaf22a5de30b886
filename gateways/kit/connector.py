"""A channel of a provider as a process: all that is not its own.

provider ──POST /<channel>/<account>──▶ webhook ──▶ spool ──▶ courier ──▶ inbound
provider ◀── the channel's sources, polled by host ──▶ spool ──▶ courier ──▶ inbound
outbound.<channel>.<account>.v1 ──▶ host ──▶ journal ──▶ the channel's `send` ──▶ provider
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Final, Generic, TypeVar, cast

from aiohttp import web
from pydantic import Field

from gateways.kit.accounts import SecretAccount, read_accounts
from gateways.kit.addresses import Guard
from gateways.kit.attachments import Attachments
from gateways.kit.channel import Channel
from gateways.kit.courier import Courier
from gateways.kit.fetching import Media
from gateways.kit.hearing import Hearing
from gateways.kit.host import Host, Parts
from gateways.kit.http import FILE_LIMITS, GuardedClient, Limits
from gateways.kit.readiness import broker_health, database_health, measure, wait_for_schema
from gateways.kit.settings import GatewaySettings
from gateways.kit.transactions import Transactions
from gateways.kit.webhook import Hook, Webhooks
from shared.bus.connection import Broker
from shared.bus.publisher import Publisher
from shared.clock import Clock, SystemClock
from shared.contract.capabilities import Capabilities
from shared.db.engine import open_engine
from shared.environment import ConfigError
from shared.files.blobs import Blobs
from shared.files.settings import BlobSettings
from shared.log import get_logger, protect
from shared.service import Service

log = get_logger()

DRAIN_SECONDS: Final = 8.0
FLUSH_SECONDS: Final = 5.0

A = TypeVar("A", bound=SecretAccount)


class ConnectorSettings(GatewaySettings, BlobSettings):
    """A channel adds its defaults for `database_url` and `http_port`."""

    http_host: str = Field("127.0.0.1", description="address where the provider's webhooks arrive")
    http_port: int = Field(0, ge=0, le=65535, description="port of it; 0 takes any free one")
    file_bytes: int = Field(
        FILE_LIMITS.bytes, ge=1, description="the largest file of a client that is fetched from the provider"
    )
    permitted: str = Field(
        "", description="host:port of providers that we host ourselves, with commas between; else empty"
    )


@dataclass(frozen=True, slots=True)
class Means:
    """What a channel is given to work with; `file_limits`: what a file of a client may cost.

    `blobs` and `transactions` are for a channel whose files come with its messages, or that keeps tables of
    its own.
    """

    client: GuardedClient
    attachments: Attachments
    clock: Clock
    file_limits: Limits
    blobs: Blobs
    transactions: Transactions


@dataclass(frozen=True, slots=True)
class Connector(Generic[A]):
    """What a channel gives: its account in the accounts file, its class, its webhook where it has one."""

    channel: str
    package: str
    capabilities: Capabilities
    account: type[A]
    open: Callable[[A, Means], Channel]
    hook: Callable[[A, Clock], Hook] | None = None

    def accounts(self, settings: GatewaySettings, channels: Collection[str]) -> list[A]:
        """The accounts of the file; raises `ConfigError` with a line for each mistake."""
        return read_accounts(settings.accounts_file, self.channel, self.account, channels=channels)

    async def serve(self, service: Service, channels: Collection[str]) -> None:
        """Everything of one replica."""
        settings = cast(ConnectorSettings, service.settings)
        engine = open_engine(settings.database_url.get_secret_value())
        service.on_stop(engine.dispose, name="database")
        await wait_for_schema(engine, self.package)
        transactions, clock = Transactions(engine), SystemClock()
        broker = await service.enter(self._broker(settings))
        publisher = Publisher(broker)
        courier = Courier(transactions, publisher)
        service.spawn(courier.run(), name="courier")
        service.on_stop(lambda: courier.flush(FLUSH_SECONDS), name="courier's rest")
        media = await self._media(service, settings)
        parts = Parts(
            self.channel, self.capabilities, settings, transactions, broker, publisher, courier, clock, media
        )
        attachments = Attachments(media.blobs, transactions, clock)
        means = Means(media.provider, attachments, clock, media.limits, media.blobs, transactions)
        host = Host(parts, lambda account: self.open(account, means))
        service.spawn(host.run(service.stopping), name="accounts", grace=DRAIN_SECONDS, may_end=True)
        service.spawn(measure(self.channel, transactions), name="measure")
        hooks: dict[str, Hook] = {}
        self._follow(settings, channels, hooks, host, clock)
        if self.hook is not None:
            accept = Hearing(transactions, courier, host.wake).accept
            await self._listen(service, settings, Webhooks(self.channel, hooks, accept, clock))
        service.check("database", lambda: database_health(transactions))
        service.check("broker", lambda: broker_health(broker))

    async def _media(self, service: Service, settings: ConnectorSettings) -> Media:
        """The two clients, and where files lie."""
        guard = Guard(filter(None, settings.permitted.split(",")))
        return Media(
            Blobs.open(settings.blobs_url),
            await service.enter(GuardedClient(guard)),
            await service.enter(GuardedClient()),
            replace(FILE_LIMITS, bytes=settings.file_bytes),
        )

    def _broker(self, settings: ConnectorSettings) -> Broker:
        return Broker(
            settings.amqp_url.get_secret_value(),
            name=f"{self.channel}.{settings.instance}",
            heartbeat_seconds=settings.heartbeat_seconds,
        )

    def _follow(
        self,
        settings: GatewaySettings,
        channels: Collection[str],
        hooks: dict[str, Hook],
        host: Host,
        clock: Clock,
    ) -> None:
        """The accounts of the file now and on SIGHUP; with a mistake in it, then, all stays as it was."""

        def follow() -> None:
            wanted = self.accounts(settings, channels)
            fresh = {account.slug: self.hook(account, clock) for account in wanted if self.hook}
            protect(secret.get_secret_value() for account in wanted for secret in account.secrets)
            hooks.clear()
            hooks.update(fresh)
            host.reload(wanted)
            log.info("accounts_file_read", accounts=[account.slug for account in wanted])

        def reload() -> None:
            try:
                follow()
            except ConfigError as error:
                for line in error.lines:
                    log.error("accounts_file_wrong", words=line)  # noqa: TRY400  # the line says it all

        follow()
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reload)

    async def _listen(self, service: Service, settings: ConnectorSettings, webhooks: Webhooks) -> None:
        """The webhooks' port, until the stop."""
        app = web.Application()
        app.add_subapp(f"/{self.channel}", webhooks.application())
        runner = web.AppRunner(
            app,
            access_log=None,
            handle_signals=False,
            auto_decompress=False,
            shutdown_timeout=DRAIN_SECONDS,
        )
        service.on_stop(runner.cleanup, name="webhooks")
        await runner.setup()
        await web.TCPSite(runner, settings.http_host, settings.http_port).start()
        log.info("webhooks_listening", host=settings.http_host, port=int(runner.addresses[0][1]))
