"""Names of chats: each leads to the first one that the chat had, whoever learns what at which time."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from gateways.kit.aliases import Alias, aliases_table, known, latest, learn
from shared.db.engine import open_engine, reading, writing

pytestmark = pytest.mark.feature("BY13")

NAMES = ("a", "b", "c", "d")


@pytest.fixture
async def engine(database_url: Callable[[str], str]) -> AsyncIterator[AsyncEngine]:
    engine, metadata = open_engine(database_url("gateway")), sa.MetaData()
    aliases_table(metadata)
    async with writing(engine) as conn:
        await conn.run_sync(metadata.create_all)
    yield engine
    await engine.dispose()


async def taught(engine: AsyncEngine, *pairs: str, account: str = "main") -> dict[str, str]:
    """What is known after these, each `alias=chat` and learned on its own."""
    for pair in pairs:
        alias, _, chat = pair.partition("=")
        async with writing(engine) as conn:
            await learn(conn, account, [Alias(alias, chat)])
    async with reading(engine) as conn:
        return await known(conn, account, NAMES)


async def newest(engine: AsyncEngine, chat: str, account: str = "main") -> str:
    async with reading(engine) as conn:
        return await latest(conn, account, chat)


async def test_a_chain_leads_to_the_first_name_in_whatever_order_it_was_learned(engine: AsyncEngine) -> None:
    assert await taught(engine, "b=a", "c=b", "d=c") == {"b": "a", "c": "a", "d": "a"}
    assert await newest(engine, "a") == "d"
    backwards = await taught(engine, "d=c", "c=b", "b=a", account="other")
    assert backwards == {"b": "a", "c": "a", "d": "a"}
    assert await newest(engine, "x") == "x"
    async with reading(engine) as conn:
        assert await known(conn, "main", []) == {}
        assert await known(conn, "third", NAMES) == {}


async def test_repeats_other_meanings_and_rings_change_nothing(engine: AsyncEngine) -> None:
    first = await taught(engine, "b=a", "c=b")
    assert await taught(engine, "b=a", "c=b", "b=d", "a=c", "a=b", "a=a", "d=d") == first
    assert await newest(engine, "a") == "c"


async def test_two_who_learn_at_once_close_no_ring(engine: AsyncEngine) -> None:
    """One of them comes first, and the other sees it: else `a` would mean `b`, and `b` would mean `a`."""
    for round_ in range(5):
        account = f"account{round_}"
        await asyncio.gather(
            *(taught(engine, pair, account=account) for pair in ("a=b", "b=a", "c=a", "b=c", "c=b"))
        )
        meant = await taught(engine, account=account)
        assert meant, "somebody came first"
        assert not set(meant.values()) & set(meant), meant
