"""Group commit: what many visitors say at once is made safe in one transaction, then each is told.

    letters (≤ 200) ──▶ mailbox + spool, one commit ──▶ courier, sockets, and the writer of each letter

The mailbox is the spool of the web chat: committed is accepted. One loop takes letters in the order in which
they came, so those of one socket stay in order. A dialog that another transaction holds waits in its place.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final, NoReturn
from uuid import UUID

from gateways.kit import spool
from gateways.kit.courier import Courier
from gateways.kit.spool import SpoolRow
from gateways.kit.transactions import Transactions
from gateways.webchat import files, mailbox, receipts
from gateways.webchat.entries import Append, Entry
from gateways.webchat.facts import Heard
from gateways.webchat.files import Attached
from gateways.webchat.mailbox import Appended
from gateways.webchat.receipts import Reached
from gateways.webchat.sockets import News, Socket
from shared.clock import Clock
from shared.db.types import to_micros
from shared.failure import Unavailable
from shared.faultpoint import reach
from shared.log import get_logger
from shared.metrics import ACCEPT, INBOUND_DUPLICATE

log = get_logger()

BATCH: Final = 200
PATIENCE_SECONDS: Final = 8.0
"""A letter that waits longer (its dialog is held by a frozen transaction) is refused and will be repeated."""
AGAIN_SECONDS: Final = 0.02


@dataclass(slots=True)
class Letter:
    """A row on its way in, and who waits for it. `heard` is absent for ours."""

    append: Append
    heard: Heard | None
    origin: Socket | None
    future: asyncio.Future[Entry]
    since: float


@dataclass(slots=True)
class Note:
    """A fact that is no row of the mailbox: a visit, a receipt."""

    row: SpoolRow
    reached: Reached | None
    future: asyncio.Future[None]


Fresh = Callable[[Sequence[News]], None]
"""Told of new entries after their commit."""


class Reception:
    """`receive` from anywhere; `run` in the service's task group."""

    def __init__(self, transactions: Transactions, courier: Courier, clock: Clock, *fresh: Fresh) -> None:
        self._transactions = transactions
        self._courier = courier
        self._clock = clock
        self._fresh = fresh
        self._waiting: deque[Letter] = deque()
        self._notes: deque[Note] = deque()
        self._work = asyncio.Event()

    async def receive(
        self, append: Append, heard: Heard | None = None, origin: Socket | None = None
    ) -> Entry:
        """Returns the entry when it is committed; raises `Unavailable` when that is not known."""
        future: asyncio.Future[Entry] = asyncio.get_running_loop().create_future()
        self._waiting.append(Letter(append, heard, origin, future, time.monotonic()))
        self._work.set()
        return await future

    async def note(self, row: SpoolRow, reached: Reached | None = None) -> None:
        """Returns when the fact is committed, and that it was told; else raises `Unavailable`."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._notes.append(Note(row, reached, future))
        self._work.set()
        await future

    async def attach(self, dialog_id: UUID, wanted: Collection[UUID]) -> dict[UUID, Attached]:
        """Those of these files that the dialog has, kept from now on; raises `Unavailable`."""
        async with self._transactions.writing() as conn:
            return await files.send(conn, dialog_id, wanted)

    async def run(self) -> NoReturn:
        """Commits until cancelled."""
        while True:
            await self._work.wait()
            batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            notes = [self._notes.popleft() for _ in range(min(BATCH, len(self._notes)))]
            postponed = await self._commit(batch, notes)
            if postponed:
                await self._postpone(postponed, all_of_them=len(postponed) == len(batch))
            if not self._waiting and not self._notes:
                self._work.clear()

    async def _commit(self, batch: list[Letter], notes: Sequence[Note] = ()) -> list[Letter]:
        """One transaction; the letters whose dialogs are held by another one come back."""
        try:
            done, rows, before = await self._write(batch, notes)
        except Unavailable as error:
            log.warning("reception_unavailable", letters=len(batch), notes=len(notes), reason=str(error))
            self._refuse(batch, error)
            self._refuse_notes(notes, error)
            return []
        except Exception as error:  # our bug: it must not take the neighbours with it
            self._refuse_notes(notes, Unavailable(type(error).__name__))
            if not batch:
                log.exception("notes_failed")
                return []
            if len(batch) == 1:
                log.exception("letter_failed", dialog_id=batch[0].append.dialog_id)
                self._refuse(batch, Unavailable(type(error).__name__))
                return []
            return [postponed for letter in batch for postponed in await self._commit([letter])]
        reach("after_accept_commit")
        self._courier.admit(rows, before)
        fresh = set(done.fresh)
        news = [
            News(batch[index].append.account, done.entries[index], batch[index].origin)
            for index in done.fresh
        ]
        for tell in self._fresh:
            tell(news)
        for note in notes:
            if not note.future.done():
                note.future.set_result(None)
        for index, entry in done.entries.items():
            self._answer(batch[index], entry, repeated=index not in fresh)
        return [batch[index] for index in done.postponed]

    async def _write(
        self, batch: list[Letter], notes: Sequence[Note]
    ) -> tuple[Appended, list[SpoolRow], dict[UUID, set[UUID]]]:
        async with self._transactions.writing() as conn:
            now = to_micros(self._clock.now())
            appends = [letter.append for letter in batch]
            done = await mailbox.append(conn, appends, now) if appends else Appended({}, [], [])
            rows = [
                heard.fact(done.entries[index])
                for index in done.fresh
                if (heard := batch[index].heard) is not None
            ]
            rows += [note.row for note in notes]
            await receipts.keep(conn, [note.reached for note in notes if note.reached is not None])
            before = await spool.waiting(conn, {row.dialog_id for row in rows}) if rows else {}
            await spool.add(conn, rows)
        return done, rows, before

    def _answer(self, letter: Letter, entry: Entry, *, repeated: bool) -> None:
        if letter.heard is not None:
            if repeated:
                INBOUND_DUPLICATE.labels(mailbox.CHANNEL, letter.append.account).inc()
            ACCEPT.labels(mailbox.CHANNEL).observe(time.monotonic() - letter.since)
        if not letter.future.done():
            letter.future.set_result(entry)

    def _refuse(self, batch: Sequence[Letter], error: Unavailable) -> None:
        """Nobody knows whether the commit happened: the spool may hold what no line holds."""
        self._courier.doubt([letter.append.dialog_id for letter in batch if letter.heard is not None])
        for letter in batch:
            if not letter.future.done():
                letter.future.set_exception(Unavailable(str(error)))

    def _refuse_notes(self, notes: Sequence[Note], error: Unavailable) -> None:
        self._courier.doubt([note.row.dialog_id for note in notes])
        for note in notes:
            if not note.future.done():
                note.future.set_exception(Unavailable(str(error)))

    async def _postpone(self, letters: list[Letter], *, all_of_them: bool) -> None:
        too_old = time.monotonic() - PATIENCE_SECONDS
        self._refuse([one for one in letters if one.since < too_old], Unavailable("the dialog is held"))
        self._waiting.extendleft(one for one in reversed(letters) if one.since >= too_old)
        if all_of_them or len(self._waiting) == len(letters):
            await asyncio.sleep(AGAIN_SECONDS)
