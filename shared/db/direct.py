"""Statements that every message needs, carried out on SQLite's driver without the way through SQLAlchemy.

    await run(conn, _insert, new)
    for row in await rows(conn, _by_ids, {"ids": ids})

SQLAlchemy compiles the statement, and converts values, as ever; but once. Executing through it takes 50 µs
of processor time, directly 10, and a message needs two dozen statements. So a statement given here is a
constant of its module: what is made anew for each call would be compiled anew for each call. On PostgreSQL,
where the round trip is what takes the time, it is executed as any other.
"""

from __future__ import annotations

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Dialect, Executable, TupleType
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.types import TypeEngine

from shared.db.dialect import is_sqlite
from shared.db.sqlite_connection import Connection

Values = Mapping[str, Any]
Process = Callable[[Any], Any]

_PLANS: Final = 512
"""Statements, times the lengths of their lists, that are kept compiled."""


async def rows(conn: AsyncConnection, statement: Executable, values: Values | None = None) -> Sequence[Any]:
    """All rows of a query: tuples whose parts also have the names of the columns.

    A value that is a list is one of an expanding IN. It is filled up to a power of two with its last element,
    so that a statement has few forms, which drivers prepare once and keep.
    """
    filled = {name: _filled(value) for name, value in (values or {}).items()}
    if not is_sqlite(conn):
        return (await conn.execute(statement, filled)).all()
    lengths = tuple((name, len(value)) for name, value in filled.items() if isinstance(value, list))
    plan = _plan(conn.dialect, statement, tuple(filled), lengths)
    cursor = _driver(conn).cursor()
    with _as_errors_of_sqlalchemy(plan):
        await cursor.execute(plan.text, plan.bound(filled))
    return plan.read(await cursor.fetchall(), cursor.description)


async def run(conn: AsyncConnection, statement: Executable, values: Values | Sequence[Values]) -> int:
    """Carries out a change, for each of several sets of values in order.

    The number of rows changed by one set of values; -1 for several: not every driver tells.
    """
    several = values if isinstance(values, Sequence) else (values,)
    if not is_sqlite(conn):
        changed = (await conn.execute(statement, several)).rowcount
        return changed if len(several) == 1 else -1
    plan = _plan(conn.dialect, statement, tuple(several[0]), ())
    cursor = _driver(conn).cursor()
    with _as_errors_of_sqlalchemy(plan):
        if len(several) == 1:
            await cursor.execute(plan.text, plan.bound(several[0]))
            return cursor.rowcount
        await cursor.executemany(plan.text, [plan.bound(one) for one in several])
    return -1


def _filled(value: Any) -> Any:
    if not isinstance(value, list) or not value:
        return value
    return value + value[-1:] * ((1 << (len(value) - 1).bit_length()) - len(value))


@dataclass(frozen=True, slots=True)
class _Slot:
    """Where one `?` gets its value: from the caller's by name, from a place in their list, or a constant."""

    name: str
    process: Process | None
    path: tuple[int, ...] = ()
    constant: Any = None
    given: bool = True

    def value(self, values: Values) -> Any:
        value = values[self.name] if self.given else self.constant
        for step in self.path:
            value = value[step]
        return value if self.process is None else self.process(value)


@dataclass(slots=True)
class _Plan:
    """A statement compiled for some names of values and lengths of lists."""

    text: str
    slots: Sequence[_Slot]
    readers: Sequence[tuple[int, Process]]
    row: Any = None

    def bound(self, values: Values) -> tuple[Any, ...]:
        return tuple([slot.value(values) for slot in self.slots])

    def read(self, found: Sequence[Any], description: Any) -> Sequence[Any]:
        if not found:
            return ()
        if self.row is None:
            self.row = _row([column[0] for column in description])
        read = []
        for raw in found:
            values = list(raw)
            for at, process in self.readers:
                values[at] = process(values[at])
            read.append(self.row._make(values))
        return read


@lru_cache(_PLANS)
def _plan(
    dialect: Dialect, statement: Any, names: tuple[str, ...], lengths: tuple[tuple[str, int], ...]
) -> _Plan:
    compiled: SQLCompiler = statement.compile(dialect=dialect, column_keys=sorted(names) or None)
    sizes = dict(lengths)
    example: dict[str, Any] = dict.fromkeys(names)
    for name, bind in compiled.binds.items():
        if bind.expanding:
            one = (None,) * len(bind.type.types) if isinstance(bind.type, TupleType) else None
            example[name] = [one] * sizes[name]
    state = compiled.construct_expanded_state(example)
    places: dict[str, tuple[str, tuple[int, ...], TypeEngine[Any]]] = {
        name: (name, (), bind.type) for name, bind in compiled.binds.items()
    }
    for name, spread in state.parameter_expansion.items():
        places |= _spread(name, compiled.binds[name].type, spread)
    slots = []
    for place in state.positiontup or ():
        name, path, type_ = places[place]
        given = name in example
        constant = None if given else state.parameters[place]
        slots.append(_Slot(name, type_.dialect_impl(dialect).bind_processor(dialect), path, constant, given))
    return _Plan(state.statement, slots, _readers(statement, dialect))


def _spread(
    name: str, type_: TypeEngine[Any], spread: Sequence[str]
) -> dict[str, tuple[str, tuple[int, ...], TypeEngine[Any]]]:
    """Where the parts of a list stand in it; those of tuples come one tuple after another."""
    if not isinstance(type_, TupleType):
        return {part: (name, (at,), type_) for at, part in enumerate(spread)}
    width = len(type_.types)
    return {part: (name, divmod(at, width), type_.types[at % width]) for at, part in enumerate(spread)}


def _row(columns: Sequence[str]) -> Any:
    return namedtuple("Row", columns, rename=True)


def _readers(statement: ClauseElement, dialect: Dialect) -> list[tuple[int, Process]]:
    """The columns whose values are converted when they are read, and how."""
    readers = []
    for at, column in enumerate(getattr(statement, "exported_columns", ())):
        process = column.type.dialect_impl(dialect).result_processor(dialect, None)
        if process is not None:
            readers.append((at, process))
    return readers


@contextmanager
def _as_errors_of_sqlalchemy(plan: _Plan) -> Iterator[None]:
    """Whoever catches an `IntegrityError` need not know which way the statement went."""
    try:
        yield
    except sqlite3.Error as error:
        raise DBAPIError.instance(plan.text, None, error, sqlite3.Error) from error


def _driver(conn: AsyncConnection) -> Connection:
    synchronous = conn.sync_connection
    driver = None if synchronous is None else synchronous.connection.driver_connection
    if not isinstance(driver, Connection):
        raise TypeError(f"not a connection of {__name__}: {driver!r}")
    return driver
