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

from shared.bus.connection import BROKER_FAILURES, Broker, pause_seconds
from shared.bus.line import Line, outcome
from shared.bus.outgoing import Outgoing
from shared.failure import Unavailable, Unroutable
from shared.log import get_logger
from shared.metrics import PUBLISH, PUBLISH_FAILED

log = get_logger()

WINDOW: Final = 200
"""Messages of one `publish_in_order` that may be unconfirmed at once."""
WINDOW_BYTES: Final = 8 * 1024 * 1024
CONFIRM_SECONDS: Final = 5.0
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
    ) -> list[Unroutable | None]:
        """Publishes all, in this order on the wire, and waits in place for as long as the broker is away.

        One entry per message: None when the broker has it. `guard` is called before anything is sent, again
        after each reconnection; what it raises ends the call.
        """
        results: list[Unroutable | None] = [None] * len(messages)
        run = _Run(messages, results)
        failures = 0
        while run.confirmed < len(messages):
            line: Line | None = None
            try:
                line = await self._open_line()
                if guard is not None:
                    guard()
                await run.through(line)
            except (Unavailable, *BROKER_FAILURES) as error:
                failures += 1
                PUBLISH_FAILED.labels(messages[run.confirmed].exchange, "repeated").inc()
                log.warning("publish_repeated", first=run.confirmed, of=len(messages), reason=str(error))
                if line is not None:
                    await line.close()
                await asyncio.sleep(pause_seconds(failures))
        return results

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


class _Run:
    """One sequence of messages on its way: everything before `confirmed` is answered."""

    def __init__(self, messages: Sequence[Outgoing], results: list[Unroutable | None]) -> None:
        self.confirmed = 0
        self._messages = messages
        self._results = results

    async def through(self, line: Line) -> None:
        """Pushes what is not answered yet, waits for all answers; raises `Unavailable` at the first doubt."""
        window: deque[tuple[Outgoing, asyncio.Future[object]]] = deque()
        pushed, size = self.confirmed, 0
        while self.confirmed < len(self._messages):
            while pushed < len(self._messages) and len(window) < WINDOW and size < WINDOW_BYTES:
                message = self._messages[pushed]
                if line.in_flight(message.message_id) is not None:
                    break
                window.append((message, line.push(message)))
                size += len(message.body)
                pushed += 1
            await self._answer(
                line, window[0][1] if window else line.in_flight(self._messages[pushed].message_id)
            )
            while window and window[0][1].done():
                message, future = window.popleft()
                size -= len(message.body)
                self._results[self.confirmed] = outcome(future, message)
                self.confirmed += 1

    async def _answer(self, line: Line, future: asyncio.Future[object] | None) -> None:
        """Waits for one answer; none in time is a doubt, unless an alarm holds the broker."""
        if future is None or future.done():
            return
        await asyncio.wait([future], timeout=CONFIRM_SECONDS)
        if future.done():
            return
        ended = line.connection.closing
        unblocked = asyncio.ensure_future(line.connection.ready())
        try:
            await asyncio.wait([ended, unblocked], return_when=asyncio.FIRST_COMPLETED)
        finally:
            unblocked.cancel()
        await asyncio.wait([future], timeout=CONFIRM_SECONDS)
        if not future.done():
            raise Unavailable(f"no confirm from the broker within {2 * CONFIRM_SECONDS:g} s")
