"""The writing transactions of one process on its own database.

On SQLite the writers of a process queue up here, in order: left to the database they would poll its lock, and
each poll sleeps. On PostgreSQL they run side by side.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.db.dialect import is_sqlite
from shared.db.engine import writing


class Transactions:
    """`async with transactions.writing() as conn`; raises `Unavailable` as shared.db.engine does."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._turn = asyncio.Lock() if is_sqlite(engine) else None

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        async with self._turn or nullcontext(), writing(self.engine) as conn:
            yield conn
