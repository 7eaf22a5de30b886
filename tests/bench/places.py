"""A freed place is filled at once (BY5), and choosing costs the same for a shop and for a call centre.

`decisions`: closing one, choosing who gets the next, giving it, and one more that waits; in memory, among 5
operators with 100 waiting and among 500 with 10,000, in turns. `measure_places`: the whole way over the bus,
while 200 messages a second of other conversations flow: from the command that closes to the event that says
who has the next one.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from pydantic_core import from_json

from router.floor import Floor, Place
from router.registry import Account, Operator, Registry, Routing
from shared.bus.call import Caller
from shared.bus.connection import Broker
from shared.bus.listener import Listener
from shared.bus.outgoing import Outgoing
from shared.bus.publisher import Publisher
from shared.clock import uuid7
from shared.contract import commands, ids
from shared.contract.capabilities import Capabilities
from shared.contract.commands import Command
from shared.contract.content import text_content
from shared.contract.envelope import wrap
from shared.contract.inbound import MessageHeard, fact_word
from shared.contract.people import Actor, DialogRef, Identity
from shared.topology import EVENTS, INBOUND, inbound_key
from tests.bench.figures import median, percentile
from tests.bench.paths import Source
from tests.support.stack import Stack

SMALL, LARGE = (5, 100), (500, 10_000)
CHOICES = 3_000
LIMIT = 20
OPERATORS, FREED = 20, 300
BESIDE_A_SECOND = 200
CONSOLE = Actor(kind="console", id="bench")
ACCOUNT = "webchat.other"
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def decisions(repeats: int) -> str:
    """Microseconds of one choice in both sizes, and their ratio."""
    taken: dict[tuple[int, int], list[float]] = {SMALL: [], LARGE: []}
    for turn in range(repeats):
        for size in (SMALL, LARGE) if turn % 2 == 0 else (LARGE, SMALL):
            taken[size].append(_choices(*size))
    small, large = (median(taken[size]) for size in (SMALL, LARGE))
    return (
        f"choosing, {CHOICES:,} times in {repeats} runs each: among 5 operators and 100 waiting "
        f"{small:.1f} µs, among 500 and 10,000 {large:.1f} µs: {large / small:.2f} times "
        "(to reach: at most 1.50)"
    )


def _choices(operators: int, waiting: int) -> float:
    account = Account("webchat", "other", "Other", Capabilities(), connected=True, declared_at=NOON)
    people = (
        Operator(uuid4(), f"o{n}", "O", "O", "operator", limit=LIMIT, present=True) for n in range(operators)
    )
    given = replace(account, routing=Routing(distribution="least_loaded", handover="appoint"))
    floor = Floor(Registry([given, *people]))
    held: deque[UUID] = deque()
    for number in range(operators * LIMIT + waiting):
        floor.moved(uuid4(), _waits(number))
        if number < operators * LIMIT:
            held.append(_given(floor))
    times = []
    for number in range(CHOICES):
        before = time.perf_counter()
        floor.moved(held.popleft(), None)
        held.append(_given(floor))
        floor.moved(uuid4(), _waits(operators * LIMIT + waiting + number))
        assert floor.next_pair() is None
        times.append((time.perf_counter() - before) * 1e6)
    return median(times)


def _waits(number: int) -> Place:
    return Place(ACCOUNT, frozenset(), NOON + timedelta(seconds=number))


def _given(floor: Floor) -> UUID:
    pair = floor.next_pair()
    assert pair is not None
    floor.moved(pair.dialog_id, Place(ACCOUNT, frozenset({pair.operator_id}), None))
    return pair.dialog_id


async def measure_places(amqp_url: str, folder: Path) -> str:
    """Milliseconds from the closing command to who has the next one, with messages flowing beside."""
    kinds = ("router", "store-write", "webchat")
    async with (
        Stack(amqp_url, lambda owner: f"sqlite:///{folder}/{owner}.db", kinds=kinds) as stack,
        Broker(amqp_url, name="bench-places") as broker,
        asyncio.TaskGroup() as group,
    ):
        publisher = Publisher(broker)
        assigned: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

        async def on_event(body: bytes) -> None:
            assigned.put_nowait(from_json(body)["data"])

        listener = Listener(broker, [(EVENTS, "conversation.assigned.v1")], on_event)
        listening = group.create_task(listener.run())
        await listener.bound.wait()
        caller = Caller(broker, publisher)
        await _open(caller)
        await publisher.publish_in_order([_heard(number) for number in range(OPERATORS + FREED)])
        holding = deque([await assigned.get() for _ in range(OPERATORS)])
        seconds = FREED / 15 + 5
        source = Source("frames", stack.webchat_url)
        flowing = group.create_task(source.run(int(BESIDE_A_SECOND * seconds), BESIDE_A_SECOND))
        await asyncio.sleep(4)  # its conversations are opened first
        taken = [await _free_one(caller, holding, assigned) for _ in range(FREED)]
        assert not flowing.done(), "nothing flowed beside any more"
        await flowing
        listening.cancel()
    return (
        f"a freed place is filled, {FREED} times, {BESIDE_A_SECOND} messages a second beside: after "
        f"p50 {percentile(taken, 0.5):.1f} ms, p99 {percentile(taken, 0.99):.1f} ms (to reach: under 50)"
    )


async def _free_one(
    caller: Caller, holding: deque[dict[str, Any]], assigned: asyncio.Queue[dict[str, Any]]
) -> float:
    closed = holding.popleft()
    started = time.monotonic()
    asked = asyncio.ensure_future(
        _ask(
            caller,
            commands.CloseConversation,
            dialog_id=closed["dialog"]["dialog_id"],
            conversation_id=closed["conversation"]["conversation_id"],
        )
    )
    event = await assigned.get()
    taken = (time.monotonic() - started) * 1000
    assert event["how"] == "distributed"
    assert event["assignee"] == closed["assignee"], "another place than the freed one was filled"
    holding.append(event)
    await asked
    await asyncio.sleep(0.03)
    return taken


async def _open(caller: Caller) -> None:
    """Operators with one place each at their workplaces, and an account that gives by itself."""
    await _ask(caller, commands.SetRouting, account=ACCOUNT, distribution="least_loaded", handover="appoint")
    people = [uuid7() for _ in range(OPERATORS)]
    for number, id_ in enumerate(people):
        await _ask(
            caller, commands.AddOperator, operator_id=id_, login=f"o{number}", name="O", limit=1,
            accounts=(ACCOUNT,),
        )  # fmt: skip
    await _ask(caller, commands.RenewPresence, desk="bench", operators=people, seconds=120)


async def _ask(caller: Caller, command: type[Command], **fields: Any) -> None:
    now = datetime.now(UTC)
    data = command.model_validate({"actor": CONSOLE, "deadline": now + commands.PATIENCE, **fields})
    answer = await caller.call(wrap(data, id=uuid7(), source="bench", time=now, subject="bench"))
    assert answer.ok, answer.refusal


def _heard(number: int) -> Outgoing:
    chat = f"place-{number}"
    dialog_id = ids.dialog_id("webchat", "other", chat)
    fact = MessageHeard(
        dialog=DialogRef(dialog_id=dialog_id, channel="webchat", account="other", chat=chat),
        message_id=uuid7(),
        external_id=chat,
        sender=Identity(channel="webchat", address=chat),
        content=text_content("Здравствуйте"),
        received_at=datetime.now(UTC),
    )
    envelope = wrap(fact, id=fact.message_id, source="bench", time=fact.received_at, subject=str(dialog_id))
    key = inbound_key(fact_word(fact), "webchat", "other")
    return Outgoing(INBOUND, key, envelope.encode(), str(envelope.id), fact.TYPE)
