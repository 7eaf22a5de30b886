"""Publishes the spool: each dialog in its order, one fact of it outstanding, many dialogs at once.

    committed ──▶ lines (a queue for each dialog, in memory) ──▶ broker ──confirm──▶ forgotten in the spool

Why the order holds when replicas die, freeze and wake: before a fact is published, every earlier fact of
its dialog was either confirmed or published here before it. Whoever commits a fact looks, in the same
transaction, which facts of the dialog stand in the spool; if one of them is not in our line (another
replica's, or one of a commit whose outcome we do not know), the dialog is *behind*: new facts stay in the
database, and its line is filled from there, oldest first, until nothing is left. A replica that wakes up
only repeats what others have published, under the same ids.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, NoReturn
from uuid import UUID

from gateways.kit import journal, spool
from gateways.kit.spool import SpoolRow
from gateways.kit.transactions import Transactions
from shared.bus.outgoing import Outgoing
from shared.bus.parking import parking_returned
from shared.bus.publisher import Publisher
from shared.db.engine import reading
from shared.failure import Unavailable, Unroutable
from shared.log import get_logger

log = get_logger()

WAVE: Final = 200
"""Facts that are published side by side, each of another dialog."""
LOADED: Final = 500
"""Facts that one look into the spool takes."""
PAUSE_SECONDS: Final = 0.5
FORGET_SECONDS: Final = 0.2
"""Rarely, so that it costs little: what is confirmed and not yet forgotten is repeated after a death."""


class Courier:
    """`admit` after each commit, `doubt` after a commit of unknown outcome, `run` for as long as we live."""

    def __init__(
        self,
        transactions: Transactions,
        publisher: Publisher,
        *,
        keep: int = 20_000,
        handed_over: Callable[[SpoolRow], None] | None = None,
    ) -> None:
        """`handed_over` is told each fact that the broker has and the spool no more; it must not raise."""
        self._handed_over = handed_over
        self._transactions = transactions
        self._publisher = publisher
        self._keep = keep
        self._lines: dict[UUID, deque[SpoolRow]] = {}
        self._held = 0
        self._behind: set[UUID] = set()
        self._touched: set[UUID] = set()
        self._ready: deque[UUID] = deque()
        self._confirmed: dict[UUID, SpoolRow] = {}
        self._work = asyncio.Event()
        self._forgettable = asyncio.Event()

    @property
    def held(self) -> int:
        """Facts in memory, published or not, that the spool still has."""
        return self._held + len(self._confirmed)

    @property
    def idle(self) -> bool:
        """Whether everything that was admitted is published and forgotten."""
        return not (self._lines or self._behind or self._confirmed)

    def admit(self, rows: Sequence[SpoolRow], before: Mapping[UUID, Collection[UUID]]) -> None:
        """Facts that were just committed, and which facts of their dialogs had stood in the spool before."""
        for row in rows:
            self._admit(row, before.get(row.dialog_id, ()))

    def _admit(self, row: SpoolRow, before: Collection[UUID]) -> None:
        dialog = row.dialog_id
        line = self._lines.get(dialog)
        if dialog not in self._behind and before:
            here = {one.fact_id for one in line or ()}
            if any(fact not in here and fact not in self._confirmed for fact in before):
                self.doubt([dialog])
        if dialog in self._behind or self._held >= self._keep:
            self.doubt([dialog])
        elif line is None:
            self._lines[dialog] = deque((row,))
            self._held += 1
            self._make_ready(dialog)
        else:
            line.append(row)
            self._held += 1

    def doubt(self, dialogs: Collection[UUID]) -> None:
        """The spool may hold facts of these dialogs that are not in their lines."""
        for dialog in dialogs:
            self._touched.add(dialog)
            if dialog not in self._behind:
                self._behind.add(dialog)
                if dialog not in self._lines:
                    self._make_ready(dialog)

    def _make_ready(self, dialog: UUID) -> None:
        self._ready.append(dialog)
        self._work.set()

    async def run(self) -> NoReturn:
        """Publishes and forgets until cancelled; waits in place for broker and database."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._publish_always())
            group.create_task(self._publish_always())
            group.create_task(self._forget_always())
        raise AssertionError("these tasks never end")

    async def flush(self, seconds: float) -> None:
        """Returns when all is published and forgotten, or after so many seconds: the spool keeps it."""
        until = time.monotonic() + seconds
        while not self.idle and time.monotonic() < until:  # noqa: ASYNC110  # once, at the stop
            await asyncio.sleep(FORGET_SECONDS)

    async def _publish_always(self) -> NoReturn:
        while True:
            await self._work.wait()
            wave, empty = self._next_wave()
            if empty:
                await self._fill(empty)
            if wave:
                await self._publish([self._lines[dialog][0] for dialog in wave])
            if not self._ready:
                self._work.clear()

    def _next_wave(self) -> tuple[list[UUID], list[UUID]]:
        """Dialogs with a fact to publish, and dialogs behind with an empty line; ours until ready again."""
        wave: list[UUID] = []
        empty: list[UUID] = []
        while self._ready and len(wave) < WAVE and len(empty) < WAVE:
            dialog = self._ready.popleft()
            (wave if dialog in self._lines else empty).append(dialog)
        return wave, empty

    async def _fill(self, dialogs: list[UUID]) -> None:
        """Fills empty lines from the spool; a dialog without anything there is behind no more."""
        self._touched.difference_update(dialogs)
        try:
            async with reading(self._transactions.engine) as conn:
                rows = await spool.load(conn, dialogs, LOADED)
        except Unavailable as error:
            log.warning("spool_unavailable", reason=str(error))
            await asyncio.sleep(PAUSE_SECONDS)
            self._touched.update(dialogs)
            rows = []
        for row in rows:
            if row.fact_id not in self._confirmed:
                self._lines.setdefault(row.dialog_id, deque()).append(row)
                self._held += 1
        for dialog in dialogs:
            if dialog in self._lines or dialog in self._touched or len(rows) == LOADED:
                self._make_ready(dialog)
            else:
                self._behind.discard(dialog)

    async def _publish(self, rows: list[SpoolRow]) -> None:
        messages = [row.outgoing() for row in rows]
        outcomes = await self._publisher.publish_in_order(messages)
        for row, message, outcome in zip(rows, messages, outcomes, strict=True):
            if outcome is not None:
                await self._park(message, outcome)
            else:
                log.debug(
                    "fact_published",
                    account=row.account,
                    type=row.type,
                    message_id=row.fact_id,
                    dialog_id=row.dialog_id,
                    trace_id=row.trace,
                )
            self._confirm(row)
        self._forgettable.set()

    def _confirm(self, row: SpoolRow) -> None:
        line = self._lines[row.dialog_id]
        line.popleft()
        self._held -= 1
        self._confirmed[row.fact_id] = row
        if not line:
            del self._lines[row.dialog_id]
        if line or row.dialog_id in self._behind:
            self._make_ready(row.dialog_id)

    async def _park(self, message: Outgoing, error: Unroutable) -> None:
        """A fact that no queue takes is parked; it must not hold up its dialog."""
        log.error("fact_unroutable", routing_key=message.routing_key, message_id=message.message_id)
        parked = parking_returned(message, "unroutable", str(error))
        await self._publisher.publish_in_order([parked])

    async def _forget_always(self) -> NoReturn:
        while True:
            await self._forgettable.wait()
            self._forgettable.clear()
            await self._forget()
            await asyncio.sleep(FORGET_SECONDS)

    async def _forget(self) -> None:
        rows = list(self._confirmed.values())
        try:
            async with self._transactions.writing() as conn:
                await spool.forget(conn, [row.fact_id for row in rows])
                await journal.mark_reported(conn, [row.reports for row in rows if row.reports])
        except Unavailable as error:
            log.warning("spool_unavailable", reason=str(error))
            await asyncio.sleep(PAUSE_SECONDS)
            self._forgettable.set()
        else:
            for row in rows:
                self._confirmed.pop(row.fact_id, None)
                if self._handed_over is not None:
                    self._handed_over(row)
