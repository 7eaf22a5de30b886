"""Lost 0, doubled 0, out of order 0: when replicas die, freeze and wake, and the broker goes away."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
import sqlalchemy as sa

from shared.db.dialect import is_sqlite
from shared.db.engine import open_engine, writing
from tests.integration.webchat.conftest import Start
from tests.support.relay import Relay
from tests.support.visitor import Visitor
from tests.support.waiting import eventually
from tests.support.webchat import Replica, Router

pytestmark = pytest.mark.feature("CH1")

TAKEN_OVER_SOON = {"LEASE_SECONDS": "2"}


@asynccontextmanager
async def running(*visitors: Visitor) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(visitor.run()) for visitor in visitors]
        for visitor in visitors:
            await visitor.welcomed.wait()
        yield
        for task in tasks:
            task.cancel()


@asynccontextmanager
async def held(url: str) -> AsyncIterator[None]:
    """Somebody else holds the mailbox's table."""
    engine = open_engine(url)
    async with writing(engine) as conn:
        if not is_sqlite(conn):
            await conn.execute(sa.text("LOCK TABLE dialogs IN ACCESS EXCLUSIVE MODE"))
        yield
    await engine.dispose()


async def test_without_a_broker_words_are_kept_and_follow_in_order(
    start: Start, amqp_url: str, router: Router, visitor: Callable[..., Visitor]
) -> None:
    async with Relay(amqp_url) as wire:
        replica = await start(AMQP_URL=wire.url)
        anna, boris = visitor(replica), visitor(replica)
        async with running(anna, boris):
            await anna.say("before")
            await eventually(lambda: router.heard(anna) == ["before"])
            await wire.cut()
            for number in range(40):
                await anna.say(f"kept {number}")
                await boris.say(f"kept too {number}")
            assert (await replica.ready())["degraded"]
            assert router.heard(boris) == []
            await wire.mend()
            await anna.say("after")
            await eventually(lambda: len(router.heard(anna)) == 42 and len(router.heard(boris)) == 40)
    assert router.heard(anna) == ["before", *(f"kept {number}" for number in range(40)), "after"]
    assert router.heard(boris) == [f"kept too {number}" for number in range(40)]
    assert anna.errors == []


async def test_what_a_dead_replica_left_comes_before_the_next_words(
    start: Start, amqp_url: str, router: Router, visitor: Callable[..., Visitor]
) -> None:
    async with Relay(amqp_url) as wire:
        first, second = await start(AMQP_URL=wire.url, **TAKEN_OVER_SOON), await start(**TAKEN_OVER_SOON)
        anna, boris = visitor(first), visitor(first)
        await wire.cut()
        async with running(anna, boris):
            for number in range(5):
                await anna.say(f"left {number}")
                await boris.say(f"silent {number}")
            await first.kill()
        anna._urls = boris._urls = [second.url]
        async with running(anna):
            await anna.say("next")
            await eventually(lambda: len(router.heard(anna)) == 6, seconds=15)
            assert router.heard(anna) == [*(f"left {number}" for number in range(5)), "next"]
            # whose visitor says nothing more is swept by the owner of the account
            await eventually(lambda: len(router.heard(boris)) == 5, seconds=25)
    assert router.heard(boris) == [f"silent {number}" for number in range(5)]


async def test_a_frozen_replica_changes_nothing_when_it_wakes(
    start: Start, router: Router, visitor: Callable[..., Visitor], database: str
) -> None:
    first, second = await start(**TAKEN_OVER_SOON), await start(**TAKEN_OVER_SOON)
    anna = visitor(first, second)
    anna._next = 0
    async with running(anna):
        said: list[str] = []
        for turn in range(3):
            for number in range(5):
                said.append(f"{turn}.{number}")
                anna.post(said[-1])
            await eventually(lambda: router.heard(anna), seconds=15)
            holder = first if anna.socket.transport.get_extra_info("peername")[1] == first.port else second  # type: ignore[union-attr]
            holder.signal(signal.SIGSTOP)
            for number in range(5):
                said.append(f"{turn}.frozen.{number}")
                anna.post(said[-1])
            anna.socket.cut()
            if database == "postgresql":
                await eventually(lambda: not anna.unsent, seconds=25)
            else:  # frozen inside a transaction it holds the file: replicas that must go on need PostgreSQL
                await asyncio.sleep(1)
            holder.signal(signal.SIGCONT)
            await eventually(lambda: not anna.unsent, seconds=25)
        await eventually(lambda: len(router.heard(anna)) == len(said), seconds=25)
    assert router.heard(anna) == said
    assert [entry["text"] for entry in anna.received] == said


@pytest.mark.parametrize("point", ["after_accept_commit", "before_visitor_ack"])
async def test_death_between_commit_and_acknowledgement(
    start: Start, router: Router, visitor: Callable[..., Visitor], point: str
) -> None:
    first, second = await start(FAULT_AT=f"{point}:4", **TAKEN_OVER_SOON), await start(**TAKEN_OVER_SOON)
    anna = visitor(first, second)
    anna._next = 0
    said = [f"word {number}" for number in range(8)]
    async with running(anna):
        for text in said:
            await anna.say(text)
        assert await first.ended() == 137
        await eventually(lambda: len(router.heard(anna)) == 8, seconds=25)
    assert router.heard(anna) == said
    assert [ack["seq"] for ack in anna.acked] == list(range(1, 9))


async def test_death_in_sending_is_made_good_by_the_other(
    start: Start, router: Router, visitor: Callable[..., Visitor]
) -> None:
    owner = await start(FAULT_AT="in_sending:3", **TAKEN_OVER_SOON)
    await eventually(lambda: owner.logged("account_declared"))
    other = await start(**TAKEN_OVER_SOON)
    anna = visitor(other)
    async with running(anna):
        sent = [await router.send(anna.visitor, f"answer {number}") for number in range(6)]
        await eventually(lambda: len(anna.received) == 6, seconds=30)
        await eventually(lambda: all(router.outcomes(one) == ["sent"] for one in sent), seconds=15)
    assert await owner.ended() == 137
    assert [entry["id"] for entry in anna.received] == [str(one) for one in sent]


async def test_a_mailbox_that_is_held_is_told_in_words_and_waited_for(
    start: Start, mailbox_url: str, router: Router, visitor: Callable[..., Visitor]
) -> None:
    replica = await start()
    anna = visitor(replica)
    anna.language = "ru"
    async with running(anna):
        await anna.say("before")
        async with held(mailbox_url):
            for number in range(3):
                anna.post(f"kept {number}")
            await eventually(lambda: anna.errors, seconds=15)
        await eventually(lambda: not anna.unsent, seconds=15)
        await eventually(lambda: len(router.heard(anna)) == 4)
    assert router.heard(anna) == ["before", "kept 0", "kept 1", "kept 2"]
    assert anna.errors[0]["code"] == "unavailable"
    assert "недоступен" in anna.errors[0]["words"]
    assert anna.errors[0]["retry_after"] > 0


async def test_a_standby_takes_the_account_over(
    start: Start, router: Router, visitor: Callable[..., Visitor]
) -> None:
    owner = await start(**TAKEN_OVER_SOON)
    await eventually(lambda: owner.logged("account_declared"))
    standby: Replica = await start(**TAKEN_OVER_SOON)
    anna = visitor(standby)
    async with running(anna):
        await router.send(anna.visitor, "from the owner, through the standby's socket")
        await eventually(lambda: len(anna.received) == 1)
        await owner.kill()
        await router.send(anna.visitor, "from the standby")
        await eventually(lambda: len(anna.received) == 2, seconds=15)
    assert standby.logged("lease_acquired", lease="webchat.main")
