"""The few statements that SQLite and PostgreSQL spell differently."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, Table, literal_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.db.types import Instant


def is_sqlite(of: AsyncConnection | AsyncEngine | Connection) -> bool:
    """Whether this is SQLite; the only other engine is PostgreSQL."""
    return of.dialect.name == "sqlite"


def insert(conn: AsyncConnection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT with `on_conflict_do_nothing` and `on_conflict_do_update` for this connection's engine."""
    return sqlite.insert(table) if is_sqlite(conn) else postgresql.insert(table)


def database_micros(of: AsyncConnection | AsyncEngine) -> ColumnElement[int]:
    """The database's own clock as a BIGINT of microseconds since 1970; it moves within a transaction."""
    if is_sqlite(of):
        return literal_column("CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)", Instant.impl())
    return literal_column("CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)", Instant.impl())
