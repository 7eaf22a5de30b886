"""What is worthless later: heard while connected, and a gap is told."""

import asyncio

from shared.bus.connection import Broker as Connections
from shared.bus.listener import Listener
from shared.bus.outgoing import Outgoing
from shared.bus.publisher import Publisher
from tests.integration.bus.cut import cut_connections
from tests.support.broker import Broker
from tests.support.waiting import eventually


async def test_patterns_are_heard_and_gaps_are_told(amqp_url: str, broker: Broker) -> None:
    heard: list[bytes] = []

    async def on_body(body: bytes) -> None:
        heard.append(body)
        if body == b"bad":
            raise ValueError(body)

    async def on_gap() -> None:
        heard.append(b"gap")

    async with Connections(amqp_url, name="test") as connections, asyncio.TaskGroup() as group:
        publisher = Publisher(connections)
        listener = Listener(connections, [("live", "typing.*"), ("feed", "#")], on_body, on_gap)
        task = group.create_task(listener.run())
        await listener.bound.wait()
        await connections.ready()
        for exchange, key, body in (
            ("live", "typing.a", b"bad"),
            ("live", "page.a", b"no"),
            ("feed", "x.y", b"2"),
        ):
            publisher.announce(Outgoing(exchange, key, body, "", persistent=False))
        await eventually(lambda: heard == [b"gap", b"bad", b"2"])
        assert await cut_connections(broker, amqp_url) == 2
        await eventually(lambda: heard[3:] == [b"gap"])
        await connections.ready()
        publisher.announce(Outgoing("feed", "x.y", b"3", "", persistent=False))
        await eventually(lambda: heard[4:] == [b"3"])
        task.cancel()
