"""A queue of one replica: exclusive, gone with its connection, declared again after each reconnection.

What it carries is transient: answers to commands, hints of the feed, live signals. What was sent while it was
away is lost, and `on_gap` says when that may have happened.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

from shared.bus.connection import BROKER_FAILURES, CLOSE_SECONDS, Broker, Connection, pause_seconds
from shared.bus.delivery_channel import DeliveryChannel
from shared.log import get_logger

log = get_logger()


class ExclusiveQueue:
    """Keeps the queue `name` bound to (exchange, pattern) pairs while `keep` runs."""

    def __init__(
        self,
        broker: Broker,
        name: str,
        bindings: Sequence[tuple[str, str]],
        received: Callable[[bytes], None],
        on_gap: Callable[[], None] | None = None,
    ) -> None:
        self.name = name
        self.bound = asyncio.Event()
        """Set while what is published to it arrives."""
        self._broker = broker
        self._bindings = bindings
        self._received = received
        self._on_gap = on_gap

    async def keep(self) -> None:
        """Runs until cancelled."""
        failures = 0
        while True:
            connection = await self._broker.consuming()
            try:
                await self._serve(connection)
                failures = 0
            except BROKER_FAILURES as error:
                failures += 1
                log.warning(
                    "exclusive_queue_lost", queue=self.name, reason=f"{type(error).__name__}: {error}"
                )
            await asyncio.sleep(pause_seconds(failures))

    async def _serve(self, connection: Connection) -> None:
        channel = await DeliveryChannel.open_on(connection, lambda _, __, body: self._received(body))
        cancelled: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        channel.on_consumer_cancel_callbacks.add(
            lambda _: None if cancelled.done() else cancelled.set_result(None)
        )

        try:
            await channel.queue_declare(self.name, exclusive=True, auto_delete=True)
            for exchange, pattern in self._bindings:
                await channel.queue_bind(self.name, exchange, pattern)
            await channel.start(self.name, no_ack=True)
            self.bound.set()
            if self._on_gap is not None:
                self._on_gap()
            await asyncio.wait([channel.closing, cancelled], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.bound.clear()
            with suppress(*BROKER_FAILURES):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await channel.close()
