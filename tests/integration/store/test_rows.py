"""Tables: the migrations make what the code is written for, and what grows is bounded."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Connection, MetaData, Table, UniqueConstraint, insert, inspect, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.bus.outgoing import Outgoing
from shared.clock import FixedClock
from shared.db.engine import open_engine, reading, writing
from shared.db.migrate import current, downgrade, upgrade
from store import feed, history
from store.sights import EVERYBODY
from store.tables import contacts, dialogs, feed_head, metadata, names
from store.tables import feed as feed_table
from store.views import GroupView
from store.writer import StoreWriter
from tests.integration.store.shop import Shop
from tests.unit.store.story import Story

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def _shape(table: Table, conn: Connection) -> tuple[object, ...]:
    """Columns, keys and indexes of a table, as far as both a model and a database tell them."""
    columns = {
        column.name: (column.type.compile(conn.dialect).replace("TEXT", "VARCHAR"), column.nullable)
        for column in table.columns
    }
    keys = [column.name for column in table.primary_key.columns]
    indexes = {
        index.name: ([column.name for column in index.columns], bool(index.unique)) for index in table.indexes
    }
    return columns, keys, indexes


async def test_the_migrations_make_the_tables_of_the_code(engine: AsyncEngine) -> None:

    def compare(conn: Connection) -> None:
        found = MetaData()
        found.reflect(conn, only=lambda name, _: name != "alembic_version")
        assert set(found.tables) == set(metadata.tables)
        for name, table in metadata.tables.items():
            there = _shape(found.tables[name], conn)
            assert there == _shape(table, conn), name
        for name, table in metadata.tables.items():
            unique = {tuple(one["column_names"]) for one in inspect(conn).get_unique_constraints(name)}
            alone = {(column.name,) for column in table.columns if column.unique}
            together = {
                tuple(column.name for column in one.columns)
                for one in table.constraints
                if isinstance(one, UniqueConstraint)
            }
            assert unique == alone | together, name

    async with reading(engine) as conn:
        await conn.run_sync(compare)


def test_the_migrations_go_back_and_forth(store_database: str) -> None:
    downgrade(store_database, "store", "base")
    assert current(store_database) is None
    upgrade(store_database, "store")
    assert current(store_database) == "0006"


async def test_names_that_are_there_are_found_after_the_migration(store_database: str) -> None:
    downgrade(store_database, "store", "0004")
    born = {"version": 1, "created_at": NOW}
    engine = open_engine(store_database)
    try:
        async with writing(engine) as conn:
            people = [(1, "Пётр О’Нил"), (2, None), (3, "Vera")]
            await conn.execute(
                insert(contacts),
                [{"contact_id": UUID(int=one), "number": one, "name": name, **born} for one, name in people],
            )
        await asyncio.to_thread(upgrade, store_database, "store")
        async with reading(engine) as conn:
            found = {(row.word, row.contact_id.int) for row in await conn.execute(select(names))}
        assert found == {("петр", 1), ("о", 1), ("нил", 1), ("vera", 3)}
    finally:
        await engine.dispose()


@pytest.mark.feature("BY9")
async def test_rows_of_the_feed_go_after_a_week_in_slices(engine: AsyncEngine) -> None:
    clock = FixedClock(NOW)
    writer = StoreWriter(clock)
    async with writing(engine) as conn:
        await _tell(conn, NOW, feed.PRUNE_SLICE + 10)
        await _tell(conn, NOW + timedelta(days=6), 5)
    left: list[int] = []
    hints: list[Outgoing] = []
    clock.advance(timedelta(days=7, seconds=1))
    for _ in range(4):
        clock.advance(timedelta(minutes=1))
        async with writing(engine) as conn:
            hints += (await writer.tick(conn, clock.now())).hints
            left.append(len((await conn.execute(select(feed_table.c.seq))).all()))
    async with reading(engine) as conn:
        page = await feed.page(conn, 0, 3)
    head = feed.PRUNE_SLICE + 15
    assert left == [15, 5, 5, 5]
    assert (page.oldest, page.head) == (head - 4, head)
    assert [row.seq for row in page.items] == [head - 4, head - 3, head - 2]
    assert [hint.routing_key for hint in hints] == ["feed.head"] * 4
    async with writing(engine) as conn:
        await conn.execute(feed_table.delete())
        page = await feed.page(conn, 0, 3)
    assert (page.oldest, page.head, page.items) == (head + 1, head, ())


async def test_a_second_writer_past_the_lease_is_noticed(engine: AsyncEngine) -> None:
    """The lease fences every transaction; should it ever fail, the counter does not lie."""
    async with writing(engine) as conn:
        log = feed.FeedLog((await feed.counters(conn))[0], NOW)
        await conn.execute(update(feed_head).values(seq=7))
        log.add(
            "group", "g", "changed", GroupView(slug="g", name="g"), version=1, before=None, after=EVERYBODY
        )
        with pytest.raises(feed.FeedMoved):
            await log.write(conn, 0)


async def _tell(conn: AsyncConnection, at: datetime, number: int) -> None:
    log = feed.FeedLog((await feed.counters(conn))[0], at)
    view = GroupView(slug="g", name="g")
    for version in range(number):
        log.add("group", "g", "changed", view, version=version, before=EVERYBODY, after=EVERYBODY)
    await log.write(conn, 0)


async def test_many_ids_of_a_provider_are_found_by_their_keys(shop: Shop) -> None:
    """The one statement that is written for each engine by hand."""
    stories = [Story(visitor=f"v{number}") for number in range(3)]
    odd = ["m1", "Привет", 'a"b\\c', "x" * 300]
    told = [story.heard(name, external_id=name) for story in stories for name in odd]
    await shop.publish(*told)
    await shop.settled(len(told))
    async with reading(shop.engine) as conn:
        asked = [(one.ref.dialog_id, name) for one in stories for name in (*odd, "no")]
        numbers = {row.dialog_id: row.number for row in await conn.execute(select(dialogs))}
        found = await history.find(conn, asked, numbers)
    assert len(found) == len(told)
    assert {found[one.data.dialog.dialog_id, one.data.external_id] for one in told} == {  # type: ignore[attr-defined]
        one.data.message_id  # type: ignore[attr-defined]
        for one in told
    }
