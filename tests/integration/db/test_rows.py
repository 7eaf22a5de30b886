"""Outbox, inbox and attempts: rows come back as they went, and old ones go."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from shared.bus.outgoing import Outgoing
from shared.db import attempts, inbox, outbox
from shared.db.engine import reading, writing
from shared.db.inbox import Known

NOW = datetime(2026, 1, 31, tzinfo=UTC)


def ids(count: int) -> list[UUID]:
    return [UUID(int=n + 1) for n in range(count)]


async def test_outbox_keeps_messages_in_order(engine: AsyncEngine) -> None:
    plain = Outgoing("events", "a.b.v1", b"\x00\xff", "m1", "a.b.v1")
    full = Outgoing(
        "outbound", "c.d", b"{}", "m2", "t", True, "reply", "c", {"x": "y", "n": 7, "b": b"\x00\xff"}
    )
    async with writing(engine) as conn:
        assert await outbox.last_id(conn) == 0
        await outbox.add(conn, [], NOW)
        await outbox.add(conn, [(2, full), (1, plain), (3, plain), (9, plain)], NOW)
    async with reading(engine) as conn:
        assert await outbox.leftovers(conn) == [(1, plain), (2, full), (3, plain), (9, plain)]
        assert await outbox.leftovers(conn, above=1, limit=1) == [(2, full)]
        assert await outbox.last_id(conn) == 9
    async with writing(engine) as conn:
        await outbox.forget(conn, [(1, 2), (9, 9)])
        assert await outbox.leftovers(conn) == [(3, plain)]


async def test_inbox_knows_what_was_handled(engine: AsyncEngine) -> None:
    a, b, c = ids(3)
    async with writing(engine) as conn:
        await inbox.add(conn, [], NOW)
        await inbox.add(conn, [Known(a), Known(b, b"d" * 16, b"{}")], NOW)
    async with reading(engine) as conn:
        assert await inbox.find(conn, [a, b, c]) == {a: Known(a), b: Known(b, b"d" * 16, b"{}")}
        assert await inbox.find(conn, []) == {}


async def test_old_keys_go_in_slices(engine: AsyncEngine) -> None:
    old, new = ids(inbox.PURGE_SLICE + 3), UUID(int=99_999_999)
    async with writing(engine) as conn:
        await inbox.add(conn, [Known(id_) for id_ in old], NOW)
        await inbox.add(conn, [Known(new)], NOW + inbox.KEPT)
    removed = []
    for _ in range(3):
        async with writing(engine) as conn:
            removed.append(await inbox.purge(conn, NOW + timedelta(seconds=1)))
    assert removed == [inbox.PURGE_SLICE, 3, 0]
    async with reading(engine) as conn:
        assert set(await inbox.find(conn, [old[0], new])) == {new}


async def test_attempts_are_counted(engine: AsyncEngine) -> None:
    a, b = ids(2)
    async with writing(engine) as conn:
        assert [await attempts.begin(conn, a, NOW) for _ in range(3)] == [1, 2, 3]
        assert await attempts.begin(conn, b, NOW + timedelta(days=1)) == 1
        await attempts.undo(conn, a)
        assert (await attempts.count(conn, a), await attempts.count(conn, UUID(int=77))) == (2, 0)
        assert await attempts.purge(conn, NOW + timedelta(hours=1)) == 1
        await attempts.forget(conn, [b])
        assert (await attempts.count(conn, a), await attempts.count(conn, b)) == (0, 0)
