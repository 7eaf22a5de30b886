"""Messages of clients in many dialogs, of which one stands open; dialogs that begin and that are closed."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from pydantic_core import from_json

from shared.bus.call import Caller
from shared.bus.connection import Broker
from shared.bus.listener import Listener
from shared.bus.outgoing import Outgoing
from shared.bus.publisher import Publisher
from shared.clock import uuid7
from shared.contract import commands, ids
from shared.contract.content import text_content
from shared.contract.envelope import wrap
from shared.contract.inbound import MessageHeard, fact_word
from shared.contract.people import Actor, DialogRef, Identity
from shared.topology import EVENTS, INBOUND, inbound_key

DIALOGS: Final = 60
OPEN_EVERY: Final = 10
"""Of so many messages one is in the dialog that stands open."""
CONSOLE: Final = Actor(kind="console", id="bench")
WORDS: Final = "Good day! When does my order come, and may I still change the address?"


class Flow:
    """Messages of clients, as facts on the broker; dialogs that begin and that are closed."""

    def __init__(self, broker: Broker) -> None:
        self._publisher = Publisher(broker)
        self._caller = Caller(broker, self._publisher)
        self._listener = Listener(broker, [(EVENTS, "conversation.opened.v1")], self._opened)
        self._begun: deque[tuple[UUID, UUID]] = deque()
        self._said = 0
        self._dialogs = 0

    async def listen(self, group: asyncio.TaskGroup) -> asyncio.Task[None]:
        task = group.create_task(self._listener.run())
        await self._listener.bound.wait()
        return task

    async def begin(self, count: int) -> None:
        first, self._dialogs = self._dialogs, self._dialogs + count
        await self._publisher.publish_in_order([self._heard(n) for n in range(first, first + count)])

    async def end(self, count: int) -> None:
        """Closes those that began first, but for the one that stands open."""
        for _ in range(count):
            dialog_id, conversation_id = self._begun.popleft()
            now = datetime.now(UTC)
            command = commands.CloseConversation(
                actor=CONSOLE, deadline=now + commands.PATIENCE, dialog_id=dialog_id,
                conversation_id=conversation_id,
            )  # fmt: skip
            answer = await self._caller.call(
                wrap(command, id=uuid7(), source="bench", time=now, subject="bench")
            )
            assert answer.ok, answer.refusal

    async def run(self, count: int, rate: float, last: str | None = None) -> None:
        """So many messages at an even rate; the last one says `last`, in the dialog that stands open."""
        started = time.monotonic()
        for number in range(count):
            early = started + number / rate - time.monotonic()
            if early > 0:
                await asyncio.sleep(early)
            among = range(max(1, self._dialogs - DIALOGS), self._dialogs)
            dialog = 0 if self._said % OPEN_EVERY == 0 else among[self._said % len(among)]
            await self._publisher.publish_in_order([self._heard(dialog)])
        if last is not None:
            await self._publisher.publish_in_order([self._heard(0, last)])

    async def _opened(self, body: bytes) -> None:
        event = from_json(body)["data"]
        dialog_id = UUID(event["dialog"]["dialog_id"])
        if dialog_id != ids.dialog_id("webchat", "main", "page-0"):
            self._begun.append((dialog_id, UUID(event["conversation"]["conversation_id"])))

    def _heard(self, dialog: int, words: str = WORDS) -> Outgoing:
        self._said += 1
        chat = f"page-{dialog}"
        dialog_id = ids.dialog_id("webchat", "main", chat)
        fact = MessageHeard(
            dialog=DialogRef(dialog_id=dialog_id, channel="webchat", account="main", chat=chat),
            message_id=uuid7(),
            external_id=f"{chat}-{self._said}",
            sender=Identity(channel="webchat", address=chat, name=f"Visitor {dialog}"),
            content=text_content(words),
            received_at=datetime.now(UTC),
        )
        envelope = wrap(
            fact, id=fact.message_id, source="bench", time=fact.received_at, subject=str(dialog_id)
        )
        key = inbound_key(fact_word(fact), "webchat", "main")
        return Outgoing(INBOUND, key, envelope.encode(), str(envelope.id), fact.TYPE)
