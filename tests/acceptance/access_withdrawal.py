"""An account taken from an operator who watches it: told within a second, nothing more of it comes (AD3)."""

from __future__ import annotations

import asyncio
import json
import time
from statistics import median
from typing import Any, Final

from shared.bus.call import Caller
from shared.bus.connection import Broker
from shared.bus.publisher import Publisher
from shared.clock import SystemClock, uuid7
from shared.contract import ids
from shared.contract.commands import PATIENCE, ChangeOperator
from shared.contract.envelope import wrap
from shared.contract.people import Actor
from tests.acceptance.access_object import ACCOUNT, SECRET
from tests.acceptance.access_town import Town
from tests.support.live_client import LiveClient
from tests.support.visitor import Visitor
from tests.support.waiting import eventually

TIMES: Final = 3
MAIN: Final = ("webchat.main", "webchat.other")
OTHER: Final = ("webchat.other",)
WITHIN_SECONDS: Final = 1.0


async def withdrawn(this: Town) -> list[float]:
    """How many seconds each of some withdrawals took, from the command to the word of it on the screen."""
    signer, took = this.askers["operator"], []
    async with (
        Broker(this.stack.amqp_url, name="withdrawal") as broker,
        LiveClient(this.stack.desk_url, signer.login, signer.password) as screen,
        asyncio.TaskGroup() as group,
    ):
        caller = Caller(broker, Publisher(broker))
        visitor = this.stack.visitor()
        running = group.create_task(visitor.run())
        await visitor.say(SECRET)
        await eventually(lambda: screen.counters is not None)
        for _ in range(TIMES):
            await _change(caller, screen, signer.login, MAIN)
            assert SECRET in json.dumps(screen.model.shown())
            took.append(await _change(caller, screen, signer.login, OTHER))
        screen.counters, told = None, len(screen.deltas)
        await visitor.say(SECRET)
        seq = await eventually(lambda: _shown_to_others(this, visitor))
        await screen.settled(seq or 0)
        assert _total(folders := await screen.call("GET", "/api/folders")) == 0, folders
        assert _total(screen.counters) == 0, screen.counters
        assert SECRET not in json.dumps([screen.deltas[told:], screen.model.shown()])
        running.cancel()
    assert median(took) < WITHIN_SECONDS, took
    return took


async def _change(caller: Caller, screen: LiveClient, login: str, accounts: tuple[str, ...]) -> float:
    """Seconds until the screen has been told to start afresh; it has done so when this returns."""
    resyncs, model, now = len(screen.resyncs), screen.model, SystemClock().now()
    command = ChangeOperator(
        actor=Actor(kind="console", id="matrix"), deadline=now + PATIENCE, operator=login, accounts=accounts
    )
    envelope = wrap(command, id=uuid7(), source="console", time=now, subject=f"operator:{login}")
    started = time.monotonic()
    assert (await caller.call(envelope)).ok
    await eventually(lambda: len(screen.resyncs) > resyncs, every_seconds=0.005)
    took = time.monotonic() - started
    await eventually(lambda: screen.model is not model)
    return took


async def _shown_to_others(this: Town, visitor: Visitor) -> int | None:
    """The row of the feed at which somebody else has the visitor's second message."""
    dialog_id = str(ids.dialog_id("webchat", ACCOUNT, visitor.visitor))
    _, _, page = await this.ask("administrator", "GET", "/api/conversations?limit=100")
    there = any(one["dialog_id"] == dialog_id and one["unread"] > 1 for one in page["items"])
    return int(page["seq"]) if there else None


def _total(counted: dict[str, Any] | None) -> int:
    """Conversations in all folders; none where nothing was counted."""
    return 0 if counted is None else sum(int(one["total"]) for one in counted["folders"])
