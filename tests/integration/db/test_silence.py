"""A process that is frozen between preparing and executing a statement does not keep its locks."""

import asyncio

import asyncpg
import pytest
from sqlalchemy import text

from shared.db import silence
from shared.db.engine import open_engine, writing
from tests.support.postgres import Postgres
from tests.support.waiting import eventually

LOCK = "SELECT 1 FROM chats WHERE id = 1 FOR UPDATE"


async def test_who_is_silent_within_a_statement_is_ended(postgres: Postgres) -> None:
    name = postgres.fresh_database("silence")
    engine = open_engine(postgres.url(name))
    async with writing(engine) as conn:
        await conn.execute(text("CREATE TABLE chats (id int)"))
        await conn.execute(text("INSERT INTO chats VALUES (1)"))
    frozen = await asyncpg.connect(postgres.url(name), server_settings={"application_name": "switchboard"})
    await frozen.execute("BEGIN")
    await frozen.execute(LOCK)
    await frozen.prepare("SELECT 2")  # asked with a flush: the server waits for more of the same statement
    await frozen_is_seen(postgres.url(name))

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(lock(postgres.url(name)), 1)
    await eventually(lambda: silence.end_silent(engine), seconds=silence.SILENT_SECONDS + 5)

    await asyncio.wait_for(lock(postgres.url(name)), 3)
    with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.InterfaceError, ConnectionError)):
        await frozen.execute("COMMIT")
    frozen.terminate()
    await engine.dispose()
    postgres.drop_database(name)


async def test_who_works_or_has_ended_a_statement_is_left_alone(postgres: Postgres) -> None:
    name = postgres.fresh_database("silence")
    engine = open_engine(postgres.url(name))
    async with writing(engine) as conn:
        await conn.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": silence.SILENT_SECONDS + 1})
        assert await silence.end_silent(engine) == 0
        assert (await conn.execute(text("SELECT 3"))).scalar_one() == 3
    await engine.dispose()
    postgres.drop_database(name)


async def lock(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute(LOCK)
    finally:
        connection.terminate()


async def frozen_is_seen(url: str) -> None:
    """The fault is there: an active session that waits for its client."""
    connection = await asyncpg.connect(url)
    seen = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND wait_event = 'ClientRead'"
    await eventually(lambda: connection.fetchval(seen))
    await connection.close()
