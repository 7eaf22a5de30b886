"""The owner of an account sends: outbound queue ──▶ journal ──ack──▶ channel ──▶ report.

A turn is one transaction, fenced by the lease: outcomes are written with the facts that report them, and
the next messages are marked `sending`; only then the channel is called. One message of a dialog is on its
way at a time; dialogs do not wait for each other. After a takeover what was left in `sending` is sent again
where the provider drops repeats, else it is `unconfirmed` and the operator decides.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from gateways.kit import journal, spool
from gateways.kit.attempt import Attempt, Attempts
from gateways.kit.courier import Courier
from gateways.kit.intake import reported
from gateways.kit.journal import Entry, Outcome
from gateways.kit.outbound import Outbound
from gateways.kit.spool import SpoolRow
from gateways.kit.transactions import Transactions
from shared.clock import Clock
from shared.db.lease import Lease
from shared.db.types import to_micros
from shared.failure import ChannelDown, Failure, Unavailable
from shared.log import get_logger
from shared.metrics import CHANNEL_UP, OUTBOUND
from shared.trace import child

log = get_logger()

PARALLEL: Final = 200
"""Messages of one account that may be with the provider at once, each of another dialog."""
TICK_SECONDS: Final = 1.0
PROBE_SECONDS: Final = 15.0
EXPIRED_WORDS: Final = "It waited too long and was not sent."

Announce = Callable[[str, str | None], Awaitable[None]]
"""Tells the router how the account does: a state of AccountHealth, and why."""


@dataclass(frozen=True, slots=True)
class Account:
    """Which account this is, in metrics, reports and logs."""

    channel: str
    slug: str


class Sender:
    """Sends for one account as long as its lease is held; `run` raises `LeaseLost` when it is not."""

    def __init__(
        self,
        account: Account,
        attempts: Attempts,
        outbound: Outbound,
        transactions: Transactions,
        lease: Lease,
        courier: Courier,
        clock: Clock,
        announce: Announce,
    ) -> None:
        self._account = account
        self._attempts = attempts
        self._outbound = outbound
        self._transactions = transactions
        self._lease = lease
        self._courier = courier
        self._clock = clock
        self._announce = announce
        self._outcomes: list[Outcome] = []
        self._calls = 0
        self._work = asyncio.Event()
        self._down: str | None = None
        self._paused_until = 0
        self._probe_at = 0.0

    async def run(self, stopping: asyncio.Event) -> None:
        """Takes and sends until `stopping`; then finishes what is with the provider, and returns."""
        await self._recover()
        async with asyncio.TaskGroup() as group:
            taking = group.create_task(self._outbound.take_always(self._take, self._work.set))
            ending = group.create_task(self._wake_when(stopping))
            while not (stopping.is_set() and not self._calls and not self._outcomes):
                for entry in await self._turn(stopping.is_set()):
                    group.create_task(self._call(entry))
                await self._wait()
            taking.cancel()
            ending.cancel()

    async def _wake_when(self, stopping: asyncio.Event) -> None:
        await stopping.wait()
        self._work.set()

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(TICK_SECONDS):
                await self._work.wait()
        except TimeoutError:
            return
        self._work.clear()

    async def _take(self, entries: Sequence[Entry]) -> None:
        """Writes what came from the queue; after that it may be acknowledged. Raises `Unavailable`."""
        async with self._transactions.writing() as conn:
            await self._lease.fence(conn)
            await journal.add(conn, entries, self._now())

    async def _recover(self) -> None:
        while True:
            try:
                async with self._transactions.writing() as conn:
                    await self._lease.fence(conn)
                    left = await journal.interrupted(conn, self._account.slug)
                    outcomes = [self._attempts.after_crash(entry) for entry in left]
                    rows, before = await self._record(conn, outcomes)
            except Unavailable as error:
                log.warning("journal_unavailable", account=self._account.slug, reason=str(error))
                await asyncio.sleep(TICK_SECONDS)
            else:
                self._courier.admit(rows, before)
                if left:
                    log.warning("sending_interrupted", account=self._account.slug, messages=len(left))
                return

    async def _turn(self, stopping: bool) -> list[Entry]:
        """One transaction: outcomes and their reports in, the next messages out, marked `sending`."""
        outcomes, self._outcomes = self._outcomes, []
        free = 0 if stopping or not await self._working() else PARALLEL - self._calls
        now = self._now()
        try:
            async with self._transactions.writing() as conn:
                await self._lease.fence(conn)
                heads = await journal.due(conn, self._account.slug, now, free) if free > 0 else []
                expired = [
                    Outcome(entry, "failed", code="expired", words=EXPIRED_WORDS)
                    for entry in heads
                    if entry.not_after < now
                ]
                started = [entry for entry in heads if entry.not_after >= now]
                rows, before = await self._record(conn, [*outcomes, *expired])
                await journal.mark_sending(conn, started)
        except Unavailable as error:
            log.warning("journal_unavailable", account=self._account.slug, reason=str(error))
            self._outcomes = outcomes + self._outcomes
            await asyncio.sleep(TICK_SECONDS / 2)
            self._work.set()
            return []
        self._courier.admit(rows, before)
        if outcomes or expired:
            self._work.set()
        self._calls += len(started)
        return started

    async def _record(
        self, conn: AsyncConnection, outcomes: Sequence[Outcome]
    ) -> tuple[list[SpoolRow], dict[UUID, set[UUID]]]:
        """Writes outcomes with the facts that report them; what stood in the spool before comes back too."""
        if not outcomes:
            return [], {}
        rows = [self._report(outcome) for outcome in outcomes if outcome.state != "queued"]
        await journal.finish(conn, outcomes)
        before = await spool.waiting(conn, [row.dialog_id for row in rows])
        await spool.add(conn, rows)
        return rows, before

    def _report(self, outcome: Outcome) -> SpoolRow:
        act = self._attempts.decode(outcome.entry)
        OUTBOUND.labels(self._account.channel, self._account.slug, outcome.state).inc()
        return reported(
            act.data.dialog,
            act.data.message_id,
            state=outcome.state,
            at=self._clock.now(),
            traceparent=child(act.traceparent),
            external_ids=outcome.external_ids,
            sequence=outcome.sequence,
            code=outcome.code,
            words=outcome.words,
        )

    async def _call(self, entry: Entry) -> None:
        attempt: Attempt = await self._attempts.make(entry, self._lease.check)
        if attempt.down is not None and self._down is None:
            self._down = attempt.down
            CHANNEL_UP.labels(self._account.channel, self._account.slug).set(0)
            await self._announce("down", attempt.down)
        if attempt.account_pause:
            self._paused_until = max(self._paused_until, self._now() + int(attempt.account_pause * 1e6))
        self._outcomes.append(attempt.outcome)
        self._calls -= 1
        self._work.set()

    async def _working(self) -> bool:
        """Whether the account may send: not paused, and its probe is well after it was down."""
        if self._now() < self._paused_until:
            return False
        if self._down is None:
            return True
        if time.monotonic() < self._probe_at:
            return False
        self._probe_at = time.monotonic() + PROBE_SECONDS
        try:
            await self._attempts.channel.probe()
        except (ChannelDown, Failure) as error:
            log.warning("channel_down", account=self._account.slug, reason=str(error))
            return False
        self._down = None
        CHANNEL_UP.labels(self._account.channel, self._account.slug).set(1)
        await self._announce("well", None)
        return True

    def _now(self) -> int:
        return to_micros(self._clock.now())
