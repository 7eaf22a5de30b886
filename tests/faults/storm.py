"""One run: people talk, faults happen, then quiet, then the count. Every test of this folder is one of these.

async with Scene(town, "storm", dialogs=100) as scene:
    await scene.begin()                         # everybody is there, every conversation is taken
    async with scene.talking(60, per_second=100):
        ...                                     # faults
    await scene.quiet(120)
    await scene.judge()                         # prints the figures, then asserts them
"""

from __future__ import annotations

import asyncio
import math
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from shared import topology
from tests.faults import report
from tests.faults.chaos import Chaos
from tests.faults.crowd import Desk, Guest, Lobby, Pace, Tally
from tests.faults.ledger import Ledger
from tests.faults.oracle import Oracle, Verdict
from tests.faults.town import Town
from tests.support.operator import Operator
from tests.support.tap import Tap
from tests.support.waiting import eventually

OPERATORS = ("anna", "boris", "clara", "dmitri")
ARRIVING = 10
"""Dialogs that are taken side by side at the start."""
BEGIN_SECONDS = 90.0


def seed() -> int:
    """SWITCHBOARD_TEST_SEED, or a new one; it is printed either way."""
    return int(os.environ.get("SWITCHBOARD_TEST_SEED") or random.SystemRandom().randrange(1_000_000))


class Scene:
    """The people of one run, what they said, and what was done to the town."""

    def __init__(self, town: Town, name: str, folder: Path, *, dialogs: int) -> None:
        self.town = town
        self.seed = seed()
        self.tap = Tap(town.amqp_url, (topology.EVENTS, topology.PARKING))
        self.chaos = Chaos(town, self.tap, self.seed)
        self.tally = Tally()
        self.guests: list[Guest] = []
        self.desks: list[Desk] = []
        self.operators: list[Operator] = []
        self.seconds = 0.0
        self._before = 0
        self._name = name
        self._dialogs = dialogs
        self._chance = random.Random(self.seed)
        self._exit = AsyncExitStack()
        self.ledger = Ledger(f"{name}-{self.seed}", folder / f"{name}.ledger")

    async def __aenter__(self) -> Self:
        self._exit.enter_context(self.ledger)
        await self._exit.enter_async_context(self.tap)
        self._group = asyncio.TaskGroup()
        await self._group.__aenter__()
        self._staying: list[asyncio.Task[None]] = []
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._staying:
            task.cancel()
        try:
            await self._group.__aexit__(kind, error, trace)
        finally:
            await self._exit.aclose()

    async def begin(self) -> None:
        """Signs operators in, brings visitors, and lets every conversation be taken by two at once."""
        print(f"\n{self._name} on {self.town.database}, seed {self.seed}")
        self.operators = list(await asyncio.gather(*(self.town.operator(login) for login in OPERATORS)))
        self._before = await self._stored()
        lobby = Lobby(self.operators[0])
        self._stay(lobby.run())
        for number in range(self._dialogs):
            visitor = self.town.visitor()
            guest = Guest(number, visitor, self.ledger, self.tally, self._chance)
            pair = self._chance.sample(self.operators, 2)
            self.guests.append(guest)
            self.desks.append(Desk(guest, pair, lobby, self.ledger, self.tally, self._chance))
            self._stay(visitor.run())
        arriving = asyncio.Semaphore(ARRIVING)
        async with asyncio.timeout(BEGIN_SECONDS), asyncio.TaskGroup() as group:
            for guest, desk in zip(self.guests, self.desks, strict=True):
                group.create_task(self._arrive(guest, desk, arriving))

    async def newcomer(self) -> None:
        """One more visitor, who says one thing."""
        guest = Guest(len(self.guests), self.town.visitor(), self.ledger, self.tally, self._chance)
        self._stay(guest.visitor.run())
        await guest.visitor.welcomed.wait()
        guest.say()
        self.guests.append(guest)

    async def _arrive(self, guest: Guest, desk: Desk, arriving: asyncio.Semaphore) -> None:
        async with arriving:
            await guest.visitor.welcomed.wait()
            guest.say()
            await desk.take()

    @asynccontextmanager
    async def talking(self, seconds: float, *, per_second: float, reopen: float = 0.0) -> AsyncIterator[None]:
        """At least `seconds * per_second` messages, half from each side, and on until the block ends.

        Leaving waits until the last reply is decided. `reopen` is the part of conversations that is closed,
        reopened and taken again in between.
        """
        apart = 2 * self._dialogs / per_second
        times = math.ceil(seconds / apart)
        start = self.chaos.began = time.monotonic()
        over = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for guest, desk in zip(self.guests, self.desks, strict=False):
                at = start + seconds * self._chance.uniform(0.2, 0.8)
                reopen_at = at if self._chance.random() < reopen else None
                paces = [Pace(self._chance, apart, times, over.is_set) for _ in range(2)]
                group.create_task(guest.talk(paces[0]))
                group.create_task(desk.answer(paces[1], reopen_at=reopen_at))
            yield
            await asyncio.sleep(start + seconds - time.monotonic())
            over.set()
            self.seconds += time.monotonic() - start
        waited = time.monotonic() - start
        print(f"  every reply is decided after {waited:.0f} s")

    async def quiet(self, seconds: float) -> None:
        """Returns when nothing waits anywhere, in no queue, spool, outbox, journal or browser."""
        started = time.monotonic()
        await eventually(self._nothing_waits, seconds=seconds, every_seconds=0.5)
        print(f"  quiet after {time.monotonic() - started:.1f} s")

    async def _nothing_waits(self) -> bool:
        waiting = {
            "not acknowledged to visitors": sum(guest.visitor.unsent for guest in self.guests),
            "outbox of the router": await self.town.one("router", "SELECT count(*) FROM outbox"),
            "outbox of the store": await self.town.one("store", "SELECT count(*) FROM outbox"),
            "spool": await self.town.one("webchat", "SELECT count(*) FROM spool"),
            "journal": await self.town.one(
                "webchat", "SELECT count(*) FROM journal WHERE state <> 'reported'"
            ),
        }
        left = {place: count for place, count in waiting.items() if count}
        assert not left, f"waiting: {left}"
        expected, stored = self._before + self.ledger.count("accepted"), await self._stored()
        assert stored >= expected, f"in the store: {stored} of {expected}"
        return True

    async def _stored(self) -> int:
        return int(await self.town.one("store", "SELECT count(*) FROM history WHERE kind = 'message'"))

    async def judge(self) -> None:
        """Prints everything, then asserts it."""
        oracle = Oracle(self.town, self.ledger, self.guests, self.operators[0])
        verdicts = {
            "history, as an operator reads it": await oracle.store(),
            "mailbox, read again from its beginning": await oracle.mailboxes(),
            "shown to the visitors": oracle.rendered(),
        }
        parked = await self.operators[0].get("/api/parked")
        twice = self.decided_twice()
        report.print_ledger(self.ledger, self.tally, self.seconds)
        report.print_faults(self.chaos)
        for place, verdict in verdicts.items():
            report.print_verdict(place, verdict)
        report.print_mistakes("decided twice:", twice)
        report.print_mistakes("parked:", [str(item) for item in parked["items"]])
        report.print_mistakes("events against the contract:", self.tap.wrong)
        report.print_mistakes("answers that no story explains:", self.tally.surprises)
        failed = self.ended_by_themselves()
        report.print_mistakes("processes that ended by themselves:", failed)
        assert not failed
        self._assert(verdicts, twice, len(parked["items"]))

    def _assert(self, verdicts: dict[str, Verdict], twice: list[str], parked: int) -> None:
        for place, verdict in verdicts.items():
            assert verdict.mistakes == 0, f"{place}: {verdict.where[:20]}"
        assert not twice
        assert parked == 0
        assert self.tap.parked == 0
        assert not self.tap.wrong
        assert not self.tally.surprises
        assert self.ledger.count("ambiguous") == 0
        assert self.ledger.count("refused") == 0

    def ended_by_themselves(self) -> list[str]:
        """Processes that no fault of ours ended."""
        members = self.town.stack.members.values()
        failures = [f"{line['instance']}: {line['task']}" for line in self.town.stack.logs("service_failed")]
        return failures + [f"{member.name} does not run" for member in members if not member.alive]

    def decided_twice(self) -> list[str]:
        """By the events, by what operators were told, and by who was assigned."""
        assigned = Counter(
            f"{conversation.conversation_id} in its life {conversation.reopened}"
            for event in self._assignments()
            if (conversation := getattr(event, "conversation", None)) is not None
        )
        return [
            *self.tap.decided_twice(),
            *report.won_twice(self.tally),
            *(f"conversation {one} assigned {count} times" for one, count in assigned.items() if count > 1),
        ]

    def _assignments(self) -> list[object]:
        """Each assignment once, however often it was published."""
        seen = self.tap.seen["conversation.assigned.v1"]
        return list({tapped.envelope.id: tapped.envelope.data for tapped in seen}.values())

    def _stay(self, work: object) -> None:
        self._staying.append(self._group.create_task(work))  # type: ignore[arg-type]
