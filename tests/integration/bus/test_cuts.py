"""Connections cut again and again under load: doubtful commits and confirms leave no trace."""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from shared import topology
from shared.bus.consumer import Consumer
from shared.db.dialect import is_sqlite
from shared.db.engine import writing
from shared.failure import Unavailable
from tests.integration.bus.cut import cut_connections
from tests.integration.bus.notes import heard, running, texts_of, written
from tests.support.broker import Broker
from tests.support.waiting import eventually

CUTS = 7


async def cut_database(engine: AsyncEngine) -> int:
    """Ends every other connection to a PostgreSQL database; SQLite has none to cut."""
    if is_sqlite(engine):
        return 0
    others = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname ="
    )
    with suppress(Unavailable):
        async with writing(engine) as conn:
            return len((await conn.execute(text(f"{others} current_database()"))).all())
    return 0


@pytest.mark.timeout(90)
async def test_each_once_and_in_order_all_the_same(
    amqp_url: str, broker: Broker, database_url: Callable[[str], str]
) -> None:
    count, seed = 3000, random.randrange(1000)
    choose = random.Random(seed)
    cut = {"broker": 0, "database": 0}
    async with running(amqp_url, database_url("notes")) as desk:
        load = asyncio.ensure_future(
            desk.publisher.publish_in_order([heard(str(n), f"s{n % 10}") for n in range(count)])
        )
        for _ in range(CUTS):
            progress = len(await written_soon(desk.engine))
            if choose.random() < 0.5:
                cut["broker"] += await cut_connections(broker, amqp_url)
            else:
                cut["database"] += await cut_database(desk.engine)
            await eventually(lambda: moved(desk.engine, progress, count), seconds=20)  # noqa: B023
        assert set(await load) == {None}
        await eventually(lambda: moved(desk.engine, count - 1, count), seconds=30)
        print(f"seed {seed}, cut {cut}")
        assert cut["broker"] or cut["database"]
        expected = [str(n) for n in range(count)]
        assert await written(desk.engine) == expected
        assert await texts_of(desk.events, count) == expected
        assert await Consumer(desk.broker, [topology.PARKED.name]).next_batch(timeout=0.3) == []


async def moved(engine: AsyncEngine, before: int, last: int) -> bool:
    return len(await written_soon(engine)) >= min(before + 100, last)


async def written_soon(engine: AsyncEngine) -> list[str]:
    """What is written, as soon as the database answers."""

    async def read() -> list[list[str]]:
        with suppress(Unavailable):
            return [await written(engine)]
        return []

    return (await eventually(read))[0]
