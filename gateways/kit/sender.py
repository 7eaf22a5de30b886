"""The owner of an account sends: outbound queue ──▶ journal ──ack──▶ channel ──▶ report.

A turn is one transaction, fenced by the lease: outcomes are written with the facts that report them, and
the next acts are marked `sending`; only then the channel is called. One act of a dialog is on its way at a
time, in the order in which they came; dialogs do not wait for each other. An account that is paused, down or
at its pace starts nothing, and still takes back what is not sent, and says what waited too long. After a
takeover what was left in `sending` is done again where a repeat changes nothing, else it is `unconfirmed` and
the operator decides.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from gateways.kit import acts, journal, ours, reports, spool, withdrawal
from gateways.kit.attempt import UNCONFIRMED_WORDS, Attempt, Attempts
from gateways.kit.channel import Paced
from gateways.kit.condition import Account, Condition
from gateways.kit.courier import Courier
from gateways.kit.health import Passed
from gateways.kit.journal import ACT, WITHDRAWAL, Entry, Outcome
from gateways.kit.outbound import Outbound
from gateways.kit.pace import Pace
from gateways.kit.spool import SpoolRow
from gateways.kit.transactions import Transactions
from shared.clock import Clock
from shared.contract.outbound import DeleteMessage, EditMessage
from shared.db.lease import Lease
from shared.db.types import to_micros
from shared.failure import Unavailable
from shared.log import get_logger
from shared.metrics import OUTBOUND

log = get_logger()

PARALLEL: Final = 200
"""Acts of one account that may be with the provider at once, each of another dialog."""
TICK_SECONDS: Final = 1.0
OVERDUE_SECONDS: Final = 5.0
"""Between two looks for what expired while the account is quiet."""
OVERDUE: Final = 100
EXPIRED_WORDS: Final = "It waited too long and was not sent."

Names = dict[UUID, tuple[str, ...]]
"""The provider's names of the message that an act is about, by the act."""


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
        condition: Condition,
    ) -> None:
        self._account = account
        self._attempts = attempts
        self._outbound = outbound
        self._transactions = transactions
        self._lease = lease
        self._courier = courier
        self._clock = clock
        self._condition = condition
        channel = attempts.channel
        own = channel.pace if isinstance(channel, Paced) else None
        self._pace = own or Pace(channel.capabilities, time.monotonic())
        self._outcomes: list[Outcome] = []
        self._calls = 0
        self._work = asyncio.Event()
        self._paused_until = 0
        self._looked_at = -math.inf
        self._withdrawals = True
        """Whether the journal may hold some that nobody has looked at."""

    async def run(self, stopping: asyncio.Event) -> None:
        """Takes and sends until `stopping`; then finishes what is with the provider, and returns."""
        await self._recover()
        async with asyncio.TaskGroup() as group:
            side = [
                group.create_task(self._outbound.take_always(self._take, self._work.set)),
                group.create_task(self._wake_when(stopping)),
                group.create_task(self._condition.probe_always(self._attempts.channel, self._work.set)),
            ]
            while not (stopping.is_set() and not self._calls and not self._outcomes):
                started, names = await self._turn(stopping.is_set())
                for entry in started:
                    group.create_task(self._call(entry, names.get(entry.message_id, ())))
                await self._wait()
            for task in side:
                task.cancel()

    async def _wake_when(self, stopping: asyncio.Event) -> None:
        await stopping.wait()
        self._work.set()

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(min(TICK_SECONDS, self._pace.wait_seconds() or TICK_SECONDS)):
                await self._work.wait()
        except TimeoutError:
            return
        self._work.clear()

    async def _take(self, entries: Sequence[Entry]) -> None:
        """Writes what came from the queue; after that it may be acknowledged. Raises `Unavailable`."""
        async with self._transactions.writing() as conn:
            await self._lease.fence(conn)
            await journal.add(conn, entries, self._now())
        self._withdrawals = self._withdrawals or any(entry.part == WITHDRAWAL for entry in entries)

    async def _recover(self) -> None:
        while True:
            try:
                async with self._transactions.writing() as conn:
                    await self._lease.fence(conn)
                    left = await journal.interrupted(conn, self._account.slug)
                    rows, before = await self._record(
                        conn, [self._attempts.after_crash(entry) for entry in left]
                    )
            except Unavailable as error:
                log.warning("journal_unavailable", account=self._account.slug, reason=str(error))
                self._withdrawals = True
                await asyncio.sleep(TICK_SECONDS)
            else:
                self._courier.admit(rows, before)
                if left:
                    log.warning("sending_interrupted", account=self._account.slug, messages=len(left))
                return

    async def _turn(self, stopping: bool) -> tuple[list[Entry], Names]:
        """One transaction: outcomes and their reports in, the next acts out, marked `sending`."""
        outcomes, self._outcomes = self._outcomes, []
        free = 0 if stopping else self._free()
        now = self._now()
        try:
            async with self._transactions.writing() as conn:
                await self._lease.fence(conn)
                rows, before = await self._record(conn, outcomes)
                heads = await self._heads(conn, now, free)
                expired = [_expired(entry) for entry in heads if entry.not_after < now]
                more, later = await self._record(conn, expired)
                started = [entry for entry in heads if entry.not_after >= now]
                names = await _names(conn, started)
                await journal.mark_sending(conn, started)
        except Unavailable as error:
            log.warning("journal_unavailable", account=self._account.slug, reason=str(error))
            self._outcomes = outcomes + self._outcomes
            self._withdrawals = True
            await asyncio.sleep(TICK_SECONDS / 2)
            self._work.set()
            return [], {}
        self._courier.admit(rows, before)
        self._courier.admit(more, later)
        if outcomes or expired:
            self._work.set()
        self._calls += len(started)
        self._pace.started(len(started))
        return started, names

    async def _heads(self, conn: AsyncConnection, now: int, free: int) -> list[Entry]:
        """What is next: to be started, or, where it waited too long, to be told so."""
        if free > 0:
            return await journal.due(conn, self._account.slug, now, free)
        if not self._is_quiet(now) or time.monotonic() < self._looked_at + OVERDUE_SECONDS:
            return []
        self._looked_at = time.monotonic()
        return await journal.overdue(conn, self._account.slug, now, OVERDUE)

    def _is_quiet(self, now: int) -> bool:
        """Whether the account may start nothing at all."""
        return not self._condition.may_send or now < self._paused_until

    def _free(self) -> int:
        """How many acts may start now."""
        now = self._clock.now()
        self._condition.hear(Passed(now))
        if self._is_quiet(to_micros(now)):
            return 0
        return self._pace.allowed(PARALLEL - self._calls, time.monotonic())

    async def _record(
        self, conn: AsyncConnection, outcomes: Sequence[Outcome]
    ) -> tuple[list[SpoolRow], dict[UUID, set[UUID]]]:
        """Writes outcomes with the facts that report them; what stood in the spool before comes back too."""
        now = self._clock.now()
        ended, rows = reports.told(outcomes, now)
        await journal.finish(conn, ended)
        if self._withdrawals:
            self._withdrawals = False
            settled = await withdrawal.settle(conn, self._account.slug, now)
            self._withdrawals = self._withdrawals or settled.some_wait
            ended += settled.ended
            rows += settled.rows
        for outcome in ended:
            if outcome.entry.part >= 0 and outcome.state != "queued":
                OUTBOUND.labels(self._account.channel, self._account.slug, outcome.state).inc()
        if not rows:
            return [], {}
        before = await spool.waiting(conn, {row.dialog_id for row in rows})
        await spool.add(conn, rows)
        return rows, before

    async def _call(self, entry: Entry, names: tuple[str, ...]) -> None:
        attempt: Attempt = await self._attempts.make(entry, self._lease.check, names)
        if attempt.sign is not None:
            self._condition.hear(attempt.sign)
        self._paused_until = max(self._paused_until, attempt.pause_until)
        self._outcomes.append(attempt.outcome)
        self._calls -= 1
        self._work.set()

    def _now(self) -> int:
        return to_micros(self._clock.now())


def _expired(entry: Entry) -> Outcome:
    """It waited too long; what was begun before may be with the provider all the same."""
    if entry.interrupted:
        return Outcome(entry, "unconfirmed", code="unconfirmed", words=UNCONFIRMED_WORDS)
    return Outcome(entry, "failed", code="expired", words=EXPIRED_WORDS)


async def _names(conn: AsyncConnection, started: Sequence[Entry]) -> Names:
    """What the acts among these need to know of the messages that they are about."""
    about: dict[UUID, tuple[UUID, UUID]] = {}
    for entry in started:
        if entry.part == ACT:
            act = acts.decode(entry).data
            if isinstance(act, EditMessage | DeleteMessage) and not act.external_ids:
                about[entry.message_id] = act.message_id, entry.dialog_id
    known = await ours.known(conn, {message for message, _ in about.values()})
    return {
        act: known[message].external_ids
        for act, (message, dialog) in about.items()
        if message in known and known[message].entry.dialog_id == dialog
    }
