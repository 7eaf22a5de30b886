"""A channel that does as it is told, and its gateway's parts in this process."""

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar

from pydantic import SecretStr

from gateways.kit.accounts import Account
from gateways.kit.channel import Sent
from gateways.kit.courier import Courier
from gateways.kit.host import Host, Parts
from gateways.kit.pace import Pace
from gateways.kit.settings import GatewaySettings
from gateways.kit.transactions import Transactions
from shared.bus.connection import Broker
from shared.bus.publisher import Publisher
from shared.clock import SystemClock
from shared.contract.capabilities import Capabilities
from shared.contract.envelope import Envelope
from shared.contract.outbound import CloseChat, DeleteMessage, EditMessage, MarkRead, React, SendMessage
from shared.db.engine import open_engine


class Scripted:
    """`script[text]` holds what happens at each try of that message; without it, it is sent."""

    capabilities: ClassVar[Capabilities] = Capabilities()

    def __init__(self) -> None:
        self.script: defaultdict[str, deque[Exception]] = defaultdict(deque)
        self.tries: list[str] = []
        self.times: list[float] = []
        self.probes: deque[Exception] = deque()

    async def send(self, message: Envelope[SendMessage]) -> Sent:
        text = message.data.content.text
        self.tries.append(text)
        self.times.append(time.monotonic())
        if self.script[text]:
            raise self.script[text].popleft()
        return Sent((f"provider-{text}",))

    async def probe(self) -> None:
        if self.probes:
            raise self.probes.popleft()


class Able(Scripted):
    """It does everything; `script[verb]` holds what happens at each try, `done` what it was given."""

    capabilities: ClassVar[Capabilities] = Capabilities(
        edit=True, delete=True, mark_read=True, closes=True, reactions=True
    )

    def __init__(self) -> None:
        super().__init__()
        self.done: list[tuple[str, Any]] = []
        self.hold = asyncio.Event()
        self.hold.set()

    async def send(self, message: Envelope[SendMessage]) -> Sent:
        sent = await super().send(message)
        await self.hold.wait()
        self.done.append(("send", message.data.content.text))
        return sent

    async def edit(self, act: Envelope[EditMessage]) -> None:
        self._do("edit", (act.data.external_ids, act.data.content.text))

    async def delete(self, act: Envelope[DeleteMessage]) -> None:
        self._do("delete", act.data.external_ids)

    async def mark_read(self, act: Envelope[MarkRead]) -> None:
        self._do("mark_read", act.data.external_id)

    async def close_chat(self, act: Envelope[CloseChat]) -> None:
        self._do("close_chat", act.data.conversation_id)

    async def react(self, act: Envelope[React]) -> None:
        self._do("react", (act.data.external_id, act.data.emoji))

    def _do(self, verb: str, what: Any) -> None:
        self.tries.append(verb)
        if self.script[verb]:
            raise self.script[verb].popleft()
        self.done.append((verb, what))


class Paced(Scripted):
    """It takes one message at once and then two a second."""

    capabilities: ClassVar[Capabilities] = Capabilities(messages_per_second=2, burst=1)


class PacedByAccount(Scripted):
    """The account of this one may do the same."""

    def __init__(self) -> None:
        super().__init__()
        self.pace = Pace(Paced.capabilities, time.monotonic())


class Deduplicating(Scripted):
    """The provider drops repeats."""

    capabilities: ClassVar[Capabilities] = Capabilities(deduplicates=True)


@asynccontextmanager
async def gateway(amqp_url: str, database_url: str, channel: Scripted) -> AsyncIterator[Host]:
    """One account `webchat.main` served by `channel`."""
    engine = open_engine(database_url)
    settings = GatewaySettings(
        amqp_url=SecretStr(amqp_url), database_url=SecretStr(database_url), instance="scripted"
    )
    transactions, clock, stopping = Transactions(engine), SystemClock(), asyncio.Event()
    async with Broker(amqp_url, name="scripted") as broker, asyncio.TaskGroup() as group:
        publisher = Publisher(broker)
        courier = Courier(transactions, publisher)
        publishing = group.create_task(courier.run())
        parts = Parts(
            "webchat", channel.capabilities, settings, transactions, broker, publisher, courier, clock
        )
        host = Host(parts, lambda _account: channel)
        hosting = group.create_task(host.run(stopping))
        host.reload([Account(slug="main", name="Shop")])
        yield host
        stopping.set()
        await hosting
        await courier.flush(5)
        publishing.cancel()
    await engine.dispose()
