"""A WebSocket client of RFC 6455 in a few kilobytes a connection, so that ten thousand fit into a test.

Text frames only, never compressed. It shares no code with the server that it tests.
"""

import asyncio
import os
import struct
from base64 import b64encode
from collections import deque
from typing import cast
from urllib.parse import urlsplit

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Refused(Exception):
    """The server did not open the socket; `status` and `text` say why."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text.strip()}")
        self.status = status
        self.text = text


class Closed(Exception):
    """The socket has ended; `code` is the server's, 1006 when it said none."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(f"{code} {reason}".strip())
        self.code = code
        self.reason = reason


class WebSocket(asyncio.Protocol):
    """`await connect(...)`, then `send` and `receive`."""

    __slots__ = ("_buffer", "_closed", "_frames", "_opened", "_waiter", "transport")

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._frames: deque[str] = deque()
        self._opened: asyncio.Future[None] | None = asyncio.get_running_loop().create_future()
        self._waiter: asyncio.Future[None] | None = None
        self._closed: Closed | None = None

    @property
    def closed(self) -> Closed | None:
        return self._closed

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(Closed(1006, str(exc or "")))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._opened is not None and not self._opened.done():
            self._handshake()
            if not self._opened.done() or self._closed is not None:
                return
        while (frame := self._take()) is not None:
            self._handle(*frame)

    def send(self, text: str) -> None:
        """Writes a text frame; raises `Closed`."""
        self.write(TEXT, text.encode())

    def write(self, opcode: int, payload: bytes, *, final: bool = True) -> None:
        """Writes any frame, wrong ones too."""
        if self._closed is not None or self.transport is None:
            raise self._closed or Closed(1006)
        size = len(payload)
        head = bytes(((0x80 if final else 0) | opcode,))
        if size < 126:
            head += bytes((0x80 | size,))
        elif size < 65536:
            head += struct.pack("!BH", 0x80 | 126, size)
        else:
            head += struct.pack("!BQ", 0x80 | 127, size)
        self.transport.write(head + b"\0\0\0\0" + payload)  # a mask of zeros: masked, and left as it is

    async def receive(self) -> str:
        """The next text frame; raises `Closed` after the last one."""
        while not self._frames:
            if self._closed is not None:
                raise self._closed
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        return self._frames.popleft()

    def cut(self) -> None:
        """Ends the connection as a lost network does: without a word."""
        if self.transport is not None:
            self.transport.abort()

    async def opened(self) -> None:
        if self._opened is not None:
            await self._opened
            self._opened = None

    def _handshake(self) -> None:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0 or self._opened is None:
            return
        head = bytes(self._buffer[:end]).decode("latin-1")
        status = int(head.split(" ", 2)[1])
        if status == 101:
            del self._buffer[: end + 4]
            self._opened.set_result(None)
            return
        length = next(
            (int(line[15:]) for line in head.split("\r\n") if line.lower().startswith("content-length")), 0
        )
        body = bytes(self._buffer[end + 4 :])
        if len(body) >= length:
            self._opened.set_exception(Refused(status, body.decode()))
            self._end(Closed(1006, "refused"))

    def _take(self) -> tuple[int, bytes] | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        size, start = buffer[1] & 0x7F, 2
        if size == 126:
            if len(buffer) < 4:
                return None
            size, start = int.from_bytes(buffer[2:4], "big"), 4
        elif size == 127:
            if len(buffer) < 10:
                return None
            size, start = int.from_bytes(buffer[2:10], "big"), 10
        if len(buffer) < start + size:
            return None
        frame = (buffer[0] & 0x0F, bytes(buffer[start : start + size]))
        del buffer[: start + size]
        return frame

    def _handle(self, opcode: int, payload: bytes) -> None:
        if opcode == TEXT:
            self._frames.append(payload.decode())
            self._wake()
        elif opcode == PING:
            self.write(PONG, payload)
        elif opcode == CLOSE:
            code = int.from_bytes(payload[:2], "big") if len(payload) >= 2 else 1005
            if self._closed is None:
                self.write(CLOSE, payload[:2])
            self._end(Closed(code, payload[2:].decode()))

    def _end(self, why: Closed) -> None:
        if self._closed is None:
            self._closed = why
            if self._opened is not None and not self._opened.done():
                self._opened.set_exception(why)
            if self.transport is not None:
                self.transport.close()
            self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


async def connect(url: str, *, origin: str | None, language: str = "en") -> WebSocket:
    """Opens `ws://host:port/path`; raises `Refused`, `Closed` or OSError."""
    parts = urlsplit(url)
    _transport, socket = await asyncio.get_running_loop().create_connection(
        WebSocket, parts.hostname or "", parts.port or 80
    )
    lines = [
        f"GET {parts.path}{'?' + parts.query if parts.query else ''} HTTP/1.1",
        f"Host: {parts.netloc}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {b64encode(os.urandom(16)).decode()}",
        "Sec-WebSocket-Version: 13",
        f"Accept-Language: {language}",
    ]
    if origin is not None:
        lines.append(f"Origin: {origin}")
    assert socket.transport is not None
    socket.transport.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    try:
        await socket.opened()
    except BaseException:
        socket.cut()
        raise
    return socket
