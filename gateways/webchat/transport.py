"""How frames travel between a visitor's browser and its session: a WebSocket here, a poll in poll.py."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from socket import SO_LINGER, SOL_SOCKET
from struct import pack
from typing import Final, Protocol

from aiohttp import WSMsgType, web

CONTROL: Final = "\0"
"""What is read in the place of a ping or a pong: nothing to answer, but it counts against a flood."""
_NO_LINGER: Final = pack("ii", 1, 0)


class Transport(Protocol):
    """One connection of a visitor."""

    @property
    def unread(self) -> int:
        """Bytes that were written and not taken by the other side."""

    @property
    def closing(self) -> bool: ...

    async def read(self) -> str | None:
        """The next frame, or none when it ends; what is no text is an empty frame, or `CONTROL`."""

    async def write(self, frame: str) -> None:
        """Raises `ConnectionError` or `RuntimeError` when it is gone."""

    async def close(self, code: int, reason: bytes, /) -> None: ...

    def cut(self) -> None:
        """Ends it without a word."""


class WebSocket:
    """An open WebSocket over `wire`."""

    __slots__ = ("_wire", "_ws")

    def __init__(self, ws: web.WebSocketResponse, wire: asyncio.Transport) -> None:
        self._ws = ws
        self._wire = wire

    @property
    def unread(self) -> int:
        return self._wire.get_write_buffer_size()

    @property
    def closing(self) -> bool:
        return self._wire.is_closing() or self._ws.closed

    async def read(self) -> str | None:
        received = await self._ws.receive()
        if received.type is WSMsgType.PING:
            with suppress(ConnectionError):
                await self._ws.pong(received.data)
            return CONTROL
        if received.type is WSMsgType.PONG:
            return CONTROL
        if received.type is WSMsgType.TEXT:
            return str(received.data)
        return "" if received.type is WSMsgType.BINARY else None

    async def write(self, frame: str) -> None:
        await self._ws.send_str(frame)

    async def close(self, code: int, reason: bytes) -> None:
        await self._ws.close(code=code, message=reason)

    def cut(self) -> None:
        """Resets the connection: neither we nor the kernel keep for it what it did not read."""
        pipe = self._wire.get_extra_info("socket")
        if pipe is not None and not self._wire.is_closing():
            pipe.setsockopt(SOL_SOCKET, SO_LINGER, _NO_LINGER)
        self._wire.abort()
