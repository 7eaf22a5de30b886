"""The few statements that SQLite and PostgreSQL spell differently."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

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


def upsert(
    conn: AsyncConnection, table: Table, changing: Sequence[str] | None = None
) -> sqlite.Insert | postgresql.Insert:
    """An INSERT of whole rows that changes the row of the same primary key, in these columns or in all.

    Made once for each table: making it anew costs more than carrying it out.
    """
    return _upsert(is_sqlite(conn), table, None if changing is None else tuple(changing))


@cache
def _upsert(
    on_sqlite: bool, table: Table, changing: tuple[str, ...] | None
) -> sqlite.Insert | postgresql.Insert:
    statement = sqlite.insert(table) if on_sqlite else postgresql.insert(table)
    keys = [column.name for column in table.primary_key]
    names = [column.name for column in table.c if column.name not in keys] if changing is None else changing
    new = statement.excluded
    return statement.on_conflict_do_update(index_elements=keys, set_={name: new[name] for name in names})


def database_micros(of: AsyncConnection | AsyncEngine) -> ColumnElement[int]:
    """The database's own clock as a BIGINT of microseconds since 1970; it moves within a transaction."""
    return micros_of(on_sqlite=is_sqlite(of))


def micros_of(*, on_sqlite: bool) -> ColumnElement[int]:
    """`database_micros` for statements that are made before there is a connection."""
    if on_sqlite:
        return literal_column("CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)", Instant.impl())
    return literal_column("CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)", Instant.impl())
