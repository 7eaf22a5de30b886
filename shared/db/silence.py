"""Ends transactions of clients that are silent in the middle of a statement; PostgreSQL only.

The server's own `idle_in_transaction_session_timeout` counts from the end of a statement. asyncpg prepares
with a flush, and between preparing and executing there is no such end: a process that is frozen there keeps
its locks for as long as it is frozen. Its server process then is `active` and waits for its client. Whoever
holds a lease or waits for one looks for these and ends them; a client that lives never pauses so long there.
"""

from __future__ import annotations

import time
from typing import Final
from weakref import WeakKeyDictionary

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.db.dialect import is_sqlite
from shared.db.engine import writing
from shared.log import get_logger

log = get_logger()

SILENT_SECONDS: Final = 5
LOOK_SECONDS: Final = 2.0

_end: Final = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    " AND usename = current_user AND pid <> pg_backend_pid() AND application_name = 'switchboard'"
    " AND state = 'active' AND wait_event = 'ClientRead'"
    " AND query_start < clock_timestamp() - make_interval(secs => :seconds)"
)
_looked: WeakKeyDictionary[AsyncEngine, float] = WeakKeyDictionary()


async def end_silent(engine: AsyncEngine) -> int:
    """How many were ended. Looks every two seconds at most, however often asked; raises `Unavailable`."""
    now = time.monotonic()
    if is_sqlite(engine) or now < _looked.get(engine, 0.0) + LOOK_SECONDS:
        return 0
    _looked[engine] = now
    async with writing(engine) as conn:
        ended = len((await conn.execute(_end, {"seconds": SILENT_SECONDS})).all())
    if ended:
        log.warning("silent_transactions_ended", transactions=ended)
    return ended
