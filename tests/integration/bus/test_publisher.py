"""Publishing: nothing lost, nothing out of order, and a message that nobody takes harms nobody else."""

import asyncio
import signal
from collections.abc import Iterator

import pytest

from shared import topology
from shared.bus.connection import Broker
from shared.bus.consumer import Consumer, Delivery
from shared.bus.line import Line
from shared.bus.outgoing import Outgoing
from shared.bus.publisher import Publisher
from shared.bus.stream import Answers, Stream
from shared.failure import LeaseLost, Unavailable, Unroutable
from tests.integration.bus.cut import cut_connections
from tests.integration.bus.notes import CATALOGUE, EVENTS, Note, heard, told
from tests.support.broker import Broker as Server
from tests.support.quiet_ports import quiet_ports
from tests.support.session import Session
from tests.support.waiting import eventually

QUEUE = topology.ROUTER_INBOUND.name


async def test_one_message_is_confirmed(amqp_url: str) -> None:
    async with Broker(amqp_url, name="test") as broker:
        await Publisher(broker).publish(heard("one"))
        [delivery] = await Consumer(broker, [QUEUE]).next_batch()
        assert (delivery.exchange, delivery.routing_key) == ("inbound", "message.webchat.main")
        assert delivery.type == "note.v1"
        assert not delivery.redelivered


async def test_a_message_that_nobody_takes_is_refused_alone(amqp_url: str) -> None:
    async with Broker(amqp_url, name="test") as broker:
        publisher = Publisher(broker)
        messages = [heard(str(n)) for n in range(200)]
        messages[77] = Outgoing("outbound", "webchat.nobody", b"{}", "lost")
        results = await publisher.publish_in_order(messages)
        assert [n for n, result in enumerate(results) if result] == [77]
        assert isinstance(results[77], Unroutable)
        assert results[77].routing_key == "webchat.nobody"
        with pytest.raises(Unroutable):
            await publisher.publish(messages[77])
        assert await _texts(broker, 199) == [str(n) for n in range(200) if n != 77]


async def test_two_messages_of_one_id_are_told_apart(amqp_url: str) -> None:
    """A returned message is recognised by its id alone: the second waits for the first."""
    async with Broker(amqp_url, name="test") as broker:
        publisher = Publisher(broker)
        good = heard("good")
        bad = Outgoing("outbound", "webchat.nobody", b"{}", good.message_id)
        results = await publisher.publish_in_order([bad, good, bad, good])
        assert [result is not None for result in results] == [True, False, True, False]
        both = await asyncio.gather(publisher.publish(bad), publisher.publish(good), return_exceptions=True)
        assert [type(result) for result in both] == [Unroutable, type(None)]


async def test_bodies_larger_than_a_frame(amqp_url: str) -> None:
    async with Broker(amqp_url, name="test") as broker:
        large = heard("x" * 300_000)
        await Publisher(broker).publish_in_order([large, heard("after")])
        batch: list[Delivery] = []
        consumer = Consumer(broker, [QUEUE])
        while len(batch) < 2:
            batch += await consumer.next_batch()
        assert batch[0].body == large.body


async def test_without_a_broker_nothing_is_promised() -> None:
    async with Broker(f"amqp://127.0.0.1:{quiet_ports(1)[0]}/", name="test") as broker:
        publisher = Publisher(broker)
        with pytest.raises(Unavailable):
            await publisher.publish(heard("never"), timeout=0.3)
        publisher.announce(told("dropped", "s", CATALOGUE.decode(heard("x").body).id))
        assert not broker.connected
        await eventually(lambda: broker.away_seconds > 0.2 and "Connect" in broker.trouble)


async def test_the_guard_ends_it_before_anything_is_sent(amqp_url: str) -> None:
    def refuse() -> None:
        raise LeaseLost("not ours")

    async with Broker(amqp_url, name="test") as broker:
        with pytest.raises(LeaseLost):
            await Publisher(broker).publish_in_order([heard("no")], guard=refuse)
        assert await Consumer(broker, [QUEUE]).next_batch(timeout=0.3) == []


async def test_announcements_reach_who_listens(amqp_url: str) -> None:
    async with Broker(amqp_url, name="test") as broker:
        await broker.ready()
        publisher = Publisher(broker)
        for n in range(100):
            message = told(str(n), "s", CATALOGUE.decode(heard("x").body).id)
            publisher.announce(
                Outgoing(message.exchange, message.routing_key, message.body, "", persistent=False)
            )
        assert await _texts(broker, 100, EVENTS) == [str(n) for n in range(100)]


async def test_a_batch_does_not_wait_for_the_one_before(amqp_url: str) -> None:
    async with Broker(amqp_url, name="test") as broker, asyncio.TaskGroup() as group:
        line = await Line.open(await broker.publish_link.connection(), confirming=True)

        async def open_line() -> Line:
            return line

        messages = [heard(str(n)) for n in range(50)]
        stream = Stream(open_line)
        group.create_task(stream.run())
        answers = [stream.put([message]) for message in messages]
        stream.end()
        for _ in range(5):
            await asyncio.sleep(0)
        in_flight = [line.in_flight(message.message_id) is not None for message in messages]
        assert in_flight == [True] * 50
        assert [await answer for answer in answers] == [[None]] * 50
        assert await _texts(broker, 50) == [str(n) for n in range(50)]


async def test_a_stream_that_is_cut_goes_on_from_its_first_doubt(amqp_url: str, broker: Server) -> None:
    async with Broker(amqp_url, name="test") as connections, asyncio.TaskGroup() as group:
        await connections.ready()
        stream = Publisher(connections).stream()
        running = group.create_task(stream.run())
        cut = asyncio.ensure_future(cut_connections(broker, amqp_url))
        batches: list[asyncio.Future[Answers]] = []
        while not cut.done() or len(batches) < 200:
            batches.append(stream.put([heard(f"{len(batches)}.{m}") for m in range(5)]))
            await asyncio.sleep(0.002)
        stream.end()
        assert cut.result() == 2, "nothing was cut"
        await asyncio.wait_for(running, 20)
        assert all(batch.result() == [None] * 5 for batch in batches)
        wanted = [f"{n}.{m}" for n in range(len(batches)) for m in range(5)]
        assert await _texts(connections, len(wanted)) == wanted


async def test_the_guard_stands_before_every_batch(amqp_url: str) -> None:
    ours = True

    def guard() -> None:
        if not ours:
            raise LeaseLost("not ours any more")

    async with Broker(amqp_url, name="test") as broker:
        stream = Publisher(broker).stream(guard)
        running = asyncio.ensure_future(stream.run())
        assert await stream.put([heard("ours")]) == [None]
        ours = False
        stream.put([heard("no")])
        with pytest.raises(LeaseLost):
            await running
        assert await _texts(broker, 1) == ["ours"]
        assert await Consumer(broker, [QUEUE]).next_batch(timeout=0.3) == []


@pytest.fixture(scope="module")
def private_broker(servers: Session) -> Iterator[Server]:
    """A node to be killed and frozen."""
    server = servers.broker("private")
    server.start()
    yield server
    server.stop()


async def test_an_alarm_of_the_broker_holds_publishing_and_not_consuming(private_broker: Server) -> None:
    def watermark(fraction: str) -> None:
        private_broker.node.evaluate(f"vm_memory_monitor:set_vm_memory_high_watermark({fraction})")

    url = private_broker.node.url("/")
    async with Broker(url, name="test") as connections, asyncio.TaskGroup() as group:
        publisher = Publisher(connections)
        await publisher.publish(heard("before"))
        await asyncio.to_thread(watermark, "0.00001")
        try:
            publishing = group.create_task(publisher.publish_in_order([heard(str(n)) for n in range(300)]))
            consumer = Consumer(connections, [QUEUE])
            await consumer.settle(await consumer.next_batch())
            await consumer.pause()
            done, _ = await asyncio.wait([publishing], timeout=7)  # the fault, longer than a confirm may take
            assert not done, "the alarm was not raised"
        finally:
            await asyncio.to_thread(watermark, "0.4")
        assert set(await asyncio.wait_for(publishing, 10)) == {None}
        assert await _texts(connections, 300) == [str(n) for n in range(300)]


@pytest.mark.timeout(120)
async def test_a_killed_broker_loses_nothing_and_keeps_the_order(private_broker: Server) -> None:
    total = 6000
    url = private_broker.node.url("/")
    async with Broker(url, name="test") as broker, asyncio.TaskGroup() as group:
        publisher = Publisher(broker)
        messages = [heard(str(n)) for n in range(total)]
        consumer = Consumer(broker, [QUEUE], prefetch=2000)
        await broker.ready()
        publishing = group.create_task(publisher.publish_in_order(messages))
        first = await consumer.next_batch()
        await asyncio.to_thread(private_broker.kill)
        assert not publishing.done(), "the broker was killed too late to be in the middle"
        await eventually(lambda: not broker.connected)
        await asyncio.to_thread(private_broker.start)
        assert set(await asyncio.wait_for(publishing, 30)) == {None}
        assert first[0].generation != (await consumer.next_batch())[0].generation
        await consumer.pause()
        assert await _texts(broker, total) == [str(n) for n in range(total)]


@pytest.mark.timeout(60)
async def test_a_frozen_broker_is_noticed_and_comes_back(private_broker: Server) -> None:
    async with Broker(private_broker.node.url("/"), name="test") as broker:
        publisher = Publisher(broker)
        await publisher.publish(heard("before"))
        private_broker.freeze()
        try:
            with pytest.raises(Unavailable):
                await publisher.publish(heard("lost"), timeout=1)
            await eventually(lambda: not broker.connected, seconds=6)
        finally:
            private_broker.signal(signal.SIGCONT)
        await asyncio.wait_for(broker.ready(), 15)
        await publisher.publish(heard("after"))


async def _texts(broker: Broker, count: int, queue: str = QUEUE) -> list[str]:
    """The first arrival of each of `count` notes, in order."""
    consumer = Consumer(broker, [queue], prefetch=2000)
    found: dict[str, None] = {}
    async with asyncio.timeout(20):
        while len(found) < count:
            batch = await consumer.next_batch()
            for delivery in batch:
                data = CATALOGUE.decode(delivery.body).data
                assert isinstance(data, Note)
                found.setdefault(data.text)
            await consumer.settle(batch)
    await consumer.pause()
    return list(found)
