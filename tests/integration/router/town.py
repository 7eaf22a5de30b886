"""A router at work on a real broker, with a gateway's and a desk's ends of the line in the test's hands."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from router.handlers import CATALOGUE, RouterHandler
from router.process import LEASE, QUEUES
from shared.bus.call import Caller
from shared.bus.connection import Broker
from shared.bus.consumer import Consumer, Delivery
from shared.bus.loop import run_loop
from shared.bus.outgoing import Outgoing
from shared.bus.publisher import Publisher
from shared.clock import SystemClock, uuid7
from shared.contract import commands, ids
from shared.contract.capabilities import Capabilities
from shared.contract.commands import Answer, Command
from shared.contract.content import text_content
from shared.contract.envelope import Catalogue, Data, Envelope, wrap
from shared.contract.events import EVENTS
from shared.contract.inbound import AccountDeclared, MessageHeard, fact_word
from shared.contract.outbound import ACTS
from shared.contract.people import Actor, DialogRef, Identity
from shared.db.engine import open_engine
from shared.db.lease import Lease
from shared.topology import INBOUND, PARKED, STORE_EVENTS, account_queue, inbound_key
from tests.support.waiting import eventually

CHANNEL, ACCOUNT = "webchat", "site"
CONSOLE = Actor(kind="console", id="test")
DESK = Actor(kind="service", id="desk-1")

D = TypeVar("D", bound=Data)
_events = Catalogue(*EVENTS)
_acts = Catalogue(*ACTS)


@asynccontextmanager
async def router(amqp_url: str, database_url: str, name: str = "one") -> AsyncIterator[None]:
    """One replica of the router, ended as a killed process ends: without a word."""
    async with AsyncExitStack() as stack:
        engine = open_engine(database_url)
        stack.push_async_callback(engine.dispose)
        broker = await stack.enter_async_context(Broker(amqp_url, name=f"router {name}"))
        clock = SystemClock()
        loop = run_loop(
            engine=engine,
            lease=Lease(engine, LEASE, name, seconds=2),
            broker=broker,
            publisher=Publisher(broker),
            consumer=Consumer(broker, QUEUES),
            handler=RouterHandler(broker, clock),
            decoder=CATALOGUE.decode,
            clock=clock,
        )
        async with asyncio.TaskGroup() as group:
            task = group.create_task(loop)
            yield
            task.cancel()


def ref(chat: str = "v1", account: str = ACCOUNT) -> DialogRef:
    dialog_id = ids.dialog_id(CHANNEL, account, chat)
    return DialogRef(dialog_id=dialog_id, channel=CHANNEL, account=account, chat=chat)


class Town:
    """The other ends: facts and commands go in, events and acts come out, in order."""

    def __init__(self, broker: Broker) -> None:
        self.publisher = Publisher(broker)
        self.caller = Caller(broker, self.publisher)
        self.events: list[Envelope[Any]] = []
        self.acts: list[Envelope[Any]] = []
        self._broker = broker
        self._numbers = itertools.count(1)

    @classmethod
    @asynccontextmanager
    async def open(cls, amqp_url: str) -> AsyncIterator[Town]:
        async with Broker(amqp_url, name="town") as broker:
            await broker.ready()
            await broker.declare(account_queue(CHANNEL, ACCOUNT))
            town = cls(broker)
            async with asyncio.TaskGroup() as group:
                listening = [
                    group.create_task(town._collect(STORE_EVENTS.name, _events, town.events)),
                    group.create_task(town._collect(account_queue(CHANNEL, ACCOUNT).name, _acts, town.acts)),
                ]
                yield town
                for task in listening:
                    task.cancel()

    async def declare_account(self, **fields: Any) -> None:
        given: dict[str, Any] = {"name": "Site", "capabilities": Capabilities(), "declared_at": _now()}
        fact = AccountDeclared(**({"channel": CHANNEL, "account": ACCOUNT} | given | fields))
        known = len(self.of("account.changed.v1"))
        await self.tell(fact, f"account:{CHANNEL}.{fact.account}", account=fact.account)
        await self.event("account.changed.v1", known + 1)

    async def operator(self, login: str, **fields: Any) -> Actor:
        """A new operator, as an actor."""
        id_ = uuid7()
        answer = await self.ask(
            commands.AddOperator, operator_id=id_, login=login, name=f"{login.title()} Ivanova", **fields
        )
        assert answer.ok, answer
        return Actor(kind="operator", id=str(id_), name=login)

    async def hear(
        self,
        text: str,
        chat: str = "v1",
        *,
        account: str = ACCOUNT,
        traceparent: str | None = None,
        **fields: Any,
    ) -> Envelope[Any]:
        """The visitor writes; the message as it was published."""
        number = f"m{next(self._numbers)}"
        dialog = ref(chat, account)
        fact = MessageHeard(
            dialog=dialog,
            message_id=ids.message_id(CHANNEL, account, chat, number),
            external_id=number,
            sender=Identity(channel=CHANNEL, address=chat, name="Вера"),
            content=text_content(text),
            received_at=_now(),
            **fields,
        )
        said = wrap(
            fact,
            id=fact.message_id,
            source="webchat/site",
            time=_now(),
            subject=str(dialog.dialog_id),
            traceparent=traceparent,
        )
        await self.publish(said, account=account)
        return said

    async def tell(self, fact: Data, subject: str, *, account: str = ACCOUNT) -> Envelope[Any]:
        """Publishes a fact as a gateway does."""
        said = wrap(fact, id=uuid7(), source="webchat/site", time=_now(), subject=subject)
        await self.publish(said, account=account)
        return said

    async def publish(self, said: Envelope[Any], *, account: str = ACCOUNT) -> None:
        key = inbound_key(fact_word(said.data), CHANNEL, account)
        await self.publisher.publish(Outgoing(INBOUND, key, said.encode(), str(said.id), said.type))

    async def ask(
        self, command: type[Command], by: Actor = CONSOLE, *, id_: UUID | None = None, **fields: Any
    ) -> Answer:
        """Sends a command as a desk does; its answer."""
        data = command(actor=by, deadline=_now() + commands.PATIENCE, **fields)
        said = wrap(data, id=id_ or uuid7(), source="test", time=_now(), subject="test")
        return await self.caller.call(said, timeout=20)

    async def parked(self) -> list[Delivery]:
        """What was given up on, once there is some."""
        return await Consumer(self._broker, [PARKED.name]).next_batch(timeout=10)

    def of(self, type_: str, chat: str | None = None) -> list[Envelope[Any]]:
        """Events of a type so far, of one dialog or of all."""
        subject = str(ref(chat).dialog_id) if chat else None
        return [one for one in self.events if one.type == type_ and (not subject or one.subject == subject)]

    async def event(self, type_: str, count: int = 1, chat: str | None = None) -> Envelope[Any]:
        """The `count`-th event of a type, once it is there."""
        await eventually(lambda: len(self.of(type_, chat)) >= count, seconds=20)
        return self.of(type_, chat)[count - 1]

    def of_dialog(self, chat: str = "v1") -> list[Envelope[Any]]:
        return [one for one in self.events if one.subject == str(ref(chat).dialog_id)]

    async def _collect(self, queue: str, catalogue: Catalogue, into: list[Envelope[Any]]) -> None:
        consumer = Consumer(self._broker, [queue])
        while True:
            batch = await consumer.next_batch()
            into += [catalogue.decode(delivery.body, delivery.type) for delivery in batch]
            await consumer.settle(batch)


def _now() -> datetime:
    return SystemClock().now()
