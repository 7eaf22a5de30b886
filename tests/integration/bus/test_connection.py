"""What is left of a connection when its process is done with it."""

import asyncio
import gc

from shared.bus.connection import Broker as Connections


def test_a_connection_that_outlives_its_loop_begins_nothing(amqp_url: str) -> None:
    async def connect_and_leave() -> object:
        async with Connections(amqp_url, name="test") as connections:
            await connections.ready()
            return await connections.publish_link.pika()

    with asyncio.Runner() as runner:
        left = runner.run(connect_and_leave())
        del left
        gc.collect()
        assert asyncio.all_tasks(runner.get_loop()) == set()
