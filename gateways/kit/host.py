"""The accounts of one channel in one process: each is owned by the holder of its lease, others stand by.

    accounts file ──▶ for each account: lease ──▶ Ownership: declared, listened to, sent for

An account that has gone from the file is declared not connected, by whoever notices first.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NoReturn

from gateways.kit import declared
from gateways.kit.accounts import Account
from gateways.kit.channel import Channel
from gateways.kit.condition import Account as AccountName
from gateways.kit.condition import Owned
from gateways.kit.hearing import Hearing
from gateways.kit.intake import about_account
from gateways.kit.ownership import Ownership, Parts
from shared.contract.inbound import AccountDeclared
from shared.db.engine import reading
from shared.db.lease import Lease
from shared.failure import LeaseLost, Unavailable
from shared.log import get_logger
from shared.metrics import CHANNEL_UP

log = get_logger()

AGAIN_SECONDS: Final = 1.0


class Host:
    """`run` it in the service's task group; `reload` it when the accounts file changed."""

    def __init__(
        self, parts: Parts, open_channel: Callable[[Any], Channel], owner_of: dict[str, Owned] | None = None
    ) -> None:
        self._parts = parts
        self._open_channel = open_channel
        self._hearing = Hearing(parts.transactions, parts.courier, self.wake)
        self._owned: dict[str, asyncio.Task[None]] = {}
        self._accounts: dict[str, Account] = {}
        self._wanted: asyncio.Queue[Sequence[Account]] = asyncio.Queue()
        self._files: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.owner_of = {} if owner_of is None else owner_of
        """Accounts whose lease this process holds."""

    def reload(self, accounts: Sequence[Account]) -> None:
        """These are the accounts from now on."""
        self._wanted.put_nowait(accounts)

    def wake(self, account: str) -> None:
        """There are files to be fetched for it; who owns it in another process finds them by itself."""
        self._files[account].set()

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
                await self._own(account, lease, stopping)
            except* LeaseLost:
                log.warning("account_given_up", account=account.slug)
            finally:
                self.owner_of.pop(account.slug, None)
                CHANNEL_UP.labels(parts.channel, account.slug).set(0)
                await lease.release()

    async def _own(self, account: Account, lease: Lease, stopping: asyncio.Event) -> None:
        parts = self._parts
        ownership = Ownership(
            parts,
            AccountName(parts.channel, account.slug),
            self._open_channel(account),
            lease,
            self._hearing,
            lambda: self._declare(account),
            self._files[account.slug],
        )
        self.owner_of[account.slug] = ownership.owned
        await ownership.run(stopping)

    async def _declare(self, account: Account) -> None:
        parts, now = self._parts, self._parts.clock.now()
        fact = AccountDeclared(
            channel=parts.channel,
            account=account.slug,
            name=account.name,
            capabilities=account.able(parts.capabilities),
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


__all__ = ["Host", "Parts"]
