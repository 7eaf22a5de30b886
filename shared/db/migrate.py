"""Schemas are changed by Alembic scripts in `<package>/migrations/versions`, one process at a time.

    python -m shared.db.migrate upgrade router   # of SWITCHBOARD_DATABASE_URL, or …_URL_FILE

Everything of one call happens in one transaction, so a migration that fails leaves what was there. A service
changes nothing itself: it refuses to start on a schema that is not its own (shared/db/schema.py).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.db.dialect import is_sqlite
from shared.db.engine import open_engine, reading, writing
from shared.db.file_lock import FileLock
from shared.db.schema import SchemaMismatch, revision, versions_folder
from shared.failure import Unavailable

_ENVIRONMENT: Final = Path(__file__).parent / "alembic_env"
_ADVISORY_LOCK: Final = 0x5357_4942
_TURN_SECONDS: Final = 60.0

T = TypeVar("T")


def upgrade(url: str, package: str, to: str = "head") -> None:
    """Brings the database to revision `to`; harmless when it is there."""
    _migrate(url, package, lambda config: command.upgrade(config, to))


def downgrade(url: str, package: str, to: str = "-1") -> None:
    """Takes the database back; `base` empties it of this package's tables."""
    _migrate(url, package, lambda config: command.downgrade(config, to))


def current(url: str) -> str | None:
    """The revision that the database is at; None before the first migration."""

    async def read() -> str | None:
        engine = open_engine(url)
        try:
            async with reading(engine) as conn:
                return await conn.run_sync(revision)
        finally:
            await engine.dispose()

    return _in_own_loop(read())


def _migrate(url: str, package: str, step: Callable[[Config], None]) -> None:
    config = _config(package)

    def run(connection: Connection) -> None:
        config.attributes["connection"] = connection
        step(config)

    async def change() -> None:
        engine = open_engine(url)
        try:
            async with _turn(engine), writing(engine) as conn:
                await _alone(conn)
                await conn.run_sync(run)
        finally:
            await engine.dispose()

    _in_own_loop(change())


@asynccontextmanager
async def _turn(engine: AsyncEngine) -> AsyncIterator[None]:
    """One process at a time on a SQLite file: two that make a new one WAL at once fail without waiting."""
    path = engine.url.database
    if not is_sqlite(engine) or not path or path == ":memory:":
        yield
        return
    lock = FileLock(Path(f"{path}.migrate.lock"))
    try:
        async with asyncio.timeout(_TURN_SECONDS):
            while not lock.take():  # noqa: ASYNC110 - another process's lock: there is no event
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise Unavailable(f"database: another process has been migrating {path} for a minute") from None
    try:
        yield
    finally:
        lock.drop()


async def _alone(conn: AsyncConnection) -> None:
    """SQLite's transaction is already the only one; on PostgreSQL wait for whoever migrates."""
    if is_sqlite(conn):
        return
    await conn.execute(text("SET LOCAL statement_timeout = 0"))
    await conn.execute(text("SET LOCAL lock_timeout = '60s'"))
    await conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
    await conn.execute(text("SET LOCAL lock_timeout = '3s'"))


def _config(package: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_ENVIRONMENT).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(versions_folder(package)).replace("%", "%%"))
    return config


def _in_own_loop(work: Coroutine[Any, Any, T]) -> T:
    """Alembic is synchronous and the drivers are not: each call gets a loop in a thread of its own."""
    with ThreadPoolExecutor(1, thread_name_prefix="migrate") as thread:
        return thread.submit(asyncio.run, work).result()


def _url() -> str:
    file = os.environ.get("SWITCHBOARD_DATABASE_URL_FILE")
    url = Path(file).read_text().strip() if file else os.environ.get("SWITCHBOARD_DATABASE_URL", "")
    if not url:
        raise SchemaMismatch(
            "set SWITCHBOARD_DATABASE_URL, or SWITCHBOARD_DATABASE_URL_FILE to a file with it"
        )
    return url


def main(arguments: list[str]) -> int:
    """The command line; 0 when done, 2 with one line on stderr when not."""
    parser = argparse.ArgumentParser(prog="python -m shared.db.migrate", description=__doc__.splitlines()[0])
    parser.add_argument("verb", choices=["upgrade", "downgrade", "current"])
    parser.add_argument("package", help="router, store, gateways.webchat, gateways.desk, ...")
    parser.add_argument("revision", nargs="?", help="default: the newest; for downgrade: one step")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.verb == "upgrade":
            upgrade(_url(), chosen.package, chosen.revision or "head")
        elif chosen.verb == "downgrade":
            downgrade(_url(), chosen.package, chosen.revision or "-1")
        sys.stdout.write(f"{chosen.package}: {current(_url()) or 'empty'}\n")
    except (SchemaMismatch, Unavailable) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
