"""A service of these tests: it writes down notes, tells of each, and stumbles where a note says so."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from sqlalchemy import Column, Integer, MetaData, Table, Text, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared import topology
from shared.bus.connection import Broker
from shared.bus.consumer import Consumer
from shared.bus.handler import Handler, Incoming, Outcome
from shared.bus.loop import run_loop
from shared.bus.outgoing import Outgoing
from shared.bus.publisher import Publisher
from shared.clock import Clock, SystemClock, uuid7
from shared.contract.commands import Answer, ListGroups
from shared.contract.envelope import Catalogue, Data, Envelope, wrap
from shared.contract.people import Actor
from shared.db.attempts import attempts_table
from shared.db.engine import open_engine, reading, writing
from shared.db.inbox import inbox_table
from shared.db.lease import Lease, leases_table
from shared.db.outbox import outbox_table

METADATA = MetaData()
for add_table in (outbox_table, inbox_table, attempts_table, leases_table):
    add_table(METADATA)
NOTES = Table(
    "notes",
    METADATA,
    Column("n", Integer, primary_key=True, autoincrement=True),
    Column("subject", Text),
    Column("text", Text),
    Column("by", Text),
)
QUEUES = [topology.ROUTER_COMMANDS.name, topology.ROUTER_INBOUND.name]
EVENTS = topology.STORE_EVENTS.name
_EFFECT = UUID("6f7d1d0c-6a39-5d94-8c66-3d6a0a1f8d11")


class Note(Data):
    TYPE = "note.v1"
    text: str


CATALOGUE = Catalogue(Note, ListGroups)


class Notebook(Handler):
    """`poison` is a bug, `poison:3` one that ends after three tries, `crash` ends the process, `send:` speaks
    to an account that nobody connected."""

    def __init__(self, by: str = "here") -> None:
        self.by = by
        self.loads = 0
        self.ticks: list[int] = []
        self.tries: dict[str, int] = {}
        self.written: list[str] = []

    async def load(self, conn: AsyncConnection) -> None:
        self.loads += 1
        self.written = list((await conn.execute(select(NOTES.c.text).order_by(NOTES.c.n))).scalars())

    async def handle(self, conn: AsyncConnection, batch: Sequence[Incoming]) -> Outcome:
        outcome = Outcome()
        for item in batch:
            data = item.envelope.data
            if isinstance(data, ListGroups):
                outcome.answers[item.id] = Answer(
                    command_id=item.id, ok=True, result={"n": len(self.written)}
                )
                text = "command"
            else:
                assert isinstance(data, Note)
                text = data.text
            self._stumble(text)
            await conn.execute(insert(NOTES).values(subject=item.subject, text=text, by=self.by))
            self.written.append(text)
            outcome.outgoing.append(self._effect(item, text))
        return outcome

    async def tick(self, conn: AsyncConnection, now: datetime) -> Outcome:
        del conn, now
        self.ticks.append(len(self.written))
        return Outcome()

    def unroutable(self, message: Outgoing) -> list[Outgoing]:
        return [told("failed " + message.routing_key, "x", uuid5(_EFFECT, message.message_id))]

    def _stumble(self, text: str) -> None:
        if text == "crash":
            os._exit(137)
        if text.startswith("poison"):
            self.tries[text] = self.tries.get(text, 0) + 1
            if not text.endswith(f":{self.tries[text] - 1}"):
                raise ValueError(f"cannot digest {text}")

    def _effect(self, item: Incoming, text: str) -> Outgoing:
        id_ = uuid5(_EFFECT, str(item.id))
        if text.startswith("send:"):
            return told(text, item.subject, id_, "outbound", topology.outbound_key("webchat", text[5:]))
        return told(text, item.subject, id_)


def told(
    text: str, subject: str, id_: UUID, exchange: str = "events", routing_key: str = "note.made.v1"
) -> Outgoing:
    """A message with a note in it."""
    envelope = wrap(Note(text=text), id=id_, source="test", time=datetime.now(UTC), subject=subject)
    return Outgoing(exchange, routing_key, envelope.encode(), str(id_), Note.TYPE)


def heard(text: str, subject: str = "s", id_: UUID | None = None) -> Outgoing:
    """A note on its way to the notebook."""
    return told(text, subject, id_ or uuid7(), "inbound", "message.webchat.main")


def command(
    id_: UUID | None = None, *, by: str = "anna", deadline: timedelta = timedelta(seconds=30)
) -> Envelope[Data]:
    """A command that the notebook answers with how much is written."""
    now = datetime.now(UTC)
    data = ListGroups(actor=Actor(kind="console", id=by), deadline=now + deadline)
    return wrap(data, id=id_ or uuid7(), source="test", time=now, subject="groups")


def asked(envelope: Envelope[Data] | None = None, reply_to: str | None = None) -> Outgoing:
    """A command on its way."""
    envelope = envelope or command()
    key = topology.command_key(envelope.type)
    return Outgoing("commands", key, envelope.encode(), str(envelope.id), envelope.type, reply_to=reply_to)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[AsyncEngine]:
    """An engine on a database with all tables."""
    engine = open_engine(url)
    try:
        async with writing(engine) as conn:
            await conn.run_sync(METADATA.create_all)
        yield engine
    finally:
        await engine.dispose()


async def written(engine: AsyncEngine) -> list[str]:
    """The texts of all notes, in the order in which they were committed."""
    async with reading(engine) as conn:
        return list((await conn.execute(select(NOTES.c.text).order_by(NOTES.c.n))).scalars())


@dataclass
class Desk:
    """A running loop and what a test needs around it."""

    engine: AsyncEngine
    broker: Broker
    publisher: Publisher
    notebook: Notebook
    events: Consumer
    consumer: Consumer
    stopping: asyncio.Event
    lease: Lease


@asynccontextmanager
async def running(
    amqp_url: str, database_url: str, *, clock: Clock | None = None, patience_seconds: float = 300
) -> AsyncIterator[Desk]:
    """A notebook at work; leaving stops it gracefully."""
    notebook = Notebook()
    async with (
        opened(database_url) as engine,
        Broker(amqp_url, name="test") as broker,
        asyncio.TaskGroup() as group,
    ):
        publisher = Publisher(broker)
        consumer = Consumer(broker, QUEUES)
        lease = Lease(engine, "notebook", notebook.by)
        stopping = asyncio.Event()
        events = Consumer(broker, [EVENTS])
        await broker.ready()
        group.create_task(
            run_loop(
                engine=engine,
                lease=lease,
                broker=broker,
                publisher=publisher,
                consumer=consumer,
                handler=notebook,
                decoder=CATALOGUE.decode,
                clock=clock or SystemClock(),
                stopping=stopping,
                patience_seconds=patience_seconds,
            )
        )
        yield Desk(engine, broker, publisher, notebook, events, consumer, stopping, lease)
        stopping.set()


async def texts_of(consumer: Consumer, count: int) -> list[str]:
    """The first `count` distinct notes of a queue, repetitions dropped by id; they are acknowledged."""
    found: dict[UUID, str] = {}
    async with asyncio.timeout(20):
        while len(found) < count:
            batch = await consumer.next_batch()
            for delivery in batch:
                envelope = CATALOGUE.decode(delivery.body)
                assert isinstance(envelope.data, Note)
                found.setdefault(envelope.id, envelope.data.text)
            await consumer.settle(batch)
    return list(found.values())
