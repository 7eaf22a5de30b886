"""A connection of aiosqlite that ends however its closing is cancelled.

Its thread ends at the first `stop`. SQLAlchemy may stop a connection by force while a graceful close of it is
under way, which then stops it once more and waits for an answer that no thread will give. Here the second
stop has the first one's answer.
"""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any

import aiosqlite


class Connection(aiosqlite.Connection):
    """Awaited by SQLAlchemy, as `aiosqlite.connect` is."""

    _stop: asyncio.Future[Any] | None = None

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
