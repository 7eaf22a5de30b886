"""Offers, transfers, presence under kills: nothing is given twice, nobody above the limit, nothing forgotten.

Clients write to an account that offers to the least loaded. Four operators with limits accept, decline,
answer, transfer, return and close as chance has it, each with a workplace open at one of the desks. The plain
model of `tests/support/router_model.py` reads every event in its order and says what was wrong.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from shared import topology
from shared.contract import commands
from shared.contract.envelope import Data, Envelope
from shared.contract.events import DialogEvent, MessageReceived
from tests.faults import report
from tests.faults.chaos import Chaos, What
from tests.faults.storm import seed
from tests.faults.town import Town
from tests.support.hiring import instruct
from tests.support.live_client import LiveClient
from tests.support.operator import Operator, Refused
from tests.support.router_model import Model
from tests.support.session import Session
from tests.support.stack import Signer
from tests.support.tap import Tap
from tests.support.visitor import Visitor
from tests.support.waiting import eventually

SECONDS = float(os.environ.get("SWITCHBOARD_TEST_STORM_SECONDS") or 60)
LIMITS = {"anna": 5, "boris": 4, "clara": 6, "dmitri": 2}
CLIENTS = 20
"""A few more than there are places: now everybody is full, now a transfer finds somebody free."""
APART_SECONDS = 4.0
"""Between two words of one client, and about as long between two acts of an operator's hands."""
PLAN: tuple[What, ...] = ("kill", "freeze", "kill late")
STRUCK = ("router", "webchat", "desk", "store-write")


@dataclass(slots=True)
class Shift:
    """What was done and what came of it."""

    acts: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    said: Counter[str] = field(default_factory=Counter)
    """Acknowledged words of each client."""


class Worker:
    """One operator: a workplace that is open, and hands that do what chance says."""

    def __init__(
        self, signer: Signer, hands: Operator, others: list[str], shift: Shift, chance: random.Random
    ):
        self.signer = signer
        self._hands = hands
        self._others = others
        self._shift = shift
        self._chance = chance

    async def work(self, until: float) -> None:
        while time.monotonic() < until:
            await asyncio.sleep(self._chance.uniform(0, APART_SECONDS / 4))
            mine = await self._hands.conversations("mine")
            if mine:
                await self._act(self._chance.choice(mine))

    async def _act(self, state: dict[str, Any]) -> None:
        offer = state.get("offer")
        if offer is not None and offer.get("operator_id") == str(self.signer.operator_id):
            await self._do(state, self._chance.choice(("accept", "accept", "accept", "decline")))
            return
        standing = offer is not None
        acts = ("reply", "close", "recall") if standing else ("reply", "close", "offer", "return")
        what = self._chance.choice(acts)
        if what == "reply":
            await self._try("reply", self._hands.reply(state["conversation_id"], "Здравствуйте"))
        elif what == "offer":
            await self._do(state, "offer", operator_id=self._chance.choice(self._others))
        else:
            await self._do(state, what)

    async def _do(self, state: dict[str, Any], verb: str, **fields: Any) -> None:
        path = f"/api/conversations/{state['conversation_id']}/{verb}"
        await self._try(verb, self._hands.write(path, **fields))

    async def _try(self, what: str, doing: Any) -> None:
        self._shift.acts[what] += 1
        try:
            await doing
        except Refused as refusal:
            self._shift.refusals[refusal.code] += 1


async def write(visitor: Visitor, shift: Shift, until: float, chance: random.Random) -> None:
    """A client says something now and then, and is acknowledged."""
    while time.monotonic() < until:
        await asyncio.sleep(chance.uniform(0.5, 2 * APART_SECONDS))
        if (await visitor.say("Когда приедет заказ?"))["t"] == "ack":
            shift.said[visitor.visitor] += 1


def happened(tap: Tap) -> Iterator[Envelope[Data]]:
    """Every event once, in the order of its publishing."""
    tapped = [one for all_ in tap.seen.values() for one in all_ if one.exchange == topology.EVENTS]
    seen: set[UUID] = set()
    for one in sorted(tapped, key=lambda one: one.at):
        if one.envelope.id not in seen:
            seen.add(one.envelope.id)
            yield one.envelope


def judged(tap: Tap) -> tuple[Model, dict[str, list[str]]]:
    """The model after everything, and each mistake by its kind."""
    model = Model()
    mistakes: dict[str, list[str]] = {"against the model": [], "over the limit": [], "forgotten": []}
    for envelope in happened(tap):
        try:
            model.see([envelope])
        except AssertionError as error:
            mistakes["against the model"].append(f"{envelope.type} {envelope.subject}: {error}")
        if isinstance(envelope.data, DialogEvent):
            mistakes["over the limit"] += [
                f"{one.login} at {envelope.time}"
                for one in model.people.values()
                if one.limit is not None and model.load(one.operator_id) > one.limit
            ]
    mistakes["forgotten"] = [
        f"dialog {dialog_id}" for dialog_id, talk in model.talks.items() if talk.queued and model.takers(talk)
    ]
    return model, mistakes


@pytest.mark.timeout(400)
@pytest.mark.feature("RT3", "RT4", "RT5", "RT6", "BY5", "BY6", "OP5")
@pytest.mark.parametrize("database", ["postgresql", "sqlite"], indirect=True)
async def test_a_shift_under_kills(servers: Session, database: str, tmp_path: Path) -> None:
    chance = random.Random(number := seed())
    async with AsyncExitStack() as stack:
        town = await stack.enter_async_context(Town(servers, database, tmp_path, name=f"shift-{database}"))
        tap = await stack.enter_async_context(Tap(town.amqp_url, (topology.EVENTS, topology.PARKING)))
        group = await stack.enter_async_context(asyncio.TaskGroup())
        print(f"\nshift on {database}, seed {number}")
        shift = Shift()
        await instruct(
            town.amqp_url, commands.SetRouting, account="webchat.main", distribution="least_loaded",
            offer_seconds=8, reopens="last",
        )  # fmt: skip
        workers = await hired(town, stack, shift, chance)
        visitors = [town.visitor() for _ in range(CLIENTS)]
        staying = [group.create_task(visitor.run()) for visitor in visitors]
        chaos = Chaos(town, tap, number, late_seconds=min(15.0, SECONDS / 4))
        until = time.monotonic() + SECONDS
        async with asyncio.TaskGroup() as parts:
            for worker in workers:
                parts.create_task(worker.work(until))
            for visitor in visitors:
                parts.create_task(write(visitor, shift, until, chance))
            for kind in STRUCK:
                parts.create_task(chaos.torment(kind, PLAN))
        await eventually(lambda: settled(tap, shift, visitors), seconds=60, every_seconds=0.5)
        await asyncio.sleep(10)  # every offer's time is over once more
        model, mistakes = judged(tap)
        report.print_faults(chaos)
        print(f"  said {shift.said.total()}; done {dict(shift.acts)}; refused {dict(shift.refusals)}")
        print(f"  events {sum(talk.version for talk in model.talks.values())}, by the model:")
        for title, found in mistakes.items():
            report.print_mistakes(f"  {title}:", found)
        for task in staying:
            task.cancel()
        assert not any(mistakes.values())
        assert not tap.decided_twice()
        assert not tap.wrong
        assert tap.parked == 0
        assert chaos.struck() >= {member.name for kind in STRUCK[:1] for member in town.members(kind)}
        assert shift.said.total() > CLIENTS * SECONDS / (4 * APART_SECONDS)
        for verb in ("accept", "decline", "offer", "close", "return"):
            assert shift.acts[verb], f"nobody did {verb}"
        transferred = [one.data for one in happened(tap) if one.type == "conversation.assigned.v1"]
        assert "transferred" in {getattr(one, "how", None) for one in transferred}


async def hired(town: Town, stack: AsyncExitStack, shift: Shift, chance: random.Random) -> list[Worker]:
    """Operators with limits, each with a workplace open at one of the desks."""
    signers = {login: await town.stack.add_operator(login) for login in LIMITS}
    workers = []
    for place, (login, signer) in enumerate(signers.items()):
        await instruct(town.amqp_url, commands.ChangeOperator, operator=login, limit=LIMITS[login])
        desks = town.stack.urls("desk")
        await stack.enter_async_context(LiveClient(desks[place % len(desks)], login, signer.password))
        hands = Operator(desks, login, signer.password, patience=240, timeout=14)
        await stack.enter_async_context(hands)
        others = [str(one.operator_id) for other, one in signers.items() if other != login]
        workers.append(Worker(signer, hands, others, shift, chance))
    return workers


def settled(tap: Tap, shift: Shift, visitors: list[Visitor]) -> bool:
    """Whether every acknowledged word has become an event."""
    heard = {
        one.envelope.id
        for one in tap.seen["message.received.v1"]
        if isinstance(one.envelope.data, MessageReceived)
    }
    assert len(heard) >= shift.said.total(), f"{len(heard)} of {shift.said.total()} words were heard"
    return not any(visitor.unsent for visitor in visitors)
