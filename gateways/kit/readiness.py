"""What a gateway's process does beside its work: waits for its schema, measures, says how it is."""

from __future__ import annotations

import asyncio
import time
from typing import Final, NoReturn

from sqlalchemy.ext.asyncio import AsyncEngine

from gateways.kit import spool
from gateways.kit.transactions import Transactions
from shared.bus.connection import Broker
from shared.db.engine import reading
from shared.db.schema import require_current
from shared.failure import Unavailable
from shared.health import OK, Health, degraded, failed
from shared.log import get_logger
from shared.metrics import SPOOL_BYTES, SPOOL_MESSAGES, SPOOL_OLDEST

log = get_logger()

MEASURE_SECONDS: Final = 5.0
STARTING_SECONDS: Final = 60.0


async def wait_for_schema(engine: AsyncEngine, package: str) -> None:
    """Waits for a database that is away; one with another schema stops the start."""
    until = time.monotonic() + STARTING_SECONDS
    while True:
        try:
            return await require_current(engine, package)
        except Unavailable as error:
            if time.monotonic() > until:
                raise
            log.warning("database_awaited", reason=str(error))
            await asyncio.sleep(1)


async def measure(channel: str, transactions: Transactions) -> NoReturn:
    """How much waits in the spool, for metrics."""
    while True:
        await asyncio.sleep(MEASURE_SECONDS)
        try:
            async with reading(transactions.engine) as conn:
                size = await spool.size(conn)
        except Unavailable:
            continue
        SPOOL_MESSAGES.labels(channel).set(size.messages)
        SPOOL_BYTES.labels(channel).set(size.bytes)
        SPOOL_OLDEST.labels(channel).set(size.oldest_seconds)


async def database_health(transactions: Transactions) -> Health:
    """Without it nothing can be accepted."""
    try:
        async with reading(transactions.engine) as conn:
            await spool.size(conn)
    except Unavailable as error:
        return failed(str(error))
    return OK


async def broker_health(broker: Broker) -> Health:
    """Without it messages are still accepted and kept, so we stay ready."""
    return OK if broker.connected else degraded(f"messages wait in the spool: {broker.trouble}")
