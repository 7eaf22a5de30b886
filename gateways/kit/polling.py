"""Asking a provider again and again, from a cursor that moves only with what was made safe before it.

    load cursor ─▶ fetch(cursor) ─▶ one transaction: lease, facts, cursor ─▶ fetch(cursor) …
         ▲                │ failed            │ nobody knows
         └── growing, jittered pause ◀────────┘

A page is fetched again after any doubt; a fact has one id for ever, so that is harmless. While much waits for
the broker, nothing is fetched: the provider keeps it better than we do. What is older than the deduplication
keys when it is fetched at last is marked `backfill`.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, NoReturn, TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection

from gateways.kit import aliases
from gateways.kit.acceptance import Acceptance
from gateways.kit.aliases import Alias
from gateways.kit.beside import Beside, Errand
from gateways.kit.cursors import load_cursor, save_cursor
from gateways.kit.intake import backfilled
from gateways.kit.spool import SpoolRow
from gateways.kit.typing import ClientTyping
from gateways.kit.unfetched import Unfetched
from shared.db.engine import reading
from shared.db.lease import Lease
from shared.failure import ChannelDown, LeaseLost, Retryable, Unavailable
from shared.faultpoint import reach
from shared.log import get_logger

MOST_HELD: Final = 1000
"""Facts that wait for the broker."""
LOOK_AGAIN_SECONDS: Final = 0.1

log = get_logger()


Settle: TypeAlias = Callable[[AsyncConnection], Awaitable[Sequence[SpoolRow]]]


@dataclass(frozen=True, slots=True)
class Page:
    """What a fetch brought. `cursor`: where the next one begins; absent: where this one began."""

    rows: tuple[SpoolRow, ...] = ()
    cursor: str | None = None
    more: bool = False
    """There is more to fetch at once."""
    settle: Settle | None = None
    """Facts that depend on what the channel's own tables hold: made, and those tables written, in the fenced
    transaction that moves the cursor; no other page is settled meanwhile."""
    aliases: tuple[Alias, ...] = ()
    """Names of chats, learned in that transaction too."""
    typing: tuple[ClientTyping, ...] = ()
    """Told desks once the facts are safe, never stored."""
    errands: tuple[Errand, ...] = ()
    """For the channel's `run`, once the facts are safe."""

    @property
    def keeps_nothing(self) -> bool:
        return not self.rows and not self.aliases and self.settle is None


Fetch: TypeAlias = Callable[[str | None], Awaitable[Page]]
Told: TypeAlias = Callable[[Exception | None], Awaitable[None]]
"""Hears of each failure, and None of the first page after one."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """`every_seconds` between pages (0 for a long poll); pauses after failures grow from first to longest."""

    every_seconds: float = 0.0
    first_seconds: float = 0.5
    longest_seconds: float = 60.0

    def between(self) -> float:
        return _about(self.every_seconds)

    def after(self, error: Exception, failures: int) -> float:
        """The pause after so many failures in a row, of which `error` is the last."""
        if isinstance(error, Retryable):
            return error.after + _about(self.first_seconds)
        if isinstance(error, ChannelDown):
            return _about(self.longest_seconds)
        return _about(min(self.longest_seconds, self.first_seconds * 2.0 ** min(failures - 1, 30)))


@dataclass(frozen=True, slots=True)
class Source:
    """What an account listens to: `fetch` brings the page after a cursor, at once or as soon as there is one.

    `name` stands beside the cursor for ever. A fetch may wait as long as the provider lets it (long polling,
    IDLE) and is cancelled at any point; it raises what a connector raises, or `Unfetched`.
    """

    name: str
    fetch: Fetch
    rhythm: Rhythm = Rhythm()


class Poller:
    """One source of one account; `run` it while the account's lease is ours."""

    def __init__(
        self,
        account: str,
        source: str,
        fetch: Fetch,
        acceptance: Acceptance,
        lease: Lease,
        *,
        rhythm: Rhythm | None = None,
        told: Told | None = None,
        accepted: Callable[[int], None] | None = None,
        beside: Beside | None = None,
    ) -> None:
        self._account = account
        self._source = source
        self._fetch = fetch
        self._acceptance = acceptance
        self._lease = lease
        self._rhythm = rhythm or Rhythm()
        self._told = told
        self._accepted = accepted
        self._beside = beside

    async def run(self) -> NoReturn:
        """Fetches until cancelled, which is safe at any point; raises `LeaseLost` only."""
        failures = 0
        while True:
            try:
                cursor = await self._load()
                while True:
                    cursor, more = await self._turn(cursor)
                    failures = await self._recovered(failures)
                    if not more:
                        await asyncio.sleep(self._rhythm.between())
            except LeaseLost:
                raise
            except Exception as error:  # noqa: BLE001  # our bug too: the account must not stand still for it
                failures += 1
                await self._failed(error, failures)
                await asyncio.sleep(self._rhythm.after(error, failures))

    async def _load(self) -> str | None:
        async with reading(self._acceptance.transactions.engine) as conn:
            return await load_cursor(conn, self._account, self._source)

    async def _turn(self, cursor: str | None) -> tuple[str | None, bool]:
        """One page, made safe: the cursor after it, and whether there is more."""
        while self._acceptance.held >= MOST_HELD:  # noqa: ASYNC110  # the courier tells nobody
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
        self._lease.check()
        page = await self._fetch(cursor)
        after = cursor if page.cursor is None else page.cursor
        if after != cursor or not page.keeps_nothing:
            reach("after_fetch")
            settled: list[SpoolRow] = []
            rows = [backfilled(row) for row in page.rows]
            await self._acceptance.accept(rows, lambda conn: self._move(conn, after, page, settled))
            if self._accepted is not None:
                self._accepted(len(page.rows) + len(settled))
        if self._beside is not None:
            self._beside(self._account, page.typing, page.errands)
        return after, page.more

    async def _move(
        self, conn: AsyncConnection, cursor: str | None, page: Page, settled: list[SpoolRow]
    ) -> list[SpoolRow]:
        await self._lease.fence(conn)
        if cursor is not None:
            await save_cursor(conn, self._account, self._source, cursor)
        await aliases.learn(conn, self._account, page.aliases)
        if page.settle is not None:
            settled += [backfilled(row) for row in await page.settle(conn)]
        return settled

    async def _recovered(self, failures: int) -> int:
        if failures and self._told is not None:
            await self._told(None)
        return 0

    async def _failed(self, error: Exception, failures: int) -> None:
        expected = isinstance(error, Retryable | ChannelDown | Unavailable | Unfetched)
        if failures == 1 and not expected:
            log.error("poll_failed", account=self._account, source=self._source, exc_info=error)
        else:
            log.warning(
                "poll_failed",
                account=self._account,
                source=self._source,
                reason=str(error),
                failures=failures,
            )
        if self._told is not None:
            await self._told(error)


def _about(seconds: float) -> float:
    return random.uniform(seconds / 2, seconds)  # noqa: S311  # spreads replicas, no secret
