"""Faults by a printed seed, each with the evidence that it happened.

    kill        SIGKILL, started again at once            pid before and after, exit code -9
    kill late   SIGKILL, started again after `out` s       the same
    freeze      SIGSTOP, SIGCONT after 3 to 12 s           state T in /proc, and that it was left again
    broker      SIGKILL of RabbitMQ, started again         pid before and after, exit code, refused meanwhile
    reset       a link's connections reset by the proxy    how many were open
    cut         a visitor's socket aborted                 that it was open

Of each service one replica is out at a time: a standby is there to take over. The active router is chosen for
half of the faults of routers, and the time until the next decision is measured for each of those.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from tests.faults.crowd import Guest
from tests.faults.town import Town
from tests.support.member import Member
from tests.support.proxy import Proxy
from tests.support.tap import Tap
from tests.support.waiting import eventually

FREEZE_SECONDS = (3.0, 12.0)
RESTORED_SECONDS = 60.0
DECISION_SECONDS = 20.0

What = Literal["kill", "kill late", "freeze"]


@dataclass(slots=True)
class Fault:
    """One fault that was done; `evidence` is what was observed, `seconds` how long it lasted."""

    at: float
    what: str
    target: str
    seconds: float
    evidence: str


@dataclass(slots=True)
class Takeover:
    """The active router went away; `seconds` until the next decision of a router."""

    target: str
    what: str
    seconds: float


@dataclass(slots=True)
class Chaos:
    """`run` does one part; `done` and `takeovers` are what happened."""

    town: Town
    tap: Tap
    seed: int
    late_seconds: float = 20.0
    began: float = field(default_factory=time.monotonic)
    done: list[Fault] = field(default_factory=list)
    takeovers: list[Takeover] = field(default_factory=list)
    _calm: dict[str, asyncio.Lock] = field(default_factory=dict)

    def lock(self, kind: str) -> asyncio.Lock:
        """Held while a replica of this service is out."""
        return self._calm.setdefault(kind, asyncio.Lock())

    def plan(self, kind: str, whats: Sequence[What]) -> list[tuple[What, float, float]]:
        """The faults of one service in their order: what, how long, and the pause before it."""
        chance = random.Random(f"{self.seed} {kind}")
        shuffled = list(whats)
        chance.shuffle(shuffled)
        lasts = {"kill": lambda: 0.0, "kill late": lambda: self.late_seconds, "freeze": self._freeze(chance)}
        return [(what, lasts[what](), chance.uniform(0.5, 4.0)) for what in shuffled]

    async def torment(self, kind: str, whats: Sequence[What]) -> None:
        """Does the plan of one service, replica by replica."""
        chance = random.Random(f"{self.seed} {kind} whom")
        replicas = self.town.members(kind)
        chance.shuffle(replicas)
        for number, (what, seconds, pause) in enumerate(self.plan(kind, whats)):
            await asyncio.sleep(pause)
            async with self.lock(kind):
                if kind == "router" and self.town.replicas > 1:
                    await self._of_router(replicas, what, seconds, active=number % 2 == 0)
                else:
                    await self.strike(replicas[number % len(replicas)], what, seconds)

    async def strike(self, member: Member, what: What, seconds: float) -> None:
        """One fault, from its beginning until the process works again."""
        at, started = self._now(), time.monotonic()
        if what == "freeze":
            pid = member.freeze()
            assert member.frozen, f"{member.name} does not stand still"
            await asyncio.sleep(seconds)
            assert member.frozen, f"{member.name} woke up by itself"
            member.wake()
            evidence = f"pid {pid} in state T, woken"
        else:
            pid = member.kill()
            assert not member.alive
            await asyncio.sleep(seconds)
            again = member.start()
            assert again != pid, "the same process was started again"
            await member.ready(RESTORED_SECONDS)
            evidence = f"pid {pid} ended with -9, pid {again} ready"
        self.done.append(Fault(at, what, member.name, time.monotonic() - started, evidence))

    async def kill_broker(self) -> None:
        """While no router is out: what is measured of standbys is theirs alone."""
        async with self.lock("router"):
            at, started, broker = self._now(), time.monotonic(), self.town.broker
            before = broker.pid
            await asyncio.to_thread(broker.kill)
            assert not broker.node.listening(), "the broker is still there"
            await asyncio.to_thread(broker.start)
            up, since = time.monotonic() - started, datetime.now(UTC)
            decided = await self._next_decision(since)
            self.done.append(
                Fault(
                    at, "broker", "rabbitmq", up,
                    f"pid {before} killed, nobody listened, pid {broker.pid} up; "
                    f"next decision {decided:.1f} s after that",
                )
            )  # fmt: skip

    async def cut_visitors(self, guests: Sequence[Guest], every_seconds: float) -> None:
        """Until cancelled."""
        chance = random.Random(f"{self.seed} visitors")
        while True:
            await asyncio.sleep(every_seconds * chance.uniform(0.5, 1.5))
            guest = chance.choice(guests)
            if guest.cut():
                self.done.append(
                    Fault(self._now(), "cut", f"visitor {guest.number}", 0, "its socket was open")
                )

    async def reset_links(self, every_seconds: float) -> None:
        """Until cancelled: each link in turn, in an order by the seed."""
        chance = random.Random(f"{self.seed} links")
        names: list[str] = []
        while self.town.links:
            await asyncio.sleep(every_seconds * chance.uniform(0.5, 1.5))
            names = names or chance.sample(sorted(self.town.links), len(self.town.links))
            name = names.pop()
            proxy: Proxy = self.town.links[name]
            if reset := proxy.reset():
                self.done.append(Fault(self._now(), "reset", name, 0, f"{reset} connections reset"))

    def count(self, what: str, kind: str = "") -> int:
        return sum(fault.what == what and fault.target.startswith(kind) for fault in self.done)

    def struck(self) -> set[str]:
        """Processes that were killed or frozen."""
        return {fault.target for fault in self.done if fault.what in ("kill", "kill late", "freeze")}

    async def _of_router(
        self, replicas: Sequence[Member], what: What, seconds: float, *, active: bool
    ) -> None:
        """The active one and a standby in turn; beside the first, the time until the next decision."""
        owner = await eventually(lambda: self.town.owner_of("router", "router"), seconds=15)
        wanted = next(one for one in replicas if (one.name == owner) is active)
        if not active:
            await self.strike(wanted, what, seconds)
            return
        since = datetime.now(UTC)
        async with asyncio.TaskGroup() as group:
            group.create_task(self.strike(wanted, what, seconds))
            measured = group.create_task(self._next_decision(since))
        self.takeovers.append(Takeover(wanted.name, what, measured.result()))

    async def _next_decision(self, since: datetime) -> float:
        """Seconds from `since` to the first event that a router decided later."""
        decided = await eventually(lambda: self.tap.decided_since(since), seconds=DECISION_SECONDS)
        assert decided is not None
        return (decided - since).total_seconds()

    def _now(self) -> float:
        return time.monotonic() - self.began

    @staticmethod
    def _freeze(chance: random.Random) -> Callable[[], float]:
        return lambda: chance.uniform(*FREEZE_SECONDS)
