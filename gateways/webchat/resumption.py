"""What a visitor has missed: read for many at once, so that ten thousand may come back together."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final, NoReturn
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from gateways.kit import spool
from gateways.webchat import mailbox, standings
from gateways.webchat.entries import Entry, Standing
from shared.db.engine import reading
from shared.failure import Unavailable

BATCH: Final = 400
SLICE: Final = 2000
"""Entries that one query reads."""
HISTORY: Final = 50
"""Entries that a visitor gets who has none."""
NOWHERE: Final = Standing()
GAP: Final = 100
"""Entries that a welcome holds at most; the rest is pushed after it."""


@dataclass(frozen=True, slots=True)
class Missed:
    """Where the mailbox stands, and the entries that follow what the visitor has."""

    standing: Standing
    entries: list[Entry]

    @property
    def head(self) -> int:
        return self.standing.last_seq

    @property
    def last_seq(self) -> int:
        return self.entries[-1].seq if self.entries else self.head


@dataclass(slots=True)
class _Question:
    dialog_id: UUID
    after: int | None
    future: asyncio.Future[Missed]


class Resumption:
    """`missed` from anywhere; `run` in the service's task group."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._waiting: deque[_Question] = deque()
        self._work = asyncio.Event()

    async def missed(self, dialog_id: UUID, after: int | None) -> Missed:
        """What follows entry `after`, or the last entries; raises `Unavailable`."""
        future: asyncio.Future[Missed] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Question(dialog_id, after, future))
        self._work.set()
        return await future

    async def holds(self, dialog_id: UUID, cid: str) -> bool:
        """Whether a visitor's message has been accepted; raises `Unavailable`."""
        async with reading(self._engine) as conn:
            return bool(await mailbox.find(conn, dialog_id, [f"c:{cid}"]))

    async def entry(self, dialog_id: UUID, seq: int) -> Entry | None:
        """One row of a mailbox, by its number; raises `Unavailable`."""
        async with reading(self._engine) as conn:
            return next(iter((await mailbox.read(conn, {(dialog_id, seq)})).get(dialog_id, ())), None)

    async def last_of_ours(self, dialog_id: UUID, up_to: int) -> int:
        """The last message of ours up to this number, 0 where there is none; raises `Unavailable`."""
        async with reading(self._engine) as conn:
            return await standings.last_of_ours(conn, dialog_id, up_to)

    async def run(self) -> NoReturn:
        """Reads until cancelled."""
        while True:
            await self._work.wait()
            batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            try:
                async with reading(self._engine) as conn:
                    answers = await _read(conn, batch)
            except Unavailable as error:
                for question in batch:
                    if not question.future.done():
                        question.future.set_exception(Unavailable(str(error)))
            else:
                for question, missed in zip(batch, answers, strict=True):
                    if not question.future.done():
                        question.future.set_result(missed)
            if not self._waiting:
                self._work.clear()


async def _read(conn: AsyncConnection, batch: list[_Question]) -> list[Missed]:
    dialogs = {question.dialog_id for question in batch}
    stand = await standings.standings(conn, dialogs)
    held = await spool.waiting(conn, dialogs)
    first_held = await standings.first_of(conn, held)
    for dialog, standing in stand.items():
        handed = first_held[dialog] - 1 if dialog in first_held else standing.last_seq
        stand[dialog] = replace(standing, handed_seq=handed)
    ranges = [_range(question.after, stand.get(question.dialog_id, NOWHERE).last_seq) for question in batch]
    wanted = {
        (question.dialog_id, seq) for question, numbers in zip(batch, ranges, strict=True) for seq in numbers
    }
    found: dict[tuple[UUID, int], Entry] = {}
    places = iter(sorted(wanted))
    while some := list(islice(places, SLICE)):
        for entries in (await mailbox.read(conn, some)).values():
            found |= {(entry.dialog_id, entry.seq): entry for entry in entries}
    return [
        Missed(
            stand.get(question.dialog_id, NOWHERE),
            [found[question.dialog_id, seq] for seq in numbers if (question.dialog_id, seq) in found],
        )
        for question, numbers in zip(batch, ranges, strict=True)
    ]


def _range(after: int | None, head: int) -> range:
    """The numbers to tell: what follows `after`, or the last ones for who has none or other ones."""
    if after is None or after > head:
        return range(max(1, head - HISTORY + 1), head + 1)
    return range(after + 1, min(head, after + GAP) + 1)
