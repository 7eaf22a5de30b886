"""The lease: one owner, a standby within its time, and a former owner that changes nothing."""

import asyncio
import sys
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.db.dialect import is_sqlite
from shared.db.engine import writing
from shared.db.lease import Lease
from shared.failure import LeaseLost
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[3]


async def fenced(engine: AsyncEngine, lease: Lease) -> None:
    async with writing(engine) as conn:
        await lease.fence(conn)


async def test_taken_held_released(engine: AsyncEngine) -> None:
    first, second = Lease(engine, "router", "a"), Lease(engine, "router", "b")
    await first.acquire()
    assert (first.held, first.epoch, first.inherited) == (True, 1, False)
    await fenced(engine, first)
    first.check()
    waiting = asyncio.ensure_future(second.acquire())
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(waiting), 1)
    await first.release()
    assert not first.held
    await asyncio.wait_for(waiting, 2)
    assert (second.epoch, second.inherited) == (2, False)
    with pytest.raises(LeaseLost):
        await fenced(engine, first)
    with pytest.raises(LeaseLost):
        first.check()
    await second.release()
    await second.release()
    await first.acquire()
    assert first.epoch == 3
    await first.release()


async def test_names_are_apart(engine: AsyncEngine) -> None:
    leases = [Lease(engine, name, "a") for name in ("vk.main", "vk.spare")]
    for lease in leases:
        await lease.acquire()
    assert all(lease.held for lease in leases)
    for lease in leases:
        await lease.release()


async def test_renewed_it_outlives_its_time(engine: AsyncEngine) -> None:
    first, second = Lease(engine, "router", "a", 1.0), Lease(engine, "router", "b", 1.0)
    await first.acquire()
    holding = asyncio.ensure_future(first.hold())
    waiting = asyncio.ensure_future(second.acquire())
    done, _ = await asyncio.wait([holding, waiting], timeout=2.5)
    assert not done
    assert first.held
    holding.cancel()
    waiting.cancel()
    await asyncio.wait([holding, waiting])
    await first.release()
    await second.release()


async def test_a_row_that_another_took_ends_it(engine: AsyncEngine) -> None:
    """What a frozen owner finds when it wakes: another epoch."""
    lease = Lease(engine, "router", "a", 1.0)
    await lease.acquire()
    async with writing(engine) as conn:
        await conn.execute(text("UPDATE leases SET owner = 'other', epoch = epoch + 1"))
    with pytest.raises(LeaseLost):
        await fenced(engine, lease)
    assert not lease.held


async def test_a_killed_owner_is_followed(engine: AsyncEngine) -> None:
    """PostgreSQL: when its time is over. SQLite: at once, for the system releases the lock."""
    program = (
        "import asyncio, sys; from shared.db.engine import open_engine; from shared.db.lease import Lease\n"
        "async def main():\n"
        "    lease = Lease(open_engine(sys.argv[1]), 'router', 'a', 2.0)\n"
        "    await lease.acquire(); print('ours', flush=True); await lease.hold()\n"
        "asyncio.run(main())"
    )
    url = engine.url.set(drivername=engine.url.get_backend_name()).render_as_string(hide_password=False)
    first = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, url, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert first.stdout is not None
    async for line in first.stdout:
        if line == b"ours\n":
            break
    second = Lease(engine, "router", "b", 2.0)
    waiting = asyncio.ensure_future(second.acquire())
    done, _ = await asyncio.wait([waiting], timeout=0.5)
    assert not done
    first.kill()
    await first.wait()
    await asyncio.wait_for(waiting, 4)
    assert second.epoch == 2
    assert second.inherited is not is_sqlite(engine), "on SQLite nobody can be frozen beside us"
    await second.release()


async def test_a_lost_lease_is_noticed_by_its_holder(engine: AsyncEngine) -> None:
    if is_sqlite(engine):
        lease = Lease(engine, "router", "a", 1.0)
        await lease.acquire()
        holding = asyncio.ensure_future(lease.hold())
        await asyncio.wait([holding], timeout=0.5)
        assert not holding.done(), "a lock of the system needs no renewal"
        holding.cancel()
        await asyncio.wait([holding])
        await lease.release()
        return
    lease = Lease(engine, "router", "a", 1.0)
    await lease.acquire()
    holding = asyncio.ensure_future(lease.hold())
    async with writing(engine) as conn:
        await conn.execute(text("UPDATE leases SET epoch = epoch + 1"))
    await eventually(holding.done)
    with pytest.raises(LeaseLost):
        await holding
