"""A router that answers as it is told, the store's commands too: it takes them from their real queues."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Self

from shared.bus import answers
from shared.bus.connection import Broker
from shared.bus.consumer import Consumer
from shared.bus.publisher import Publisher
from shared.contract.commands import COMMANDS, Answer
from shared.contract.envelope import Catalogue, Data, Envelope
from shared.topology import ROUTER_COMMANDS, STORE_COMMANDS

CATALOGUE = Catalogue(*COMMANDS)
Decide = Callable[[Envelope[Data]], Answer | None]


def agreed(command: Envelope[Data], **result: Any) -> Answer:
    return Answer(command_id=command.id, ok=True, result={"events": 1, **result})


class ScriptedRouter:
    """`decide` is what it answers to whoever waits for an answer; None: it does not answer at all."""

    def __init__(self, broker: Broker) -> None:
        self.decide: Decide = agreed
        self.heard: list[Envelope[Data]] = []
        self._consumer = Consumer(broker, [ROUTER_COMMANDS.name, STORE_COMMANDS.name])
        self._publisher = Publisher(broker)
        self._group = asyncio.TaskGroup()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        self._task = self._group.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
        await self._group.__aexit__(None, None, None)

    def of(self, type_: str) -> list[Envelope[Data]]:
        return [one for one in self.heard if one.type == type_]

    async def _run(self) -> None:
        while True:
            batch = await self._consumer.next_batch()
            for delivery in batch:
                command = CATALOGUE.decode(delivery.body, delivery.type)
                self.heard.append(command)
                answer = self.decide(command) if delivery.reply_to else None
                if answer is not None and delivery.reply_to:
                    now = datetime.now(UTC)
                    self._publisher.announce(answers.message(answer, delivery.reply_to, "router", now))
            await self._consumer.settle(batch)
