"""Transactions: what an outage looks like, and what is not one."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Column, MetaData, Table, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.db import dialect
from shared.db.engine import open_engine, reading, writing
from shared.db.sqlite_connection import connect
from shared.db.types import Instant, Json, Key
from shared.failure import Unavailable
from tests.support.quiet_ports import quiet_ports

THINGS = Table(
    "things", MetaData(), Column("id", Key, primary_key=True), Column("at", Instant), Column("j", Json)
)
ID = UUID("0190b7c0-0000-7000-8000-000000000001")


async def test_types_come_back_as_they_went(engine: AsyncEngine) -> None:
    at = datetime(2026, 1, 31, 13, 0, 0, 123456, tzinfo=timezone(timedelta(hours=3)))
    row = {"id": ID, "at": at, "j": {"слово": [1, None]}}
    async with writing(engine) as conn:
        await conn.run_sync(THINGS.metadata.create_all)
        await conn.execute(insert(THINGS), [row, {"id": UUID(int=0), "at": None, "j": None}])
    async with reading(engine) as conn:
        found = (await conn.execute(select(THINGS).where(THINGS.c.id == ID))).one()
        empty = (await conn.execute(select(THINGS).where(THINGS.c.id == UUID(int=0)))).one()
    assert (found.id, found.at, found.j) == (ID, at, {"слово": [1, None]})
    assert found.at.tzinfo is UTC
    assert (empty.at, empty.j) == (None, None)


async def test_a_block_that_raises_changes_nothing(engine: AsyncEngine) -> None:
    async def create_and_fail() -> None:
        async with writing(engine) as conn:
            await conn.run_sync(THINGS.metadata.create_all)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await create_and_fail()
    with pytest.raises(DBAPIError):
        async with reading(engine) as conn:
            await conn.execute(select(THINGS))


async def test_what_is_asked_wrong_is_no_outage(engine: AsyncEngine) -> None:
    async with writing(engine) as conn:
        await conn.run_sync(THINGS.metadata.create_all)
    with pytest.raises(IntegrityError):
        async with writing(engine) as conn:
            await conn.execute(insert(THINGS), [{"id": ID}, {"id": ID}])
    with pytest.raises(DBAPIError):
        async with reading(engine) as conn:
            await conn.execute(text("SELECT nothing FROM nowhere"))


async def test_insert_or_not_on_either_engine(engine: AsyncEngine) -> None:
    async with writing(engine) as conn:
        await conn.run_sync(THINGS.metadata.create_all)
        for j in (1, 2):
            await conn.execute(dialect.insert(conn, THINGS).values(id=ID, j=j).on_conflict_do_nothing())
        assert (await conn.execute(select(THINGS.c.j))).scalars().all() == [1]


async def test_the_clock_of_the_database(engine: AsyncEngine) -> None:
    async with reading(engine) as conn:
        first = (await conn.execute(select(dialect.database_micros(conn)))).scalar_one()
        await asyncio.sleep(0.01)
        second = (await conn.execute(select(dialect.database_micros(conn)))).scalar_one()
    assert 5_000 < second - first < 5_000_000
    assert abs(first / 1e6 - datetime.now(UTC).timestamp()) < 60


async def test_a_reader_that_writes_later_does_not_lose(database_url: Callable[[str], str]) -> None:
    """SQLite: a deferred transaction that read first would fail at once; two writers take turns."""
    engine = open_engine(database_url("db"))
    async with writing(engine) as conn:
        await conn.run_sync(THINGS.metadata.create_all)

    async def add(n: int) -> None:
        async with writing(engine) as conn:
            await conn.execute(select(THINGS))
            await conn.execute(insert(THINGS), [{"id": UUID(int=n)}])

    await asyncio.gather(*[add(n) for n in range(20)])
    async with reading(engine) as conn:
        assert len((await conn.execute(select(THINGS))).all()) == 20
    await engine.dispose()


async def test_reading_is_one_snapshot(engine: AsyncEngine) -> None:
    async with writing(engine) as conn:
        await conn.run_sync(THINGS.metadata.create_all)
    async with reading(engine) as before:
        assert (await before.execute(select(THINGS))).all() == []
        async with writing(engine) as conn:
            await conn.execute(insert(THINGS), [{"id": ID}])
        assert (await before.execute(select(THINGS))).all() == []
    async with writing(engine) as conn:
        assert len((await conn.execute(select(THINGS))).all()) == 1


async def test_a_database_that_is_away(tmp_path: str) -> None:
    for url in (f"sqlite:///{tmp_path}/no/such/folder.db", f"postgresql://x@127.0.0.1:{quiet_ports(1)[0]}/x"):
        engine = open_engine(url)
        with pytest.raises(Unavailable):
            async with reading(engine) as conn:
                await conn.execute(text("SELECT 1"))
        await engine.dispose()
    with pytest.raises(ValueError, match="sqlite"):
        open_engine("mysql://localhost/x")


async def test_a_forced_stop_during_a_graceful_close_ends_both(tmp_path: Path) -> None:
    connection = await connect(str(tmp_path / "one.db"))
    closing = asyncio.ensure_future(connection.close())
    await asyncio.sleep(0)
    connection.stop()
    async with asyncio.timeout(5):
        await closing
