"""Consuming: batches by priority, and acknowledgements that never reach a stranger."""

import asyncio

import aiormq

from shared import topology
from shared.bus.connection import Broker as Connections
from shared.bus.consumer import Consumer, Delivery
from shared.bus.publisher import Publisher
from tests.integration.bus.cut import cut_connections
from tests.integration.bus.notes import asked, heard
from tests.support.broker import Broker
from tests.support.waiting import eventually

QUEUE = topology.ROUTER_INBOUND.name
COMMANDS = topology.ROUTER_COMMANDS.name


async def take(consumer: Consumer, count: int) -> list[Delivery]:
    """Exactly so many deliveries, and no more within a moment."""
    taken: list[Delivery] = []
    async with asyncio.timeout(10):
        while len(taken) < count:
            taken += await consumer.next_batch()
    assert await consumer.next_batch(timeout=0.1) == []
    assert len(taken) == count
    return taken


async def test_commands_come_first(amqp_url: str) -> None:
    async with Connections(amqp_url, name="test") as broker:
        publisher = Publisher(broker)
        consumer = Consumer(broker, [COMMANDS, QUEUE], batch=3)
        assert await consumer.next_batch(timeout=0.5) == []
        await publisher.publish_in_order([heard(str(n)) for n in range(5)])
        await publisher.publish(asked())
        await eventually(lambda: consumer.waiting == 6)
        batch = await consumer.next_batch()
        assert [delivery.queue for delivery in batch] == [COMMANDS, QUEUE, QUEUE]
        assert await consumer.depth() == 3


async def test_only_what_has_no_gap_below_is_acknowledged(amqp_url: str) -> None:
    async with Connections(amqp_url, name="test") as broker:
        consumer = Consumer(broker, [QUEUE])
        await Publisher(broker).publish_in_order([heard(str(n)) for n in range(5)])
        batch = await take(consumer, 5)
        await consumer.settle([batch[0], batch[1], batch[3]])
        await consumer.pause()
        consumer.resume()
        again = await take(consumer, 3)
        assert [delivery.body for delivery in again] == [delivery.body for delivery in batch[2:]]
        assert all(delivery.redelivered for delivery in again)
        await consumer.settle(again)
        await consumer.pause()
        consumer.resume()
        await take(consumer, 0)


async def test_one_that_is_tried_for_long_does_not_stop_the_queue(amqp_url: str) -> None:
    async with Connections(amqp_url, name="test") as broker:
        consumer = Consumer(broker, [QUEUE], prefetch=10)
        await Publisher(broker).publish_in_order([heard(str(n)) for n in range(20)])
        batch = await take(consumer, 10)
        await consumer.settle(batch[1:7])
        more = await take(consumer, 6)
        await consumer.settle(more)
        await consumer.pause()
        consumer.resume()
        again = [*await take(consumer, 8)]
        assert [delivery.body for delivery in again[:4]] == [batch[n].body for n in (0, 7, 8, 9)]


async def test_no_stale_acknowledgement_after_a_cut(amqp_url: str, broker: Broker) -> None:
    async with Connections(amqp_url, name="test") as connections:
        consumer = Consumer(connections, [QUEUE])
        publisher = Publisher(connections)
        await publisher.publish_in_order([heard("a"), heard("b")])
        before = await take(consumer, 2)
        assert await cut_connections(broker, amqp_url) == 2
        await eventually(lambda: not consumer.current(before[0]))
        await publisher.publish(heard("c"))
        after = await take(consumer, 3)
        assert [delivery.tag for delivery in after] == [1, 2, 3]
        assert [delivery.body for delivery in after[:2]] == [delivery.body for delivery in before]
        await consumer.settle(before)  # their tags exist again, and are not theirs
        await consumer.pause()
        consumer.resume()
        await take(consumer, 3)


async def test_a_deleted_queue_is_declared_and_consumed_again(amqp_url: str) -> None:
    async with Connections(amqp_url, name="test") as connections:
        consumer = Consumer(connections, [COMMANDS, QUEUE])
        publisher = Publisher(connections)
        await publisher.publish(heard("before"))
        await consumer.settle(await take(consumer, 1))
        async with aiormq.connect(amqp_url) as other:
            await (await other.channel()).queue_delete(QUEUE)

        async def consumed() -> list[Delivery]:
            await publisher.publish_in_order([heard("after")])
            return await consumer.next_batch(timeout=0.5)

        assert not (await eventually(consumed))[0].redelivered


async def test_a_batch_waits_only_so_long(amqp_url: str) -> None:
    async with Connections(amqp_url, name="test") as connections:
        consumer = Consumer(connections, [QUEUE])
        assert await consumer.next_batch(timeout=0.1) == []
        consumer.interrupt()
        assert await consumer.next_batch() == []
        await consumer.pause()
        await Publisher(connections).publish(heard("later"))
        assert await consumer.next_batch(timeout=0.2) == []
        consumer.resume()
        assert len(await consumer.next_batch()) == 1
