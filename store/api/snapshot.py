"""One state of the database for everything that an answer reads, and cursors that name a place in a list."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.db.dialect import is_sqlite
from shared.db.engine import outages
from shared.db.types import from_micros, to_micros
from shared.http.problem import Kind, Problem, Words

BAD_CURSOR: Final = Kind(
    "bad_cursor",
    422,
    Words("This is no place in the list.", "Такого места в списке нет."),
    Words("Take `next` of the page before.", "Возьмите `next` предыдущей страницы."),
)

Place = tuple[datetime, UUID]


@asynccontextmanager
async def snapshot(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A transaction that reads one state: SQLite's own do; PostgreSQL is asked for REPEATABLE READ."""
    with outages():
        async with engine.connect() as connection:
            if not is_sqlite(connection):
                await connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            async with connection.begin():
                yield connection


def cursor(at: datetime, id_: UUID) -> str:
    """A place in a list that is ordered by time and id, newest first."""
    return urlsafe_b64encode(to_micros(at).to_bytes(8, "big", signed=True) + id_.bytes).decode()


def place(text: str | None) -> Place | None:
    """The place that a cursor names; a problem for what is none."""
    if text is None:
        return None
    try:
        raw = urlsafe_b64decode(text)
        if len(raw) != 24:
            raise ValueError(text)
        return from_micros(int.from_bytes(raw[:8], "big", signed=True)), UUID(bytes=raw[8:])
    except (ValueError, OverflowError, binascii.Error):
        raise Problem(BAD_CURSOR) from None
