"""Best-effort calls of a channel: bounded in time and number, tried once, and nobody waits for them.

An errand that fails, or one too many, is a line of the log: it is worth nothing later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, NoReturn

from shared.failure import Failure
from shared.log import get_logger

IN_FLIGHT: Final = 16
WAITING: Final = 200
"""Errands that may wait for those in flight."""
SECONDS: Final = 5.0

log = get_logger()


@dataclass(frozen=True, slots=True)
class _Call:
    account: str
    verb: str
    work: Callable[[], Awaitable[None]]
    failed: Callable[[Exception], None] | None


class Errands:
    """`add` from anywhere; `run` in a task group of the owner."""

    def __init__(
        self, *, seconds: float = SECONDS, in_flight: int = IN_FLIGHT, waiting: int = WAITING
    ) -> None:
        self._seconds = seconds
        self._in_flight = in_flight
        self._calls: asyncio.Queue[_Call] = asyncio.Queue(waiting)

    def add(
        self,
        account: str,
        verb: str,
        work: Callable[[], Awaitable[None]],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """`work` is called soon, or never; `failed` hears of what it raised."""
        try:
            self._calls.put_nowait(_Call(account, verb, work, failed))
        except asyncio.QueueFull:
            log.warning("errand_dropped", account=account, verb=verb)

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._in_flight):
                group.create_task(self._work())

    async def _work(self) -> NoReturn:
        while True:
            call = await self._calls.get()
            try:
                async with asyncio.timeout(self._seconds):
                    await call.work()
            except Exception as error:  # noqa: BLE001  # nobody waits for it
                reason = str(error) if isinstance(error, Failure) else type(error).__name__
                log.warning("errand_failed", account=call.account, verb=call.verb, reason=reason)
                if call.failed is not None:
                    call.failed(error)
