"""Takes what the router gives an account from its queue: read, written to the journal, then acknowledged."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NoReturn

from gateways.kit import acts
from gateways.kit.journal import Entry
from shared.bus.connection import pause_seconds
from shared.bus.consumer import Consumer, Delivery
from shared.bus.parking import park
from shared.bus.publisher import Publisher
from shared.failure import Unavailable, Undecodable
from shared.log import get_logger

log = get_logger()

PATIENCE_SECONDS: Final = 300.0
"""A longer outage gives the deliveries back once, so it costs one delivery however long it lasts."""


class Outbound:
    """The queue of one account, consumed by the owner of its lease."""

    def __init__(self, slug: str, consumer: Consumer, publisher: Publisher) -> None:
        self._slug = slug
        self._consumer = consumer
        self._publisher = publisher

    async def take_always(
        self, write: Callable[[Sequence[Entry]], Awaitable[None]], taken: Callable[[], None]
    ) -> NoReturn:
        """Writes each batch with `write`, which raises `Unavailable` in an outage, and calls `taken`."""
        while True:
            batch = await self._consumer.next_batch()
            entries = [entry for delivery in batch if (entry := await self._read(delivery)) is not None]
            await self._wait_out(lambda entries=entries: write(entries))  # type: ignore[misc]
            await self._consumer.settle(batch)
            taken()

    async def close(self) -> None:
        """Gives back what is not acknowledged."""
        await self._consumer.pause()

    async def _read(self, delivery: Delivery) -> Entry | None:
        """The delivery as an entry of the journal; what cannot be one is parked or passed by."""
        try:
            envelope = acts.read(delivery.body, delivery.type)
        except Undecodable as error:
            reason = error.reason
            log.error("act_undecodable", account=self._slug, reason=reason)  # noqa: TRY400  # no traceback
            await self._wait_out(lambda: park(self._publisher, delivery, "undecodable", reason))
            return None
        entry = acts.entry_of(envelope, self._slug, delivery.body)
        if entry is None:
            log.warning("act_passed_by", account=self._slug, type=envelope.type)
        return entry

    async def _wait_out(self, work: Callable[[], Awaitable[None]]) -> None:
        """Does it, however long an outage lasts."""
        started, failures = time.monotonic(), 0
        paused = False
        while True:
            try:
                await work()
                break
            except Unavailable as error:
                failures += 1
                log.warning("outbound_waits", account=self._slug, reason=str(error))
                if not paused and time.monotonic() - started > PATIENCE_SECONDS:
                    await self._consumer.pause()
                    paused = True
                await asyncio.sleep(pause_seconds(failures))
        if paused:
            self._consumer.resume()
