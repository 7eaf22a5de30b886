"""A handler at work on a database without a bus, in the test's own time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from router.handlers import RouterHandler
from shared.bus.consumer import Delivery
from shared.bus.handler import Incoming, Outcome
from shared.clock import FixedClock, uuid7
from shared.contract import ids
from shared.contract.content import text_content
from shared.contract.envelope import Data, wrap
from shared.contract.inbound import MessageHeard
from shared.contract.people import Actor, DialogRef, Identity
from shared.db.engine import writing
from shared.topology import Queue
from tests.unit.router.people import NOON

DESK = Actor(kind="service", id="desk")
SECOND = timedelta(seconds=1)


class Wire:
    """A broker that only remembers what was declared."""

    def __init__(self) -> None:
        self.connected = True
        self.declared: list[str] = []

    async def declare(self, *queues: Queue) -> None:
        self.declared += [queue.name for queue in queues]


class Works:
    """A handler at work on a database without a bus."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.clock = FixedClock(NOON)
        self.wire = Wire()
        self.handler = RouterHandler(self.wire, self.clock)

    async def start(self) -> None:
        """Takes over, as another process would."""
        self.handler = RouterHandler(self.wire, self.clock)
        async with writing(self.engine) as conn:
            await self.handler.load(conn)

    async def give(self, *data: Data) -> Outcome:
        batch = [Incoming(_delivery(one), _wrapped(one)) for one in data]
        async with writing(self.engine) as conn:
            return await self.handler.handle(conn, batch)

    async def tick(self) -> list[str]:
        """A second passes; what is told."""
        now = self.clock.advance(SECOND)
        async with writing(self.engine) as conn:
            return [message.type for message in (await self.handler.tick(conn, now)).outgoing]


def _delivery(data: Data) -> Delivery:
    return Delivery("queue", 1, 1, "exchange", "key", b"", data.TYPE)


def _wrapped(data: Data) -> Any:
    return wrap(data, id=uuid7(), source="test", time=NOON, subject="test")


def dialog_ref(chat: str) -> DialogRef:
    dialog_id = ids.dialog_id("webchat", "site", chat)
    return DialogRef(dialog_id=dialog_id, channel="webchat", account="site", chat=chat, kind="group")


def heard(chat: str = "v1") -> MessageHeard:
    return MessageHeard(
        dialog=dialog_ref(chat),
        message_id=uuid7(),
        external_id="m1",
        sender=Identity(channel="webchat", address=chat),
        content=text_content("Здравствуйте"),
        received_at=NOON,
    )
