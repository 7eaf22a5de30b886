"""Statements given to the driver do and tell the same as through SQLAlchemy, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.dialect import upsert
from shared.db.direct import rows, run
from shared.db.engine import open_engine, reading, writing
from shared.db.types import Instant, Json, Key

_metadata = sa.MetaData()
_things = sa.Table(
    "things",
    _metadata,
    sa.Column("thing", Key, primary_key=True),
    sa.Column("mark", sa.Text, nullable=False),
    sa.Column("at", Instant),
    sa.Column("body", Json),
    sa.Column("raw", sa.LargeBinary),
    sa.Column("good", sa.Boolean, nullable=False),
    sa.UniqueConstraint("thing", "mark"),
)
_insert = sa.insert(_things)
_all = sa.select(_things).order_by(_things.c.mark)
_by_ids = _all.where(_things.c.thing.in_(sa.bindparam("ids", expanding=True)))
_by_pairs = _all.where(sa.tuple_(_things.c.thing, _things.c.mark).in_(sa.bindparam("pairs", expanding=True)))
_since = _all.where(_things.c.at >= sa.bindparam("since"), _things.c.mark != "c").limit(sa.bindparam("most"))
_count = sa.select(sa.func.count(), sa.func.max(_things.c.at).label("latest")).select_from(_things)
_rename = (
    sa.update(_things)
    .where(_things.c.mark == sa.bindparam("old"))
    .values(mark=sa.bindparam("new"), body=sa.bindparam("kept", type_=Json))
)
_NOW = datetime(2026, 1, 31, 10, 0, 0, 123456, tzinfo=UTC)


def thing(mark: str, **fields: Any) -> dict[str, Any]:
    empty = {"at": None, "body": None, "raw": None, "good": True}
    return {"thing": uuid4(), "mark": mark, **empty, **fields}


A = thing("a", at=_NOW, body={"списки": [1, None]}, raw=b"\x00\xff")
B, C, D, E = thing("b", good=False), thing("c", at=_NOW), thing("d", at=_NOW), thing("e", at=_NOW)


@pytest.fixture
async def conn(database_url: Callable[[str], str]) -> AsyncIterator[AsyncConnection]:
    """A transaction on a table with five things."""
    engine = open_engine(database_url("direct"))
    async with writing(engine) as conn:
        await conn.run_sync(_metadata.create_all)
        assert await run(conn, _insert, A) == 1
        assert await run(conn, _insert, [B]) == 1
        await run(conn, _insert, [C, D, E])
        yield conn
    await engine.dispose()


async def both(conn: AsyncConnection, statement: Any, values: dict[str, Any] | None = None) -> list[Any]:
    """What is found, the same both ways."""
    found = [row._asdict() for row in await rows(conn, statement, values)]
    assert found == [row._asdict() for row in await conn.execute(statement, values)]
    return found


async def test_values_of_every_type(conn: AsyncConnection) -> None:
    assert await both(conn, _all) == [A, B, C, D, E]
    [one] = await rows(conn, _by_ids, {"ids": [A["thing"]]})
    assert (one.thing, one.at, one.body, one.raw, one.good) == (A["thing"], _NOW, A["body"], A["raw"], True)
    [[number, latest]] = await rows(conn, _count)
    assert (number, latest) == (5, _NOW)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5])
async def test_lists_of_every_length(conn: AsyncConnection, count: int) -> None:
    expected = [A, B, C, D, E][:count]
    assert await both(conn, _by_ids, {"ids": [one["thing"] for one in expected]}) == expected
    pairs = [(one["thing"], one["mark"]) for one in expected]
    assert await both(conn, _by_pairs, {"pairs": pairs}) == expected


async def test_constants_beside_values(conn: AsyncConnection) -> None:
    assert await both(conn, _since, {"since": _NOW, "most": 2}) == [A, D]
    assert await both(conn, _since, {"since": _NOW, "most": 9}) == [A, D, E]


async def test_changes_are_counted(conn: AsyncConnection) -> None:
    assert await run(conn, _rename, {"old": "a", "new": "z", "kept": ["x"]}) == 1
    assert await run(conn, _rename, {"old": "a", "new": "z", "kept": None}) == 0
    changed = [{**A, "mark": "y"}, thing("new")]
    await run(conn, upsert(conn, _things), changed)
    assert [row.mark for row in await rows(conn, _all)] == ["b", "c", "d", "e", "new", "y"]


async def test_the_transaction_is_the_same(database_url: Callable[[str], str]) -> None:
    engine = open_engine(database_url("direct"))
    async with writing(engine) as conn:
        await conn.run_sync(_metadata.create_all)

    async def fail() -> None:
        async with writing(engine) as conn:
            await run(conn, _insert, [A, B])
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    async with reading(engine) as conn:
        assert list(await rows(conn, _all)) == []
    await engine.dispose()


async def test_errors_are_the_same(conn: AsyncConnection) -> None:
    for repeat in (run(conn, _insert, A), conn.execute(_insert, A)):
        with pytest.raises(IntegrityError):
            async with conn.begin_nested():
                await repeat
    with pytest.raises(Exception, match=r"uuid|UUID|hex"):
        await rows(conn, _by_ids, {"ids": ["no uuid"]})
