"""The accounts of one channel in one process: each is owned by the holder of its lease, others stand by.

    accounts file ──▶ for each account: lease ──▶ declared and well, on `inbound` ──▶ Sender
                                              └──▶ sweep: facts that a dead replica left in the spool

An account that has gone from the file is declared not connected, by whoever notices first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, NoReturn

from gateways.kit import declared, journal, spool
from gateways.kit.accounts import Account
from gateways.kit.attempt import Attempts
from gateways.kit.channel import Channel
from gateways.kit.condition import Account as AccountName
from gateways.kit.condition import Condition
from gateways.kit.courier import Courier
from gateways.kit.intake import about_account
from gateways.kit.outbound import Outbound
from gateways.kit.sender import Sender
from gateways.kit.transactions import Transactions
from shared.bus.connection import Broker
from shared.bus.consumer import Consumer
from shared.bus.publisher import Publisher
from shared.clock import Clock
from shared.config import Settings
from shared.contract.capabilities import Capabilities
from shared.contract.inbound import AccountDeclared, AccountHealth
from shared.db.engine import reading
from shared.db.lease import Lease
from shared.db.types import to_micros
from shared.failure import LeaseLost, Unavailable
from shared.log import get_logger
from shared.metrics import CHANNEL_UP
from shared.topology import account_queue

log = get_logger()

ORPHAN_SECONDS: Final = 3.0
"""A fact that waits longer in the spool is published by the owner, whoever accepted it."""
SWEEP_SECONDS: Final = 1.0
AGAIN_SECONDS: Final = 1.0
PURGE_SECONDS: Final = 3600.0


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


class Host:
    """`run` it in the service's task group; `reload` it when the accounts file changed."""

    def __init__(self, parts: Parts, open_channel: Callable[[Any], Channel]) -> None:
        self._parts = parts
        self._open_channel = open_channel
        self._owned: dict[str, asyncio.Task[None]] = {}
        self._accounts: dict[str, Account] = {}
        self._wanted: asyncio.Queue[Sequence[Account]] = asyncio.Queue()
        self.owner_of: set[str] = set()
        """Accounts whose lease this process holds."""

    def reload(self, accounts: Sequence[Account]) -> None:
        """These are the accounts from now on."""
        self._wanted.put_nowait(accounts)

    async def run(self, stopping: asyncio.Event) -> None:
        """Owns accounts until `stopping`, then finishes what is with the providers and returns."""
        async with asyncio.TaskGroup() as group:
            following = group.create_task(self._follow(group, stopping))
            await stopping.wait()
            following.cancel()

    async def _follow(self, group: asyncio.TaskGroup, stopping: asyncio.Event) -> NoReturn:
        """Applies each version of the accounts file."""
        while True:
            wanted = {account.slug: account for account in await self._wanted.get()}
            for slug in self._accounts.keys() - wanted.keys():
                await _end(self._owned.pop(slug))
            for slug, account in wanted.items():
                if self._accounts.get(slug) != account or slug not in self._owned:
                    if slug in self._owned:
                        await _end(self._owned.pop(slug))
                    self._owned[slug] = group.create_task(self._own_always(account, stopping))
                elif slug in self.owner_of:
                    await self._declare(account)
            self._accounts = wanted
            await self._disconnect_gone(wanted)

    async def _own_always(self, account: Account, stopping: asyncio.Event) -> None:
        parts = self._parts
        while not stopping.is_set():
            name = f"{parts.channel}.{account.slug}"
            lease = Lease(
                parts.transactions.engine, name, parts.settings.instance, parts.settings.lease_seconds
            )
            if not await _unless(stopping, lease.acquire()):
                return
            try:
                self.owner_of.add(account.slug)
                await self._own(account, lease, stopping)
            except* LeaseLost:
                log.warning("account_given_up", account=account.slug)
            finally:
                self.owner_of.discard(account.slug)
                CHANNEL_UP.labels(parts.channel, account.slug).set(0)
                await lease.release()

    async def _own(self, account: Account, lease: Lease, stopping: asyncio.Event) -> None:
        parts = self._parts
        queue = account_queue(parts.channel, account.slug)
        outbound = Outbound(account.slug, Consumer(parts.broker, [queue.name]), parts.publisher)
        channel = self._open_channel(account)
        condition = Condition(AccountName(parts.channel, account.slug), parts.clock)
        sender = Sender(
            AccountName(parts.channel, account.slug),
            Attempts(parts.channel, channel, parts.clock),
            outbound,
            parts.transactions,
            lease,
            parts.courier,
            parts.clock,
            condition,
        )
        try:
            async with asyncio.TaskGroup() as group:
                side = [
                    group.create_task(lease.hold()),
                    group.create_task(self._sweep(account)),
                    group.create_task(self._purge(lease)),
                    group.create_task(self._connect(account, condition)),
                ]
                await sender.run(stopping)
                for task in side:
                    task.cancel()
        finally:
            await outbound.close()

    async def _connect(self, account: Account, condition: Condition) -> NoReturn:
        """Declares the account's queue, then the account: nothing is sent to it before it can arrive.

        Then its health is told: the router keeps none of an account that it does not know.
        """
        await self._parts.broker.declare(account_queue(self._parts.channel, account.slug))
        await self._declare(account)
        await condition.tell_always(self._tell_health)

    async def _sweep(self, account: Account) -> NoReturn:
        """Publishes what a dead replica left in the spool."""
        parts = self._parts
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            if not parts.broker.connected:
                continue
            try:
                async with reading(parts.transactions.engine) as conn:
                    parts.courier.doubt(await spool.orphaned(conn, account.slug, ORPHAN_SECONDS))
            except Unavailable as error:
                log.warning("spool_unavailable", reason=str(error))

    async def _purge(self, lease: Lease) -> NoReturn:
        """Forgets what was reported long ago."""
        parts = self._parts
        while True:
            before = to_micros(parts.clock.now() - timedelta(days=journal.KEPT_DAYS))
            try:
                async with parts.transactions.writing() as conn:
                    await lease.fence(conn)
                    await journal.purge(conn, before)
            except Unavailable as error:
                log.warning("journal_unavailable", reason=str(error))
            await asyncio.sleep(PURGE_SECONDS)

    async def _declare(self, account: Account) -> None:
        parts, now = self._parts, self._parts.clock.now()
        fact = AccountDeclared(
            channel=parts.channel,
            account=account.slug,
            name=account.name,
            capabilities=parts.capabilities,
            declared_at=now,
        )
        await self._remember(account)
        await parts.publisher.publish_in_order([about_account(fact, at=now)])
        log.info("account_declared", account=account.slug)

    async def _remember(self, account: Account) -> None:
        """So that we know what to disconnect when it has gone from the file, after a restart too."""
        while True:
            try:
                async with self._parts.transactions.writing() as conn:
                    return await declared.remember(conn, account.slug, account.name)
            except Unavailable:
                await asyncio.sleep(AGAIN_SECONDS)

    async def _tell_health(self, fact: AccountHealth) -> None:
        await self._parts.publisher.publish_in_order([about_account(fact, at=fact.at)])

    async def _known(self) -> dict[str, str]:
        while True:
            try:
                async with reading(self._parts.transactions.engine) as conn:
                    return await declared.known(conn)
            except Unavailable:
                await asyncio.sleep(AGAIN_SECONDS)

    async def _disconnect_gone(self, wanted: Mapping[str, Account]) -> None:
        """Accounts that were declared once and are not in the file any more."""
        parts = self._parts
        for slug, name in (await self._known()).items():
            if slug in wanted:
                continue
            now = parts.clock.now()
            fact = AccountDeclared(
                channel=parts.channel,
                account=slug,
                name=name,
                capabilities=parts.capabilities,
                connected=False,
                declared_at=now,
            )
            await parts.publisher.publish_in_order([about_account(fact, at=now)])
            log.warning("account_gone", account=slug)
            async with parts.transactions.writing() as conn:
                await declared.forget(conn, slug)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])


async def _unless(stopping: asyncio.Event, work: Any) -> bool:
    """Does `work` unless `stopping` comes first; says whether it was done."""
    async with asyncio.TaskGroup() as group:
        doing = group.create_task(work)
        waiting = group.create_task(stopping.wait())
        await asyncio.wait([doing, waiting], return_when=asyncio.FIRST_COMPLETED)
        done = doing.done()
        doing.cancel()
        waiting.cancel()
    return done
