"""A connection of aiosqlite whose thread only waits, and that ends however its closing is cancelled.

Every call into its thread costs a tenth of a millisecond and a switch of threads. SQLAlchemy makes a cursor,
executes, fetches and closes: four calls. Here a statement is none: it is executed, its rows are fetched and
its cursor is closed at once. The thread gets what may wait: the commit, for the disk; and the beginning of a
transaction that writes, where another one is writing. A rollback of nothing is none.

Its thread ends at the first `stop`. SQLAlchemy may stop a connection by force while a graceful close of it is
under way, which then stops it once more and waits for an answer that no thread will give. Here the second
stop has the first one's answer.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Generator, Iterable, Sequence
from typing import Any, Final, Self

import aiosqlite

BUSY_MILLISECONDS: Final = 5000
"""So long a transaction that writes waits for another one."""

_BEGIN: Final = "BEGIN IMMEDIATE"


class Cursor:
    """As much of an asynchronous cursor as SQLAlchemy uses; its rows are here once it has executed."""

    arraysize = 1

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: Sequence[Any] = ()
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, operation: str, parameters: Sequence[Any] = ()) -> Self:
        waits = operation == _BEGIN
        if waits and self._connection.begin_at_once():
            return self
        return await self._run(lambda cursor: cursor.execute(operation, parameters), waits=waits)

    async def executemany(self, operation: str, parameters: Iterable[Sequence[Any]]) -> Self:
        return await self._run(lambda cursor: cursor.executemany(operation, parameters))

    async def fetchall(self) -> Sequence[Any]:
        rows, self._rows = self._rows, ()
        return rows

    async def close(self) -> None:
        """It is closed already."""

    async def _run(self, act: Callable[[sqlite3.Cursor], object], *, waits: bool = False) -> Self:
        await self._connection.call(lambda connection: self._in_thread(connection, act), waits=waits)
        return self

    def _in_thread(self, connection: sqlite3.Connection, act: Callable[[sqlite3.Cursor], object]) -> None:
        cursor = connection.cursor()
        try:
            act(cursor)
            self.description = cursor.description
            self.rowcount = cursor.rowcount
            self.lastrowid = cursor.lastrowid
            self._rows = cursor.fetchall() if cursor.description else ()
        finally:
            cursor.close()


class Connection(aiosqlite.Connection):
    """Awaited by SQLAlchemy, as `aiosqlite.connect` is."""

    _stop: asyncio.Future[Any] | None = None
    _asked = 0
    _done = 0

    def __await__(self) -> Generator[Any, None, Self]:
        """Opens it; where that fails, its thread has ended before the error is raised."""
        try:
            yield from super().__await__()
        except BaseException:
            if self._stop is not None:
                yield from self._stop.__await__()
            raise
        return self

    def cursor(self) -> Cursor:  # type: ignore[override]  # theirs goes to the thread to be made
        return Cursor(self)

    async def call(self, act: Callable[[sqlite3.Connection], object], *, waits: bool) -> None:
        """Runs `act` in the connection's thread; it is not given up when the caller is cancelled."""
        if not waits and self._asked == self._done:
            act(self._conn)
            return
        self._asked += 1
        await self._execute(self._counted, act)  # type: ignore[no-untyped-call]

    def begin_at_once(self) -> bool:
        """Begins a transaction that writes, unless that would wait."""
        if self._asked != self._done:
            return False
        self._conn.execute("PRAGMA busy_timeout = 0")
        try:
            self._conn.execute(_BEGIN)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                return False
            raise
        finally:
            self._conn.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
        return True

    async def rollback(self) -> None:
        if self._conn.in_transaction or self._asked != self._done:
            await super().rollback()

    def _counted(self, act: Callable[[sqlite3.Connection], object]) -> None:
        try:
            act(self._conn)
        finally:
            self._done += 1

    def stop(self) -> asyncio.Future[Any] | None:
        """Ends the thread after what is queued; asked again, it is the same end."""
        if self._stop is None:
            self._stop = super().stop()
        return self._stop


def connect(database: str, **arguments: Any) -> Connection:
    """For `connect_args={"async_creator_fn": connect}`; its thread does not keep the process alive."""
    connection = Connection(lambda: sqlite3.connect(database, **arguments), iter_chunk_size=64)
    connection._thread.daemon = True  # noqa: SLF001 - as SQLAlchemy does with those it makes itself
    return connection
