"""Where the bench's messages come from: processes of their own, so that their work is not the measured ones'.

    python -m tests.bench.sources kit AMQP_URL DATABASE_URL COUNT RATE FILE
    python -m tests.bench.sources frames WEBCHAT_URL COUNT RATE FILE

`kit` publishes facts through the kit's courier, in 500 dialogs; `frames` are visitors at their sockets,
200 of them. RATE is messages a second, or 0: as fast as up to 200 in flight allow. FILE gets one JSON
object: when it started, and the moment (monotonic nanoseconds, one clock for the machine) of each message
by its id.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import uvloop

from gateways.kit import spool
from gateways.kit.courier import Courier
from gateways.kit.intake import heard
from gateways.kit.spool import SpoolRow
from gateways.kit.transactions import Transactions
from shared import log
from shared.bus.connection import Broker
from shared.bus.publisher import Publisher
from shared.contract import ids
from shared.contract.content import text_content
from shared.contract.inbound import MessageHeard
from shared.contract.people import DialogRef, Identity
from shared.db.engine import open_engine
from tests.support.visitor import Visitor

DIALOGS = 500
VISITORS = 200
WORDS = "Здравствуйте! Подскажите, пожалуйста, когда приедет мой заказ 4512 и можно ли изменить адрес?"
SETTLING_SECONDS = 3.0
"""Before a paced run: opening its conversations is over, and no part of what it measures."""
SITE, ORIGIN = "site_main", "http://shop.test"


def fact(run: str, number: int) -> SpoolRow:
    """The `number`-th message of a run, in one of the dialogs in turn."""
    chat, external_id = f"bench-{number % DIALOGS}", f"{run}-{number}"
    dialog = ids.dialog_id("webchat", "main", chat)
    now = datetime.now(UTC)
    message = MessageHeard(
        dialog=DialogRef(dialog_id=dialog, channel="webchat", account="main", chat=chat),
        message_id=ids.message_id("webchat", "main", chat, external_id),
        external_id=external_id,
        sender=Identity(channel="webchat", address=chat),
        content=text_content(WORDS),
        received_at=now,
        sequence=number,
    )
    return heard(message, identity=message.message_id, time=now, traceparent=None)


async def pace(started: float, number: int, rate: float) -> None:
    """Waits until the `number`-th message is due."""
    if rate and (early := started + number / rate - time.monotonic()) > 0:
        await asyncio.sleep(early)


async def kit(amqp_url: str, database_url: str, count: int, rate: float) -> dict[str, Any]:
    """Accepted facts, published by the courier that every gateway has."""
    engine = open_engine(database_url)
    transactions = Transactions(engine)
    run = uuid4().hex[:8]
    rows = [fact(run, number) for number in range(count)]
    async with transactions.writing() as conn:
        await spool.add(conn, rows)
    sent: dict[str, int] = {}
    async with Broker(amqp_url, name="bench-kit") as broker:
        await broker.ready()
        courier = Courier(transactions, Publisher(broker), keep=count + 1)
        async with asyncio.TaskGroup() as group:
            task = group.create_task(courier.run())
            started = time.monotonic()
            for number, row in enumerate(rows):
                await pace(started, number, rate)
                sent[str(row.fact_id)] = time.monotonic_ns()
                courier.admit([row], {})
            await courier.flush(120)
            task.cancel()
    await engine.dispose()
    return {"started": started, "sent": sent, "bytes": sorted(len(row.body) for row in rows)[count // 2]}


async def frames(url: str, count: int, rate: float) -> dict[str, Any]:
    """Visitors who each wait for the acknowledgement of their message before the next, as fast readers do."""
    visitors = [
        Visitor(f"{url.replace('http', 'ws', 1)}/ws", site=SITE, origin=ORIGIN) for _ in range(VISITORS)
    ]
    sent: dict[str, int] = {}
    async with asyncio.TaskGroup() as group:
        running = [group.create_task(visitor.run()) for visitor in visitors]
        async with asyncio.timeout(60):
            for visitor in visitors:
                await visitor.welcomed.wait()
                await visitor.say("first")
        if rate:
            await asyncio.sleep(SETTLING_SECONDS)
        started = time.monotonic()

        async def talk(which: int) -> None:
            for number in range(which, count, VISITORS):
                await pace(started, number, rate)
                at = time.monotonic_ns()
                sent[str((await visitors[which].say(WORDS))["id"])] = at

        async with asyncio.TaskGroup() as talkers:
            for which in range(VISITORS):
                talkers.create_task(talk(which))
        for task in running:
            task.cancel()
    return {"started": started, "sent": sent}


def main(kind: str, *words: str) -> None:
    """Run one source and leave what it did in its file."""
    log.configure("bench", kind, level="warning")
    *where, count, rate, file = words
    if kind == "kit":
        done = uvloop.run(kit(where[0], where[1], int(count), float(rate)))
    else:
        done = uvloop.run(frames(where[0], int(count), float(rate)))
    Path(file).write_text(json.dumps(done))


if __name__ == "__main__":
    main(*sys.argv[1:])
