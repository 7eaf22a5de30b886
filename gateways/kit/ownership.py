"""One account while its lease is ours: declared, told of, sent for, listened to.

    lease ──▶ queue declared ──▶ account declared ──▶ sources polled, each from its cursor
          ├──▶ Fetcher: files that facts name ──▶ blobs
          ├──▶ Sender: outbound queue ──▶ journal ──▶ the channel's verbs
          └──▶ sweep: facts that a dead replica left in the spool

At the stop nothing more is listened to, then what is with the provider is finished, then the channel closed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, NoReturn

from gateways.kit import attachments, journal, media, spool
from gateways.kit.acceptance import Acceptance
from gateways.kit.attempt import Attempts
from gateways.kit.beside import Beside
from gateways.kit.channel import Channel, Connected, Listening
from gateways.kit.condition import Account, Condition, Owned
from gateways.kit.courier import Courier
from gateways.kit.fetching import Fetcher, Media
from gateways.kit.intake import about_account
from gateways.kit.outbound import Outbound
from gateways.kit.polling import Poller, Source
from gateways.kit.sender import Sender
from gateways.kit.transactions import Transactions
from shared.bus.connection import Broker
from shared.bus.consumer import Consumer
from shared.bus.publisher import Publisher
from shared.clock import Clock
from shared.config import Settings
from shared.contract.capabilities import Capabilities
from shared.contract.inbound import AccountHealth
from shared.db.engine import reading
from shared.db.lease import Lease
from shared.db.types import to_micros
from shared.failure import Unavailable
from shared.log import get_logger
from shared.metrics import INBOUND_ACCEPTED
from shared.topology import account_queue

log = get_logger()

ORPHAN_SECONDS: Final = 3.0
"""A fact that waits longer in the spool is published by the owner, whoever accepted it."""
SWEEP_SECONDS: Final = 1.0
PURGE_SECONDS: Final = 3600.0
CLOSE_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class Parts:
    """What all accounts of the process share."""

    channel: str
    capabilities: Capabilities
    settings: Settings
    transactions: Transactions
    broker: Broker
    publisher: Publisher
    courier: Courier
    clock: Clock
    media: Media | None = None
    """Where files are fetched; without it the channel's facts never name one that is still at a provider."""
    beside: Beside | None = None
    """Told what a page says beside facts; without it nothing is."""


class Ownership:
    """`run` it in the lease; it raises `LeaseLost` when that is gone."""

    def __init__(
        self,
        parts: Parts,
        account: Account,
        channel: Channel,
        lease: Lease,
        acceptance: Acceptance,
        declare: Callable[[], Awaitable[None]],
        files: asyncio.Event,
    ) -> None:
        self._parts = parts
        self._account = account
        self._channel = channel
        self._lease = lease
        self._acceptance = acceptance
        self._declare = declare
        self._files = files
        self._condition = Condition(account, parts.clock)
        self.owned = Owned(channel, self._condition)
        self._declared = asyncio.Event()

    async def run(self, stopping: asyncio.Event) -> None:
        """Until `stopping`, and until what is with the provider then has ended."""
        parts, slug = self._parts, self._account.slug
        queue = account_queue(parts.channel, slug)
        outbound = Outbound(slug, Consumer(parts.broker, [queue.name]), parts.publisher)
        sender = Sender(
            self._account,
            Attempts(parts.channel, self._channel, parts.clock),
            outbound,
            parts.transactions,
            self._lease,
            parts.courier,
            parts.clock,
            self._condition,
        )
        try:
            async with asyncio.TaskGroup() as group:
                side = [
                    group.create_task(self._lease.hold()),
                    group.create_task(self._sweep()),
                    group.create_task(self._purge()),
                    group.create_task(self._connect()),
                    group.create_task(self._fetch()),
                ]
                group.create_task(self._listen(stopping))
                await sender.run(stopping)
                for task in side:
                    task.cancel()
        finally:
            await outbound.close()
            await self._close()

    async def _connect(self) -> NoReturn:
        """Declares the account's queue, then the account: nothing is sent to it before it can arrive.

        Then its health is told: the router keeps none of an account that it does not know.
        """
        await self._parts.broker.declare(account_queue(self._parts.channel, self._account.slug))
        await self._declare()
        self._declared.set()
        await self._condition.tell_always(self._tell_health)

    async def _listen(self, stopping: asyncio.Event) -> None:
        """Polls every source once the account is declared; what a cut poll brought comes again."""
        if not isinstance(self._channel, Listening):
            return
        async with asyncio.TaskGroup() as group:
            polls = [group.create_task(self._poll(source)) for source in self._channel.sources()]
            await stopping.wait()
            for poll in polls:
                poll.cancel()

    async def _poll(self, source: Source) -> None:
        await self._declared.wait()
        log.info("listening", account=self._account.slug, source=source.name)
        accepted = INBOUND_ACCEPTED.labels(self._account.channel, self._account.slug)
        await Poller(
            self._account.slug,
            source.name,
            source.fetch,
            self._acceptance,
            self._lease,
            rhythm=source.rhythm,
            told=self._condition.heard,
            accepted=accepted.inc,
            beside=self._parts.beside,
        ).run()

    async def _fetch(self) -> None:
        """Fetches what facts name; a fetch that is cut at the stop begins anew at the next owner."""
        parts = self._parts
        if parts.media is not None:
            await Fetcher(
                self._account,
                self._channel,
                parts.media,
                self._acceptance,
                self._lease,
                self._condition,
                parts.clock,
                self._files,
            ).run()

    async def _sweep(self) -> NoReturn:
        """Publishes what a dead replica left in the spool."""
        parts = self._parts
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            if not parts.broker.connected:
                continue
            try:
                async with reading(parts.transactions.engine) as conn:
                    parts.courier.doubt(await spool.orphaned(conn, self._account.slug, ORPHAN_SECONDS))
            except Unavailable as error:
                log.warning("spool_unavailable", reason=str(error))

    async def _purge(self) -> NoReturn:
        """Forgets what was reported long ago."""
        parts = self._parts
        while True:
            before = parts.clock.now() - timedelta(days=journal.KEPT_DAYS)
            try:
                async with parts.transactions.writing() as conn:
                    await self._lease.fence(conn)
                    await journal.purge(conn, to_micros(before))
                    if parts.media is not None:
                        await media.purge(conn, to_micros(before))
                        await attachments.purge(conn, before)
            except Unavailable as error:
                log.warning("journal_unavailable", reason=str(error))
            await asyncio.sleep(PURGE_SECONDS)

    async def _tell_health(self, fact: AccountHealth) -> None:
        await self._parts.publisher.publish_in_order([about_account(fact, at=fact.at)])

    async def _close(self) -> None:
        """Whatever it ends with, the lease is to be given up."""
        if not isinstance(self._channel, Connected):
            return
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._channel.close()
        except Exception as error:  # noqa: BLE001  # a connection that does not close costs nobody the account
            log.warning("channel_not_closed", account=self._account.slug, reason=type(error).__name__)
