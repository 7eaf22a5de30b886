"""Hostile input (RELIABILITY.md §3.2, §3.3) as data, over real wires, against one process for all of it.

    hostile/<subject>.json   [{"why": …, "send": …, "then": …}, …]        attack.py carries them out

After each input the process lives, whoever sent it can write on, and no answer was an unforeseen 5xx. A
neighbour who writes all the while loses nothing and does not wait. Subject `slow` runs beside all others.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from tests.integration.webchat.attack import Attack, Case, Told, load
from tests.integration.webchat.conftest import Start
from tests.support.visitor import Visitor
from tests.support.waiting import eventually
from tests.support.webchat import Router, write_accounts

pytestmark = pytest.mark.feature("CH1")

BESIDE = "slow"
PACE_SECONDS = 0.025
FLOOR_SECONDS = 0.050
CALM_MESSAGES = 40
LEAST = 120


@pytest.fixture
def accounts(tmp_path: Path) -> Path:
    return write_accounts(tmp_path, ("main", "other"))


class Neighbour:
    """Writes at a human crowd's pace and measures each acknowledgement."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.said: list[str] = []
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.during = "calm"

    async def write(self) -> None:
        """Until cancelled; each word is acknowledged before the next."""
        while True:
            self.said.append(f"word {len(self.said)}")
            started = time.monotonic()
            await self.visitor.say(self.said[-1])
            self.seconds[self.during].append(time.monotonic() - started)
            await asyncio.sleep(PACE_SECONDS)

    def impatient(self) -> list[str]:
        """Subjects under which the median was too long."""
        limit = max(FLOOR_SECONDS, 2 * median(self.seconds["calm"]))
        medians = {name: median(seconds) for name, seconds in self.seconds.items()}
        longest = {name: max(seconds) for name, seconds in self.seconds.items()}
        print(
            {name: f"{medians[name] * 1000:.1f} ms, at most {longest[name] * 1000:.0f}" for name in medians}
        )
        return [f"neighbour under {name}: {one:.3f} s" for name, one in medians.items() if one > limit]


def by_visitor(router: Router) -> dict[str, list[dict[str, Any]]]:
    """What the router was told, once each, in order."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for type_ in ("inbound.message.v1", "inbound.visit.v1"):
        for fact in router.of_type(type_):
            found[fact["data"]["dialog"]["chat"]].append(fact)
    return found


def is_ours(line: dict[str, Any]) -> bool:
    """Not the HTTP server's own word that a request was none, which it has answered with 400."""
    words, trace = line.get("words", ""), line.get("exception", "")
    ours = "/gateways/webchat/" in trace and "Unhandled exception" not in words
    return line["event"] != "library_spoke" or ours


async def carry_out(attack: Attack, cases: list[Case], neighbour: Neighbour) -> tuple[list[Told], list[str]]:
    """Every case in turn; what the router must be told, and what failed."""
    told: list[Told] = []
    failed: list[str] = []
    async with asyncio.TaskGroup() as group:
        beside = [group.create_task(attack.run(case)) for case in cases if case.subject == BESIDE]
        for case in cases:
            if case.subject != BESIDE:
                neighbour.during = case.subject
                outcome = await attack.run(case)
                told.append(outcome) if isinstance(outcome, Told) else failed.append(outcome)
        neighbour.during = BESIDE
    for task in beside:
        outcome = task.result()
        told.append(outcome) if isinstance(outcome, Told) else failed.append(outcome)
    return told, failed


async def test_hostile_input_is_refused_and_hurts_nobody(
    start: Start, router: Router, visitor: Callable[..., Visitor]
) -> None:
    cases = await asyncio.to_thread(load)
    assert len(cases) >= LEAST
    replica = await start(RATE_MESSAGES="90", RATE_SECONDS="2")
    await eventually(lambda: replica.logged("account_declared"), seconds=15)
    neighbour, attack = Neighbour(visitor(replica)), Attack(replica)
    await attack.prepare()
    async with asyncio.TaskGroup() as group:
        living = group.create_task(neighbour.visitor.run())
        writing = group.create_task(neighbour.write())
        await eventually(lambda: len(neighbour.seconds["calm"]) >= CALM_MESSAGES, seconds=20)
        told, failed = await carry_out(attack, cases, neighbour)
        writing.cancel()
        await eventually(lambda: not neighbour.visitor.unsent)
        living.cancel()

    def all_told() -> bool:
        facts = by_visitor(router)
        wrong = [how for one in told if (how := one.missing(facts[one.visitor]))]
        assert not wrong, "\n".join(wrong)
        return True

    try:
        await eventually(all_told, every_seconds=0.2, seconds=5)
    except AssertionError as error:
        failed.append(str(error))
    errors = [line for line in replica.lines if line["level"] in ("error", "critical") and is_ours(line)]
    failed += [f"logged: {line}" for line in errors] + neighbour.impatient() + attack.fives
    assert not failed, "\n".join(failed)
    await eventually(lambda: router.heard(neighbour.visitor) == neighbour.said)
    assert (await replica.ready())["status"] == "ready"
