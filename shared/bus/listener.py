"""Listening to what is worthless later: patterns of `feed`, `live` or `events`, to this replica alone."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from uuid import uuid4

from shared.bus.connection import Broker
from shared.bus.exclusive import ExclusiveQueue
from shared.log import get_logger

log = get_logger()

BUFFERED: Final = 20_000
"""Bodies that may wait for a slow callback; one more is a gap."""


class Listener:
    """Calls `on_body` with each body, one after another, and `on_gap` when something may have been missed.

    `on_gap` comes first after each (re)connection, when the queue is bound: what is fetched then has no hole.
    Run it in a task group of the owner: `group.create_task(listener.run())`.
    """

    def __init__(
        self,
        broker: Broker,
        bindings: Sequence[tuple[str, str]],
        on_body: Callable[[bytes], Awaitable[None]],
        on_gap: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        name = f"listener.{broker.name}.{uuid4().hex}"
        self._queue = ExclusiveQueue(broker, name, bindings, self._received, self._gap)
        self._on_body = on_body
        self._on_gap = on_gap
        self._bodies: deque[bytes | None] = deque()
        self._wake = asyncio.Event()

    @property
    def bound(self) -> asyncio.Event:
        """Set while what is published arrives."""
        return self._queue.bound

    async def run(self) -> None:
        """Listens until cancelled. What a callback raises is logged; the next body comes all the same."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._queue.keep())
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._bodies:
                    await self._call(self._bodies.popleft())

    async def _call(self, body: bytes | None) -> None:
        try:
            if body is not None:
                await self._on_body(body)
            elif self._on_gap is not None:
                await self._on_gap()
        except Exception:
            log.exception("listener_failed", queue=self._queue.name)

    def _received(self, body: bytes) -> None:
        if len(self._bodies) >= BUFFERED:
            self._gap()
            log.warning("listener_too_slow", queue=self._queue.name)
        self._bodies.append(body)
        self._wake.set()

    def _gap(self) -> None:
        self._bodies.clear()
        self._bodies.append(None)
        self._wake.set()
