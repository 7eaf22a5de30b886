"""The bare limit (a): what the broker and one SQLite file can do, with nothing of ours between.

Three processes over quorum queues: a publisher with up to 200 publishes in flight; a relay that consumes,
publishes again with a confirm and acknowledges; a sink that consumes, inserts in commits of up to 200
(`synchronous=FULL`) and acknowledges. No JSON, no model, no deduplication. It speaks through the same
channel of aiormq as our own bus does, so the comparison is about our work and not about a client's API.

    python -m tests.bench.bare publish|relay|sink AMQP_URL COUNT RATE DIRECTORY
"""

from __future__ import annotations

import asyncio
import json
import resource
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import aio_pika
import uvloop
from aiormq.abc import DeliveredMessage
from aiormq.channel import Channel
from pamqp import commands as spec

IN_FLIGHT = 200
COMMIT = 200
BODY_BYTES = 800
"""The median body of the contract's messages on the bus, which the bench prints beside it."""

FIRST, SECOND = "bench.first", "bench.second"
_PERSISTENT = spec.Basic.Properties(delivery_mode=2)


@asynccontextmanager
async def channel_of(url: str) -> AsyncIterator[Channel]:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel(publisher_confirms=True)
        yield cast(Channel, await channel.get_underlay_channel())


async def declare(url: str) -> None:
    """Fresh quorum queues for one run."""
    arguments: dict[str, Any] = {
        "x-queue-type": "quorum",
        "x-delivery-limit": 50,
        "x-single-active-consumer": True,
    }
    async with channel_of(url) as channel:
        for queue in (FIRST, SECOND):
            await channel.queue_delete(queue)
            await channel.queue_declare(queue, durable=True, arguments=arguments)


class Pipeline:
    """At most `IN_FLIGHT` publishes without a confirm, in the order of the calls."""

    def __init__(self, channel: Channel, queue: str) -> None:
        self._channel = channel
        self._queue = queue
        self._free = asyncio.Semaphore(IN_FLIGHT)

    async def publish(self, body: bytes) -> asyncio.Task[Any]:
        await self._free.acquire()
        task = asyncio.ensure_future(
            self._channel.basic_publish(
                body, routing_key=self._queue, properties=_PERSISTENT, mandatory=True, wait=False
            )
        )

        def done(finished: asyncio.Task[Any]) -> None:
            self._free.release()
            finished.result()

        task.add_done_callback(done)
        return task


async def publish(url: str, count: int, rate: float, _directory: Path) -> dict[str, Any]:
    """`count` bodies that open with the moment of their publish; `rate` a second, or 0 for all at once."""
    async with channel_of(url) as channel:
        pipeline = Pipeline(channel, FIRST)
        tasks = []
        started = time.monotonic()
        for number in range(count):
            if rate:
                await asyncio.sleep(max(0.0, started + number / rate - time.monotonic()))
            stamp = f"{time.monotonic_ns():020d}".encode()
            tasks.append(await pipeline.publish(stamp.ljust(BODY_BYTES, b".")))
        await asyncio.gather(*tasks)
        return {"started": started, "ended": time.monotonic()}


async def consume(
    channel: Channel, queue: str, count: int, take: Callable[[list[DeliveredMessage]], Awaitable[Any]]
) -> None:
    """Batches of up to `COMMIT` deliveries, whatever waits, until `count` were taken; then acknowledged."""
    waiting: list[DeliveredMessage] = []
    some = asyncio.Event()

    async def arrived(message: DeliveredMessage) -> None:
        waiting.append(message)
        some.set()

    await channel.basic_qos(prefetch_count=2 * COMMIT)
    await channel.basic_consume(queue, arrived)
    taken = 0
    while taken < count:
        await some.wait()
        batch = waiting[:COMMIT]
        del waiting[:COMMIT]
        if not waiting:
            some.clear()
        await take(batch)
        await channel.basic_ack(batch[-1].delivery_tag or 0, multiple=True, wait=False)
        taken += len(batch)


async def relay(url: str, count: int, _rate: float, _directory: Path) -> dict[str, Any]:
    async with channel_of(url) as consuming, channel_of(url) as publishing:
        pipeline = Pipeline(publishing, SECOND)

        async def forward(batch: list[DeliveredMessage]) -> None:
            await asyncio.gather(*[await pipeline.publish(message.body) for message in batch])

        await consume(consuming, FIRST, count, forward)
        return {"ended": time.monotonic()}


async def sink(url: str, count: int, _rate: float, directory: Path) -> dict[str, Any]:
    """Latencies in milliseconds from publish to the commit of the row."""
    database = sqlite3.connect(directory / "bare.db", isolation_level=None, check_same_thread=False)
    database.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
        "CREATE TABLE row (id INTEGER PRIMARY KEY, body BLOB)"
    )
    latencies: list[float] = []

    def insert(bodies: list[tuple[bytes]]) -> None:
        database.execute("BEGIN IMMEDIATE")
        database.executemany("INSERT INTO row (body) VALUES (?)", bodies)
        database.execute("COMMIT")

    async def store(batch: list[DeliveredMessage]) -> None:
        await asyncio.to_thread(insert, [(message.body,) for message in batch])
        now = time.monotonic_ns()
        latencies.extend((now - int(message.body[:20])) / 1e6 for message in batch)

    async with channel_of(url) as channel:
        await consume(channel, SECOND, count, store)
    return {"ended": time.monotonic(), "latencies": latencies}


ROLES = {"publish": publish, "relay": relay, "sink": sink}


def main(role: str, url: str, count: str, rate: str, directory: str) -> None:
    """Run one role and leave its figures in `DIRECTORY/ROLE.json`."""
    figures = uvloop.run(ROLES[role](url, int(count), float(rate), Path(directory)))
    used = resource.getrusage(resource.RUSAGE_SELF)
    figures |= {"cpu_seconds": used.ru_utime + used.ru_stime, "max_rss_bytes": used.ru_maxrss * 1024}
    (Path(directory) / f"{role}.json").write_text(json.dumps(figures))


if __name__ == "__main__":
    main(*sys.argv[1:])
