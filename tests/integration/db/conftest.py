"""Engines on empty databases with the tables that the bus needs."""

from collections.abc import AsyncIterator, Callable

import pytest
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.db.attempts import attempts_table
from shared.db.engine import open_engine, writing
from shared.db.inbox import inbox_table
from shared.db.lease import leases_table
from shared.db.outbox import outbox_table


@pytest.fixture
async def engine(database_url: Callable[[str], str]) -> AsyncIterator[AsyncEngine]:
    metadata = MetaData()
    for add_table in (outbox_table, inbox_table, attempts_table, leases_table):
        add_table(metadata)
    engine = open_engine(database_url("db"))
    async with writing(engine) as conn:
        await conn.run_sync(metadata.create_all)
    yield engine
    await engine.dispose()
