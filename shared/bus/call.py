"""Asking a service to do something and waiting for its answer.

The command is persistent and confirmed, the answer is not: when it does not come in time the outcome is
unknown, and the same command under the same id may be sent again: it is done once and gets the same answer.
"""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

from shared import topology
from shared.bus import answers
from shared.bus.connection import Broker
from shared.bus.exclusive import ExclusiveQueue
from shared.bus.outgoing import Outgoing
from shared.bus.publisher import Publisher
from shared.contract.commands import Answer
from shared.contract.envelope import Data, Envelope
from shared.failure import Failure, Unavailable, Undecodable, Unroutable
from shared.log import get_logger

log = get_logger()

PUBLISH_SECONDS = 5.0


class AnswerLate(Failure):
    """The command was accepted by the broker and no answer came in time: its outcome is unknown."""


class Caller:
    """Commands of one replica, and the queue of its own that their answers come to."""

    def __init__(self, broker: Broker, publisher: Publisher) -> None:
        self._broker = broker
        self._publisher = publisher
        self._queue = ExclusiveQueue(broker, f"answers.{broker.name}.{uuid4().hex}", (), self._received)
        self._waiting: dict[UUID, list[asyncio.Future[Answer]]] = {}
        self._started = False

    async def call(
        self, command: Envelope[Data], *, timeout: float = 30.0, routing_key: str | None = None
    ) -> Answer:
        """The answer to the command. Raises `Unavailable` when it was not published, `AnswerLate` when it was
        and nothing came back. `routing_key` is for commands to an account; others go by their type."""
        if not self._started:
            self._started = True
            self._broker.spawn(self._queue.keep())
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        waiting = self._waiting.setdefault(command.id, [])
        waiting.append(future)
        try:
            await self._publish(
                command, routing_key or topology.command_key(command.type), min(timeout, PUBLISH_SECONDS)
            )
            async with asyncio.timeout(timeout):
                return await future
        except TimeoutError:
            raise AnswerLate(f"no answer to {command.type} {command.id} within {timeout:g} s") from None
        finally:
            waiting.remove(future)
            if not waiting:
                self._waiting.pop(command.id, None)

    async def _publish(self, command: Envelope[Data], routing_key: str, timeout: float) -> None:
        try:
            async with asyncio.timeout(timeout):
                await self._queue.bound.wait()
        except TimeoutError:
            raise Unavailable("the broker is away: no queue for the answer") from None
        message = Outgoing(
            exchange=topology.COMMANDS,
            routing_key=routing_key,
            body=command.encode(),
            message_id=str(command.id),
            type=command.type,
            reply_to=self._queue.name,
            correlation_id=str(command.id),
        )
        try:
            await self._publisher.publish(message, timeout=timeout)
        except Unroutable as error:
            raise Unavailable(f"nobody takes {command.type}: {error}") from error

    def _received(self, body: bytes) -> None:
        try:
            answer = answers.read(body)
        except Undecodable as error:
            log.warning("answer_undecodable", reason=error.reason)
            return
        for future in self._waiting.get(answer.command_id, ()):
            if not future.done():
                future.set_result(answer)
