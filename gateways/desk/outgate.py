"""Frames on their way to one socket: at most 256 wait, and who does not take them for 5 s is let go."""

from __future__ import annotations

import asyncio
from typing import Final, Protocol

from gateways.desk.ending import slow

WAITING: Final = 256
PATIENCE_SECONDS: Final = 5.0


class Sink(Protocol):
    async def send_str(self, data: str) -> None: ...


class Outgate:
    """`put` from any task of the connection, `run` in one."""

    def __init__(
        self, sink: Sink, *, waiting: int = WAITING, patience_seconds: float = PATIENCE_SECONDS
    ) -> None:
        self._sink = sink
        self._frames: asyncio.Queue[str] = asyncio.Queue(waiting)
        self._patience_seconds = patience_seconds

    async def put(self, frame: str) -> None:
        """Raises the ending `slow` when there is no room for too long."""
        try:
            self._frames.put_nowait(frame)
        except asyncio.QueueFull:
            try:
                async with asyncio.timeout(self._patience_seconds):
                    await self._frames.put(frame)
            except TimeoutError:
                raise slow() from None

    def offer(self, frame: str) -> None:
        """Lets a frame that is soon worthless go, unless there is room to spare."""
        if self._frames.qsize() < self._frames.maxsize // 2:
            self._frames.put_nowait(frame)

    async def run(self) -> None:
        """Sends in order until cancelled, or until the socket is gone (`ConnectionError`)."""
        while True:
            await self._sink.send_str(await self._frames.get())
