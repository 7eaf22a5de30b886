"""Messages in one order without an end: each batch pushed as it comes, without waiting for those before it.

No confirm means that nobody knows. After a doubt the line is given up and everything from the first
unanswered message on goes through the next one, in the same order: what the broker had is repeated under its
id, and nothing overtakes what it had not.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from shared.bus.connection import BROKER_FAILURES, pause_seconds
from shared.bus.line import Line, outcome
from shared.bus.outgoing import Outgoing
from shared.failure import Unavailable, Unroutable
from shared.log import get_logger
from shared.metrics import PUBLISH_FAILED

log = get_logger()

WINDOW: Final = 200
"""Messages of one stream that may be unanswered on the wire at once."""
WINDOW_BYTES: Final = 8 * 1024 * 1024
CONFIRM_SECONDS: Final = 5.0

Answers: TypeAlias = list[Unroutable | None]
"""One entry per message: None when the broker has it for good, else why nobody has it."""


@dataclass(slots=True)
class _Batch:
    answers: Answers
    done: asyncio.Future[Answers]

    def record(self, answer: Unroutable | None, *, more: bool) -> None:
        self.answers.append(answer)
        if not more and not self.done.cancelled():
            self.done.set_result(self.answers)


@dataclass(slots=True)
class _Sent:
    """What is on the wire of one line, oldest first; always the front of what is unanswered."""

    futures: deque[asyncio.Future[object]]
    size: int = 0


class Stream:
    """`put` what is to be published, in order; `run` publishes while it runs."""

    def __init__(
        self, open_line: Callable[[], Awaitable[Line]], guard: Callable[[], None] | None = None
    ) -> None:
        """`guard` is called before each time that something is sent; what it raises ends `run`."""
        self._open_line = open_line
        self._guard = guard
        self._unanswered: deque[tuple[Outgoing, _Batch, bool]] = deque()
        self._changed = asyncio.Event()
        self._ended = False
        self._failures = 0
        self._awaited: asyncio.Future[object] | None = None
        self._doubt_at = 0.0

    def put(self, messages: Sequence[Outgoing]) -> asyncio.Future[Answers]:
        """The next ones; the future ends when all of them are answered."""
        batch = _Batch([], asyncio.get_running_loop().create_future())
        if not messages:
            batch.done.set_result([])
        for left, message in enumerate(messages, 1 - len(messages)):
            self._unanswered.append((message, batch, left < 0))
        self._changed.set()
        return batch.done

    def end(self) -> None:
        """Nothing more will come: `run` returns when all is answered."""
        self._ended = True
        self._changed.set()

    async def run(self) -> None:
        """Publishes, and waits in place for as long as the broker is away."""
        while await self._something():
            line: Line | None = None
            try:
                line = await self._open_line()
                await self._through(line)
            except (Unavailable, *BROKER_FAILURES) as error:
                self._failures += 1
                PUBLISH_FAILED.labels(self._unanswered[0][0].exchange, "repeated").inc()
                log.warning("publish_repeated", unanswered=len(self._unanswered), reason=str(error))
                if line is not None:
                    await line.close()
                await asyncio.sleep(pause_seconds(self._failures))

    async def _something(self) -> bool:
        while not self._unanswered and not self._ended:
            self._changed.clear()
            await self._changed.wait()
        return bool(self._unanswered)

    async def _through(self, line: Line) -> None:
        """Returns when nothing is unanswered; raises `Unavailable` at the first doubt."""
        sent = _Sent(deque())
        while self._unanswered:
            self._changed.clear()
            self._push(line, sent)
            first = sent.futures[0] if sent.futures else line.in_flight(self._unanswered[0][0].message_id)
            if first is not None and not first.done():
                await self._wait(line, first)
            while sent.futures and sent.futures[0].done():
                self._record(sent)

    def _push(self, line: Line, sent: _Sent) -> None:
        at = len(sent.futures)
        if at < len(self._unanswered) and self._guard is not None:
            self._guard()
        while at < min(len(self._unanswered), WINDOW) and sent.size < WINDOW_BYTES:
            message = self._unanswered[at][0]
            if line.in_flight(message.message_id) is not None:
                return
            sent.futures.append(line.push(message))
            sent.size += len(message.body)
            at += 1

    def _record(self, sent: _Sent) -> None:
        message, batch, more = self._unanswered[0]
        answer = outcome(sent.futures[0], message)
        sent.futures.popleft()
        sent.size -= len(message.body)
        self._unanswered.popleft()
        self._failures = 0
        batch.record(answer, more=more)

    async def _wait(self, line: Line, first: asyncio.Future[object]) -> None:
        """Until the first is answered or there is more to push; no answer in time is a doubt."""
        loop = asyncio.get_running_loop()
        if first is not self._awaited:
            self._awaited, self._doubt_at = first, loop.time() + CONFIRM_SECONDS
            first.add_done_callback(lambda _: self._changed.set())
        try:
            async with asyncio.timeout_at(self._doubt_at):
                await self._changed.wait()
        except TimeoutError:
            await self._while_held(line)
            await asyncio.wait([first], timeout=CONFIRM_SECONDS)
            if not first.done():
                raise Unavailable(f"no confirm from the broker within {2 * CONFIRM_SECONDS:g} s") from None

    async def _while_held(self, line: Line) -> None:
        """Waits while an alarm of the broker holds the connection."""
        unblocked = asyncio.ensure_future(line.connection.ready())
        try:
            await asyncio.wait([line.connection.closing, unblocked], return_when=asyncio.FIRST_COMPLETED)
        finally:
            unblocked.cancel()
