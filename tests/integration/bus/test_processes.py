"""Processes that die or freeze: what was decided is published, nothing twice, and a standby goes on."""

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from shared import topology
from shared.bus.call import Caller
from shared.bus.connection import Broker
from shared.bus.consumer import Consumer
from shared.bus.parking import read_parked
from shared.bus.publisher import Publisher
from shared.db import outbox
from shared.db.engine import reading
from tests.integration.bus.notes import EVENTS, NOTES, command, heard, opened, texts_of, written
from tests.support.postgres import Postgres
from tests.support.waiting import eventually
from tests.support.warm import WarmProcess

Urls = Callable[[str], str]


class Notebooks:
    """Processes of the notebook and what they log."""

    def __init__(self, amqp_url: str, database_url: str, folder: Path, lease_seconds: float = 1) -> None:
        self._command = ("tests.integration.bus.notebook_process", amqp_url, database_url)
        self._folder = folder
        self._lease_seconds = lease_seconds
        self.processes: dict[str, WarmProcess] = {}

    def start(self, name: str, fault: str = "") -> WarmProcess:
        environment = {**os.environ, "SWITCHBOARD_FAULT_AT": fault}
        log = self._folder / f"{name}.log"
        log.touch()
        words = (*self._command, name, str(self._lease_seconds))
        process = self.processes[name] = WarmProcess(words, environment, log)
        return process

    def said(self, name: str, event: str) -> list[dict[str, Any]]:
        lines = (self._folder / f"{name}.log").read_text().splitlines()
        entries = [json.loads(line) for line in lines if line.startswith("{")]
        return [entry for entry in entries if entry["event"] == event]

    async def active(self, name: str, times: int = 1) -> None:
        await eventually(lambda: len(self.said(name, "lease_acquired")) == times, seconds=15)


@asynccontextmanager
async def notebooks(
    amqp_url: str, database_url: str, folder: Path, lease_seconds: float = 1
) -> AsyncIterator[Notebooks]:
    started = Notebooks(amqp_url, database_url, folder, lease_seconds)
    try:
        yield started
    finally:
        for process in started.processes.values():
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait(10)


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    name = postgres.fresh_database("notes")
    yield postgres.url(name)
    postgres.drop_database(name)


async def wrote(engine: AsyncEngine, count: int) -> bool:
    return len(await written(engine)) >= count


@pytest.mark.parametrize("point", ["after_commit:2", "after_publish:2", "before_ack:2"])
async def test_ended_at_a_point_the_next_one_goes_on(
    amqp_url: str, database_url: Urls, tmp_path: Path, point: str
) -> None:
    url = database_url("notes")
    async with (
        opened(url) as engine,
        notebooks(amqp_url, url, tmp_path) as processes,
        Broker(amqp_url, name="test") as broker,
    ):
        publisher = Publisher(broker)
        first = processes.start("first", fault=point)
        await processes.active("first")
        await publisher.publish(heard("0"))
        await eventually(lambda: wrote(engine, 1))  # a batch of its own, so that there is a second one
        for n in range(1, 40):
            await publisher.publish(heard(str(n)))
        assert await asyncio.to_thread(first.wait, 15) == 137
        async with reading(engine) as conn:
            assert await outbox.leftovers(conn), "nothing was left to the next one"
        events = Consumer(broker, [EVENTS])
        processes.start("second")
        assert await texts_of(events, 40) == [str(n) for n in range(40)]
        await eventually(lambda: wrote(engine, 40))
        assert await written(engine) == [str(n) for n in range(40)]


async def test_ended_before_the_answer_the_repeated_command_gets_it(
    amqp_url: str, database_url: Urls, tmp_path: Path
) -> None:
    url = database_url("notes")
    async with (
        opened(url) as engine,
        notebooks(amqp_url, url, tmp_path) as processes,
        Broker(amqp_url, name="test") as broker,
    ):
        first = processes.start("first", fault="before_answer")
        await processes.active("first")
        caller = Caller(broker, Publisher(broker))
        act = command()
        calling = asyncio.ensure_future(caller.call(act, timeout=20))
        assert await asyncio.to_thread(first.wait, 15) == 137
        processes.start("second")
        assert (await calling).result == {"n": 0}, "the redelivered command is answered, without a repeat"
        assert (await caller.call(act)).result == {"n": 0}
        assert await written(engine) == ["command"]


@pytest.mark.timeout(120)
async def test_what_ends_the_process_is_parked_and_nothing_else(
    amqp_url: str, database_url: Urls, tmp_path: Path
) -> None:
    url = database_url("notes")
    async with (
        opened(url) as engine,
        notebooks(amqp_url, url, tmp_path) as processes,
        Broker(amqp_url, name="test") as broker,
    ):
        around = [*[heard(str(n), "a") for n in range(5)], *[heard(str(n), "b") for n in range(5, 10)]]
        await Publisher(broker).publish_in_order([*around[:5], heard("crash", "a"), *around[5:]])
        ended = 0
        while not await wrote(engine, 10):
            process = processes.start("notebook")
            await eventually(lambda: ended_or_wrote(process, engine), seconds=20)  # noqa: B023
            ended += process.returncode == 137
        assert ended == 6, "once in a batch, then five times alone"
        assert await written(engine) == [str(n) for n in range(10)]
        [delivery] = await Consumer(broker, [topology.PARKED.name]).next_batch()
        assert read_parked(delivery).reason == "crashed"


async def ended_or_wrote(process: WarmProcess, engine: AsyncEngine) -> bool:
    return process.returncode is not None or await wrote(engine, 10)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("frozen", [True, False], ids=["frozen", "killed"])
async def test_a_standby_takes_over_and_the_former_one_does_nothing(
    amqp_url: str, postgres_url: str, tmp_path: Path, *, frozen: bool
) -> None:
    async with (
        opened(postgres_url) as engine,
        notebooks(amqp_url, postgres_url, tmp_path, lease_seconds=5) as processes,
        Broker(amqp_url, name="test") as broker,
    ):
        publisher = Publisher(broker)
        first = processes.start("first")
        await processes.active("first")
        processes.start("second")
        await eventually(lambda: processes.said("second", "lease_awaited"), seconds=15)
        load = asyncio.ensure_future(publisher.publish_in_order([heard(str(n)) for n in range(1500)]))
        await eventually(lambda: wrote(engine, 100))
        first.send_signal(signal.SIGSTOP if frozen else signal.SIGKILL)
        since = time.monotonic()
        await eventually(lambda: second_wrote(engine), seconds=10)
        took = time.monotonic() - since
        print(f"a standby decided after {took:.1f} s")
        await load
        await eventually(lambda: wrote(engine, 1500), seconds=30)
        if frozen:
            first.send_signal(signal.SIGCONT)
            await eventually(lambda: processes.said("first", "lease_lost"), seconds=10)
            await publisher.publish(heard("1500"))
            await eventually(lambda: wrote(engine, 1501))
        count = 1501 if frozen else 1500
        assert await written(engine) == [str(n) for n in range(count)]
        assert await texts_of(Consumer(broker, [EVENTS]), count) == [str(n) for n in range(count)]
        assert await order_of_hands(engine) == ["first", "second"]


async def second_wrote(engine: AsyncEngine) -> bool:
    return "second" in await order_of_hands(engine)


async def order_of_hands(engine: AsyncEngine) -> list[str]:
    async with reading(engine) as conn:
        hands = list((await conn.execute(select(NOTES.c.by).order_by(NOTES.c.n))).scalars())
    return [hand for hand, before in zip(hands, [None, *hands], strict=False) if hand != before]
