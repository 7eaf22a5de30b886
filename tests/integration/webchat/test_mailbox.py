"""The mailbox by itself: numbers without gaps, repeats, time that only rises, dialogs that somebody holds."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from gateways.kit.courier import Courier
from gateways.kit.transactions import Transactions
from gateways.webchat import mailbox, standings
from gateways.webchat.entries import Append
from gateways.webchat.reception import Reception
from gateways.webchat.sockets import News
from shared.bus.connection import Broker
from shared.bus.publisher import Publisher
from shared.clock import SystemClock
from shared.contract.ids import dialog_id
from shared.db.dialect import is_sqlite
from shared.db.engine import open_engine, reading, writing
from tests.support.waiting import eventually

pytestmark = pytest.mark.feature("CH1")


@pytest.fixture
async def engine(mailbox_url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(mailbox_url)
    yield engine
    await engine.dispose()


def said(chat: str, number: int) -> Append:
    return Append(
        dialog_id("webchat", "main", chat), "main", chat, "client", f"{chat} {number}", cid=f"{chat}-{number}"
    )


async def test_numbers_repeats_and_time(engine: AsyncEngine) -> None:
    async with writing(engine) as conn:
        done = await mailbox.append(conn, [said("a", 1), said("b", 1), said("a", 2), said("a", 1)], 1_000_000)
    assert [done.entries[index].seq for index in range(4)] == [1, 1, 2, 1]
    assert done.fresh == [0, 1, 2]
    assert done.entries[3] == done.entries[0]
    assert [done.entries[index].at for index in (0, 2)] == [1_000_000, 1_000_001]
    async with writing(engine) as conn:
        # another replica, whose clock is behind
        again = await mailbox.append(conn, [said("a", 3), said("a", 2)], 500_000)
    assert (again.entries[0].seq, again.entries[0].at) == (3, 1_000_002)
    assert again.entries[1] == done.entries[2]
    assert again.fresh == [0]
    first = done.entries[0].dialog_id
    async with reading(engine) as conn:
        read = await mailbox.read(conn, {(first, 1), (first, 3), (first, 9)})
        assert [entry.text for entry in read[first]] == ["a 1", "a 3"]
        assert read[first][1] == again.entries[0]
        assert (await standings.standings(conn, {first}))[first].last_seq == 3
        now = await mailbox.clock(conn)
        assert (first, 3) in await mailbox.moved_since(conn, now - 10_000_000)
        assert await mailbox.moved_since(conn, now) == []


async def test_a_dialog_that_is_held_holds_up_nobody_else(engine: AsyncEngine) -> None:
    news: list[News] = []
    courier = Courier(Transactions(engine), Publisher(Broker("amqp://127.0.0.1:1/", name="unused")))
    reception = Reception(Transactions(engine), courier, SystemClock(), news.extend)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(reception.run())
        await reception.receive(said("held", 1))
        async with writing(engine) as conn:
            await mailbox.append(conn, [said("held", 2)], 0)  # a replica that froze before its commit
            mine = [group.create_task(reception.receive(said("held", number))) for number in (3, 4)]
            other = group.create_task(reception.receive(said("other", 1)))
            if not is_sqlite(engine):  # there one writer is everybody's wait
                await eventually(other.done)
                assert not any(task.done() for task in mine)
        entries = [await task for task in mine]
        assert (await other).seq == 1
        running.cancel()
    assert [entry.seq for entry in entries] == [3, 4]
    assert [one.entry.text for one in news if one.entry.text.startswith("held")] == [
        "held 1",
        "held 3",
        "held 4",
    ]


async def test_two_replicas_number_one_dialog(engine: AsyncEngine) -> None:
    async def replica(name: str) -> None:
        for number in range(40):
            while True:
                async with writing(engine) as conn:
                    done = await mailbox.append(conn, [said("shared", hash((name, number)))], number)
                if not done.postponed:
                    break

    async with asyncio.TaskGroup() as group:
        for name in ("first", "second", "third"):
            group.create_task(replica(name))
    dialog = dialog_id("webchat", "main", "shared")
    async with reading(engine) as conn:
        entries = (await mailbox.read(conn, {(dialog, seq) for seq in range(1, 200)}))[dialog]
    assert [entry.seq for entry in entries] == list(range(1, 121))
    assert [entry.at for entry in entries] == sorted({entry.at for entry in entries})
