"""The servers that the tests themselves stand on: fresh for each test, real, of both kinds."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import aio_pika
import asyncpg
import pytest

from tests.support.broker import Broker
from tests.support.waiting import eventually, eventually_blocking


@pytest.mark.parametrize("turn", [1, 2])
async def test_each_test_has_an_empty_virtual_host(amqp_url: str, turn: int) -> None:
    connection = await aio_pika.connect(amqp_url)
    async with connection:
        channel = await connection.channel()
        queue = await channel.declare_queue("left-by-the-former-test", durable=True)
        assert queue.declaration_result.message_count == 0
        await channel.default_exchange.publish(aio_pika.Message(b"1"), routing_key=queue.name)


async def test_each_call_gives_an_empty_database(database_url: Callable[[str], str], database: str) -> None:
    first, second = database_url("router"), database_url("router")
    assert first != second
    assert first.startswith(f"{database}:///" if database == "sqlite" else "postgresql://")
    if database == "postgresql":
        connection = await asyncpg.connect(first)
        assert await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
        await connection.close()


def test_the_node_answers_erlang(broker: Broker) -> None:
    assert broker.node.evaluate("1 + 1") == "2"
    assert broker.version().startswith("4." if "TEST_BROKER_ROOT" in os.environ else "3.")


def test_the_node_answers_several_callers_at_once(broker: Broker) -> None:
    with ThreadPoolExecutor(8) as callers:
        slow = "timer:sleep(300), 1 + 1"
        assert set(callers.map(broker.node.evaluate, [slow] * 8)) == {"2"}


async def test_eventually_returns_what_it_saw_and_fails_with_it() -> None:
    seen: list[int] = []

    def look() -> int:
        seen.append(1)
        assert len(seen) > 1, "not yet"
        return len(seen)

    assert await eventually(look, seconds=2) == 2
    with pytest.raises(AssertionError, match="last seen: False"):
        await eventually(lambda: False, seconds=0.05)
    with pytest.raises(AssertionError, match="last seen: 0"):
        eventually_blocking(lambda: 0, seconds=0.05)
