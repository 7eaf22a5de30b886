"""The notebook as a process of its own, to be killed, frozen and ended at chosen points by tests.

    python -m tests.integration.bus.notebook_process AMQP_URL DATABASE_URL NAME LEASE_SECONDS

Logs go to stdout as JSON lines. It ends with SIGTERM, gracefully.
"""

import asyncio
import signal
import sys

import uvloop

from shared import log as logging
from shared.bus.connection import Broker
from shared.bus.consumer import Consumer
from shared.bus.loop import run_loop
from shared.bus.publisher import Publisher
from shared.clock import SystemClock
from shared.db.lease import Lease
from tests.integration.bus.notes import CATALOGUE, QUEUES, Notebook, opened


async def main(amqp_url: str, database_url: str, name: str, lease_seconds: str) -> None:
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    async with opened(database_url) as engine, Broker(amqp_url, name=name) as broker:
        await run_loop(
            engine=engine,
            lease=Lease(engine, "notebook", name, float(lease_seconds)),
            broker=broker,
            publisher=Publisher(broker),
            consumer=Consumer(broker, QUEUES),
            handler=Notebook(name),
            decoder=CATALOGUE.decode,
            clock=SystemClock(),
            stopping=stopping,
        )


if __name__ == "__main__":
    logging.configure("notebook", sys.argv[3])
    uvloop.run(main(*sys.argv[1:5]))
