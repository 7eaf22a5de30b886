"""A channel of a provider as a process: all that is not its own.

provider ──POST /<channel>/<account>──▶ webhook ──▶ spool ──▶ courier ──▶ inbound
provider ◀── the channel's sources, polled by host ──▶ spool ──▶ courier ──▶ inbound
outbound.<channel>.<account>.v1 ──▶ host ──▶ journal ──▶ the channel's `send` ──▶ provider
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Generic, TypeVar, cast

from aiohttp import web
from pydantic import Field

from gateways.kit import aliases
from gateways.kit.accounts import SecretAccount, read_accounts
from gateways.kit.addresses import Guard
from gateways.kit.attachments import Attachments
from gateways.kit.beside import Beside, Errand
from gateways.kit.channel import Channel, Showing
from gateways.kit.condition import Owned
from gateways.kit.courier import Courier
from gateways.kit.errands import Errands
from gateways.kit.fetching import Media
from gateways.kit.hearing import Hearing
from gateways.kit.host import Host, Parts
from gateways.kit.http import FILE_LIMITS, GuardedClient, Limits
from gateways.kit.readiness import broker_health, database_health, measure, wait_for_schema
from gateways.kit.settings import GatewaySettings
from gateways.kit.spares import Spares
from gateways.kit.transactions import Transactions
from gateways.kit.typing import ClientsTyping, ClientTyping
from gateways.kit.typists import PATTERN, Typists
from gateways.kit.webhook import Hook, Known, Webhooks
from shared.bus.connection import Broker
from shared.bus.listener import Listener
from shared.bus.publisher import Publisher
from shared.clock import Clock, SystemClock
from shared.contract.capabilities import Capabilities
from shared.db.engine import open_engine, reading
from shared.environment import ConfigError
from shared.files.blobs import Blobs
from shared.files.settings import BlobSettings
from shared.log import get_logger, protect
from shared.service import Service
from shared.topology import LIVE

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
class Around(Generic[A]):
    """What the answering on a channel's port is made of; `accounts` and `hooks` are those of the file now."""

    accounts: Mapping[str, A]
    hooks: Mapping[str, Hook]
    hearing: Hearing
    means: Means
    beside: Beside


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
        attachments = Attachments(media.blobs, transactions, clock)
        means = Means(media.provider, attachments, clock, media.limits, media.blobs, transactions)
        owned: dict[str, Owned] = {}
        spares, beside = self._beside(service, broker, publisher, owned, means)
        parts = Parts(
            self.channel,
            self.capabilities,
            settings,
            transactions,
            broker,
            publisher,
            courier,
            clock,
            media,
            beside,
        )
        host = Host(parts, lambda account: self._opened(account, means), owned)
        service.spawn(host.run(service.stopping), name="accounts", grace=DRAIN_SECONDS, may_end=True)
        service.spawn(measure(self.channel, transactions), name="measure")
        here: dict[str, A] = {}
        hooks: dict[str, Hook] = {}
        self._follow(settings, channels, here, hooks, host, spares, clock)
        hearing = Hearing(transactions, courier, host.wake)
        app = self.application(Around(here, hooks, hearing, means, beside))
        if app is not None:
            await self._listen(service, settings, app)
        service.check("database", lambda: database_health(transactions))
        service.check("broker", lambda: broker_health(broker))

    def application(self, around: Around[A]) -> web.Application | None:
        """What answers under `/<channel>`: the webhooks, where the channel has them."""
        if self.hook is None:
            return None
        means, known = around.means, _known(around.means.transactions)
        return Webhooks(
            self.channel, around.hooks, around.hearing.accept, means.clock, known=known, beside=around.beside
        ).application()

    def _opened(self, account: A, means: Means) -> Channel:
        channel = self.open(account, means)
        if channel.capabilities.typing_out and not isinstance(channel, Showing):
            raise TypeError(f"{type(channel).__name__} announces typing_out and has no typing")
        return channel

    def _beside(
        self,
        service: Service,
        broker: Broker,
        publisher: Publisher,
        owned: Mapping[str, Owned],
        means: Means,
    ) -> tuple[Spares, Beside]:
        """What is worth something at once alone: typing both ways, and errands."""
        errands = Errands()
        spares = Spares(lambda account: self._opened(account, means), owned, errands)
        service.on_stop(spares.close, name="spares")
        service.spawn(errands.run(), name="errands")
        clients = ClientsTyping(publisher)
        if self.capabilities.typing_out:
            typists = Typists(self.channel, owned, errands)
            service.spawn(Listener(broker, [(LIVE, PATTERN)], typists.heard).run(), name="typing")

        def tell(account: str, typing: Sequence[ClientTyping], asked: Sequence[Errand]) -> None:
            clients.tell(typing)
            spares.run_errands(account, asked)

        return spares, tell

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
        here: dict[str, A],
        hooks: dict[str, Hook],
        host: Host,
        spares: Spares,
        clock: Clock,
    ) -> None:
        """The accounts of the file now and on SIGHUP; with a mistake in it, then, all stays as it was."""

        def follow() -> None:
            wanted = self.accounts(settings, channels)
            fresh = {account.slug: self.hook(account, clock) for account in wanted if self.hook}
            protect(secret.get_secret_value() for account in wanted for secret in account.secrets)
            here.clear()
            here.update({account.slug: account for account in wanted})
            hooks.clear()
            hooks.update(fresh)
            spares.follow(wanted)
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

    async def _listen(
        self, service: Service, settings: ConnectorSettings, answering: web.Application
    ) -> None:
        """The webhooks' port, until the stop."""
        app = web.Application()
        app.add_subapp(f"/{self.channel}", answering)
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


def _known(transactions: Transactions) -> Known:
    """Looks aliases up, for channels that have any."""

    async def look_up(account: str, chats: Collection[str]) -> Mapping[str, str]:
        async with reading(transactions.engine) as conn:
            return await aliases.known(conn, account, chats)

    return look_up
