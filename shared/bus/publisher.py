"""Publishing: one message with its confirm, many in order with up to 200 in flight, or what may be lost.

A confirm of a persistent message in a durable queue is the broker's promise. No confirm means that nobody
knows, so it is published again, with everything after it. A message that comes back (no queue is bound) is a
permanent failure of that message alone, though the broker confirms it too.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from shared.bus.connection import BROKER_FAILURES, Broker
from shared.bus.line import Line, outcome
from shared.bus.outgoing import Outgoing
from shared.bus.stream import CONFIRM_SECONDS, Answers, Stream
from shared.failure import Unavailable
from shared.log import get_logger
from shared.metrics import PUBLISH, PUBLISH_FAILED

log = get_logger()

ANNOUNCED: Final = 10_000
"""Transient messages that may wait for a channel; the oldest goes first."""


class Publisher:
    """All publishing of a process: a confirming channel and a transient one, opened when needed."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._line: Line | None = None
        self._transient: Line | None = None
        self._opening = asyncio.Lock()
        self._opening_transient = False
        self._announced: deque[Outgoing] = deque(maxlen=ANNOUNCED)

    async def publish(self, message: Outgoing, *, timeout: float = CONFIRM_SECONDS) -> None:
        """Returns when the broker has it for good; raises `Unroutable`, or `Unavailable`: nobody knows."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(timeout):
                line = await self._open_line()
                while (same := line.in_flight(message.message_id)) is not None:
                    await asyncio.wait([same])
                future = line.push(message)
                await asyncio.wait([future])
        except TimeoutError:
            PUBLISH_FAILED.labels(message.exchange, "timeout").inc()
            raise Unavailable(f"no confirm from the broker within {timeout:g} s") from None
        except BROKER_FAILURES as error:
            PUBLISH_FAILED.labels(message.exchange, "lost").inc()
            raise Unavailable(f"broker: {type(error).__name__}: {error}") from error
        try:
            returned = outcome(future, message)
        except Unavailable:
            PUBLISH_FAILED.labels(message.exchange, "nack").inc()
            raise
        if returned is not None:
            PUBLISH_FAILED.labels(message.exchange, "unroutable").inc()
            raise returned
        PUBLISH.labels(message.exchange).observe(time.monotonic() - started)

    async def publish_in_order(
        self, messages: Sequence[Outgoing], *, guard: Callable[[], None] | None = None
    ) -> Answers:
        """Publishes all, in this order on the wire, and waits in place for as long as the broker is away.

        One entry per message: None when the broker has it. `guard` is called before anything is sent, again
        after each reconnection; what it raises ends the call.
        """
        stream = self.stream(guard)
        answers = stream.put(messages)
        stream.end()
        await stream.run()
        return answers.result()

    def stream(self, guard: Callable[[], None] | None = None) -> Stream:
        """An order of its own, for messages that come one batch after another."""
        return Stream(self._open_line, guard)

    def announce(self, message: Outgoing) -> None:
        """Sends a transient message and forgets it; dropped when the broker is away."""
        if self._transient is not None and self._transient.alive:
            self._transient.push(message)
        elif self._broker.publish_link.up:
            self._announced.append(message)
            if not self._opening_transient:
                self._opening_transient = True
                self._broker.spawn(self._open_transient())

    async def _open_line(self) -> Line:
        while True:
            line = self._line
            if line is not None and line.alive:
                return line
            async with self._opening:
                if self._line is line:
                    self._line = await self._new(confirming=True)

    async def _open_transient(self) -> None:
        try:
            self._transient = await self._new(confirming=False)
            while self._announced:
                self._transient.push(self._announced.popleft())
        except BROKER_FAILURES as error:
            self._announced.clear()
            log.warning("announcements_dropped", reason=str(error))
        finally:
            self._opening_transient = False

    async def _new(self, *, confirming: bool) -> Line:
        connection = await self._broker.publish_link.connection()
        await connection.ready()  # an alarm of the broker blocks it: nothing more is piled up then
        return await Line.open(connection, confirming=confirming)
