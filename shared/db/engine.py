"""Opening a database and its transactions; an outage of it has one name: `Unavailable`.

SQLite: WAL and `synchronous=FULL` (NORMAL may lose the last commits with the power), a transaction that
will write begins IMMEDIATE: a deferred one that reads first fails at once when another process commits.
PostgreSQL: a frozen client must not keep its locks, so the server ends a transaction left idle for 5 s.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

from asyncpg.exceptions import PostgresConnectionError, PostgresError
from sqlalchemy import Connection, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from shared.db import sqlite_connection
from shared.db.dialect import is_sqlite
from shared.failure import Unavailable

_PRAGMAS: Final = (
    f"PRAGMA busy_timeout = {sqlite_connection.BUSY_MILLISECONDS}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -65536",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA journal_size_limit = 67108864",
)

_SQLITE_OUTAGES: Final = frozenset({5, 6, 7, 8, 9, 10, 13, 14, 15})
"""BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, FULL, CANTOPEN, PROTOCOL."""

_POSTGRES_OUTAGES: Final = ("08", "25006", "25P03", "40", "53", "55P03", "57", "58", "F0", "XX")
"""Beginnings of SQLSTATE: connection, read-only, idle too long, serialization and deadlock, out of
resources, lock not available, operator intervention, system error, configuration, internal."""

_SERVER_SETTINGS: Final = {
    "application_name": "switchboard",
    "statement_timeout": "10000",
    "lock_timeout": "4000",
    "idle_in_transaction_session_timeout": "5000",
    "tcp_keepalives_idle": "3",
    "tcp_keepalives_interval": "1",
    "tcp_keepalives_count": "4",
    "jit": "off",
}


def open_engine(url: str) -> AsyncEngine:
    """An engine for `sqlite:///path` or `postgresql://…`; nothing is connected yet."""
    parsed = make_url(url)
    kind = parsed.get_backend_name()
    if kind == "sqlite":
        return _open_sqlite(parsed)
    if kind == "postgresql":
        return create_async_engine(
            parsed.set(drivername="postgresql+asyncpg"),
            pool_size=5,
            max_overflow=10,
            pool_timeout=5,
            connect_args={"timeout": 3, "command_timeout": 10, "server_settings": dict(_SERVER_SETTINGS)},
        )
    raise ValueError(f"no such database here: {kind}; use sqlite:///path or postgresql://…")


def _open_sqlite(url: URL) -> AsyncEngine:
    engine = create_async_engine(
        url.set(drivername="sqlite+aiosqlite"),
        pool_size=5,
        max_overflow=10,
        pool_timeout=5,
        connect_args={"async_creator_fn": sqlite_connection.connect},
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself: `begin` below does
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("switchboard_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@asynccontextmanager
async def writing(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A transaction that may write: committed when the block ends, rolled back when it raises.

    Raises `Unavailable` for an outage, a lock or a disconnect. One raised by the commit itself is a
    doubt: the transaction may have happened.
    """
    with outages():
        async with engine.connect() as connection:
            await connection.execution_options(switchboard_writes=True)
            async with connection.begin():
                yield connection


@asynccontextmanager
async def reading(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A transaction that only reads, all of it one snapshot; raises `Unavailable` as `writing` does."""
    with outages():
        async with engine.connect() as connection:
            if not is_sqlite(connection):
                await connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            async with connection.begin():
                yield connection


@contextmanager
def outages() -> Iterator[None]:
    """Turns what drivers raise for an outage into `Unavailable`, the cause kept."""
    try:
        yield
    except (DBAPIError, PostgresError, PoolTimeout, ConnectionError, TimeoutError) as error:
        if is_outage(error):
            raise Unavailable(f"database: {_words(error)}") from error
        raise
    except OSError as error:
        if error.filename is None and error.errno is not None:
            raise Unavailable(f"database: {error}") from error  # a socket's failure, not a file's
        raise


def is_outage(error: BaseException) -> bool:
    """Whether the database is away, locked or out of resources, rather than asked something wrong."""
    if isinstance(error, PoolTimeout | ConnectionError | TimeoutError | PostgresConnectionError):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    for cause in _causes(error):
        if isinstance(cause, sqlite3.Error):
            return (getattr(cause, "sqlite_errorcode", 0) & 0xFF) in _SQLITE_OUTAGES
        state = getattr(cause, "sqlstate", None)
        if isinstance(state, str):
            return state.startswith(_POSTGRES_OUTAGES)
    return isinstance(error, InterfaceError)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, what the driver raised, and what that came from."""
    current: BaseException | None = error
    while current is not None:
        yield current
        current = getattr(current, "orig", None) or current.__cause__


def _words(error: BaseException) -> str:
    """The driver's own words, without the statement and its values."""
    original = getattr(error, "orig", None) or error
    return f"{type(original).__name__}: {original}".splitlines()[0][:200]
