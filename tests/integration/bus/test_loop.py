"""The batch loop on a real broker and both databases: once each, in order, no neighbour harmed."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from shared import topology
from shared.bus.call import AnswerLate, Caller
from shared.bus.consumer import Consumer
from shared.bus.outgoing import Outgoing
from shared.bus.parking import Parked, read_parked
from shared.clock import uuid7
from shared.db import attempts, inbox
from shared.db.engine import reading
from tests.integration.bus.notes import (
    METADATA,
    Desk,
    command,
    heard,
    running,
    texts_of,
    written,
)
from tests.support.session import Session
from tests.support.waiting import eventually

Urls = Callable[[str], str]


async def parked(desk: Desk, count: int) -> list[Parked]:
    consumer = Consumer(desk.broker, [topology.PARKED.name])
    found: list[Parked] = []
    async with asyncio.timeout(15):
        while len(found) < count:
            batch = await consumer.next_batch()
            found += [read_parked(delivery) for delivery in batch]
            await consumer.settle(batch)
    await consumer.pause()
    return found


async def has_written(desk: Desk, count: int) -> bool:
    return len(await written(desk.engine)) >= count


async def test_each_once_and_in_order(amqp_url: str, database_url: Urls) -> None:
    async with running(amqp_url, database_url("notes")) as desk:
        messages = [heard(str(n), f"s{n % 7}") for n in range(1000)]
        await desk.publisher.publish_in_order(messages)
        await desk.publisher.publish_in_order(messages[200:700])
        expected = [str(n) for n in range(1000)]
        assert await texts_of(desk.events, 1000) == expected
        await desk.publisher.publish(heard("last"))
        await eventually(lambda: has_written(desk, 1001))
        assert await written(desk.engine) == [*expected, "last"]
        await eventually(lambda: outbox_is_empty(desk))


async def outbox_is_empty(desk: Desk) -> bool:
    async with reading(desk.engine) as conn:
        return (await conn.execute(select(METADATA.tables["outbox"]))).first() is None


@pytest.mark.timeout(40)
async def test_poison_is_parked_and_its_neighbours_are_untouched(amqp_url: str, database_url: Urls) -> None:
    async with running(amqp_url, database_url("notes")) as desk:
        a = [heard("a1", "a"), heard("poison", "a"), heard("a2", "a"), heard("a3", "a")]
        b = [heard(f"b{n}", "b") for n in range(50)]
        await desk.publisher.publish_in_order([*b[:25], *a, *b[25:]])
        await eventually(lambda: has_written(desk, 53), seconds=20)
        texts = await written(desk.engine)
        assert [text for text in texts if text[0] == "a"] == ["a1", "a2", "a3"]
        assert [text for text in texts if text[0] == "b"] == [f"b{n}" for n in range(50)]
        assert texts.index("b49") < texts.index("a2"), "others go on while one is tried"
        [poison] = await parked(desk, 1)
        assert (poison.queue, poison.reason) == ("router.inbound.v1", "failed")
        assert "cannot digest poison" in poison.error
        assert "Traceback" in poison.error
        assert (poison.exchange, poison.routing_key) == ("inbound", "message.webchat.main")
        assert (poison.body, poison.message_id) == (a[1].body, a[1].message_id)
        assert desk.notebook.tries["poison"] in {5, 6}, "five, and perhaps once in a batch"
        await desk.publisher.publish(heard("a4", "a"))
        await eventually(lambda: has_written(desk, 54))
        async with reading(desk.engine) as conn:
            assert await attempts.count(conn, UUID(poison.message_id)) == 0
        await nothing_left(desk)


async def nothing_left(desk: Desk) -> None:
    """After a stop no delivery comes back: all were acknowledged."""
    desk.stopping.set()
    await eventually(lambda: not desk.lease.held)
    again = Consumer(desk.broker, [topology.ROUTER_INBOUND.name])
    assert await again.next_batch(timeout=0.5) == []


async def test_what_fails_for_a_while_is_done_in_its_place(amqp_url: str, database_url: Urls) -> None:
    async with running(amqp_url, database_url("notes")) as desk:
        await desk.publisher.publish_in_order([heard("poison:3", "a"), heard("next", "a"), heard("b", "b")])
        await eventually(lambda: has_written(desk, 3))
        assert await written(desk.engine) == ["b", "poison:3", "next"]
        await nothing_left(desk)


async def test_bytes_that_say_nothing_are_parked_at_once(amqp_url: str, database_url: Urls) -> None:
    async with running(amqp_url, database_url("notes")) as desk:
        bad = [b"", b"{", b"\xff\xfe", b'{"specversion":"9.0"}', b"[" * 100_000]
        await desk.publisher.publish_in_order(
            [Outgoing("inbound", "message.webchat.main", body, f"bad{n}") for n, body in enumerate(bad)]
        )
        found = await parked(desk, len(bad))
        assert [item.body for item in found] == bad
        assert {item.reason for item in found} == {"undecodable"}
        assert all(item.error for item in found)
        await desk.publisher.publish(heard("fine"))
        await eventually(lambda: has_written(desk, 1))


async def test_a_command_is_done_once_and_answered_alike(amqp_url: str, database_url: Urls) -> None:
    async with running(amqp_url, database_url("notes")) as desk:
        caller = Caller(desk.broker, desk.publisher)
        act = command()
        first = await caller.call(act)
        assert first.ok
        assert first.result == {"n": 0}
        assert (await caller.call(command())).result == {"n": 1}
        assert await caller.call(command(act.id, deadline=timedelta(seconds=99))) == first
        both = await asyncio.gather(*[caller.call(command(same, by="boris")) for same in [uuid7()] * 2])
        assert both[0] == both[1]
        refused = await caller.call(command(act.id, by="eve"))
        assert refused.refusal is not None
        assert refused.refusal.code == "conflict"
        assert len(await written(desk.engine)) == 3


async def test_a_late_command_is_refused_and_leaves_no_key(amqp_url: str, database_url: Urls) -> None:
    async with running(amqp_url, database_url("notes")) as desk:
        caller = Caller(desk.broker, desk.publisher)
        late = command(deadline=timedelta(seconds=-1))
        answer = await caller.call(late)
        assert answer.refusal is not None
        assert answer.refusal.code == "expired"
        async with reading(desk.engine) as conn:
            assert await inbox.find(conn, [late.id]) == {}
        assert (await caller.call(command(late.id))).ok
        assert (await caller.call(late)).ok, "it has been done: its answer stands, also past the deadline"


async def test_an_answer_that_does_not_come_is_late(amqp_url: str, database_url: Urls) -> None:
    async with running(amqp_url, database_url("notes")) as desk:
        desk.stopping.set()
        caller = Caller(desk.broker, desk.publisher)
        with pytest.raises(AnswerLate):
            await caller.call(command(), timeout=1)


async def test_a_returned_message_is_replaced(amqp_url: str, database_url: Urls) -> None:
    async with running(amqp_url, database_url("notes")) as desk:
        await desk.publisher.publish_in_order([heard("one"), heard("send:nobody"), heard("two")])
        assert await texts_of(desk.events, 3) == ["one", "two", "failed webchat.nobody"]
        await eventually(lambda: outbox_is_empty(desk))


async def test_a_tick_comes_after_what_was_waiting(amqp_url: str, database_url: Urls) -> None:
    url = database_url("notes")
    async with running(amqp_url, url) as desk:
        desk.stopping.set()
        await eventually(lambda: not desk.lease.held)
        await desk.publisher.publish_in_order([heard(str(n)) for n in range(1500)])
    async with running(amqp_url, url) as desk:
        await eventually(lambda: desk.notebook.ticks)
        assert desk.notebook.ticks[0] == 1500
        await eventually(lambda: len(desk.notebook.ticks) >= 3)


@asynccontextmanager
async def locked(path: str) -> AsyncIterator[None]:
    """Another process has the database for itself, longer than SQLite waits for a lock: the fault itself."""
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    await asyncio.to_thread(other.execute, "BEGIN EXCLUSIVE")
    yield
    await asyncio.sleep(6)
    other.execute("ROLLBACK")
    other.close()


@pytest.mark.parametrize("patience_seconds", [300, 3])
async def test_an_outage_of_sqlite_is_waited_out(
    amqp_url: str, tmp_path: Path, patience_seconds: int
) -> None:
    """In place; when it lasts too long the channels are closed once, and each delivery still counts once."""
    path = f"{tmp_path}/locked.db"
    async with running(amqp_url, f"sqlite:///{path}", patience_seconds=patience_seconds) as desk:
        await desk.publisher.publish(heard("before"))
        await eventually(lambda: has_written(desk, 1))
        loads = desk.notebook.loads
        async with locked(path):
            await desk.publisher.publish_in_order([heard(str(n)) for n in range(5)])
        assert desk.lease.held
        await eventually(lambda: has_written(desk, 6))
        await desk.publisher.publish(heard("after"))
        await eventually(lambda: has_written(desk, 7))
        assert await written(desk.engine) == ["before", *"01234", "after"]
        assert desk.notebook.loads > loads, "the outage was not noticed"
        assert desk.notebook.tries == {}
        await nothing_left(desk)


@pytest.mark.timeout(90)
async def test_an_outage_of_postgresql_loses_nothing(amqp_url: str, servers: Session) -> None:
    server = servers.postgres("outage")
    async with running(amqp_url, server.url(server.fresh_database("notes"))) as desk:
        await desk.publisher.publish(heard("before"))
        await eventually(lambda: has_written(desk, 1))
        for round_, seconds in enumerate((1.0, 6.0)):
            epoch = desk.lease.epoch
            await asyncio.to_thread(server.stop)
            await desk.publisher.publish_in_order([heard(f"{round_}.{n}") for n in range(5)])
            await asyncio.sleep(seconds)  # the fault itself: shorter, then longer than the lease
            await asyncio.to_thread(server.start)
            await eventually(lambda: has_written_again(desk, 6 + 5 * round_), seconds=20)  # noqa: B023
            if seconds > 5:
                assert desk.lease.epoch > epoch, "a lease that was not renewed must be taken anew"
        assert await written(desk.engine) == ["before", *(f"{r}.{n}" for r in range(2) for n in range(5))]
        assert await texts_of(desk.events, 11)
    await asyncio.to_thread(server.stop)


async def has_written_again(desk: Desk, count: int) -> bool:
    return len(await written(desk.engine)) == count
