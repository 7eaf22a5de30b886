"""A TCP proxy that cuts: between a client and a server on this machine, one fault at a time.

    async with Proxy(port) as proxy:
        proxy.mode = Mode.BLACKHOLE         # of new and open connections: nothing passes, nothing is closed
        proxy.cut_after = 1234              # bytes from the server to the client, then a reset
    proxy.cut_said_after = 1234         # bytes from the client to the server, then a reset
        proxy.reset()                       # every open connection, now

Modes: pass, refuse (a connection is closed before a byte), blackhole. `cuts` counts what was cut: a test
asserts that its fault happened.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress
from enum import Enum
from types import TracebackType
from typing import Self

CHUNK = 64 * 1024


class Mode(Enum):
    PASS = "pass"
    REFUSE = "refuse"
    BLACKHOLE = "blackhole"


class Proxy:
    """Listens on a free port (`port`) and passes on to `target`."""

    def __init__(self, target: int, host: str = "127.0.0.1", *, port: int = 0) -> None:
        self.port = port
        self.cut_after: int | None = None
        """Cuts each connection that begins from now on after so many bytes from the server."""
        self.cut_said_after: int | None = None
        """The same of bytes from the client."""
        self.cuts = 0
        self.connections = 0
        self.refused = 0
        self.passed = 0
        """Bytes from servers to clients in all."""
        self._target = (host, target)
        self._host = host
        self._mode = Mode.PASS
        self._passing = asyncio.Event()
        self._passing.set()
        self._server: asyncio.Server | None = None
        self._open: set[_Link] = set()
        self._none_open = asyncio.Event()
        self._none_open.set()

    @property
    def mode(self) -> Mode:
        return self._mode

    @mode.setter
    def mode(self, mode: Mode) -> None:
        self._mode = mode
        if mode is Mode.BLACKHOLE:
            self._passing.clear()
        else:
            self._passing.set()

    @property
    def url(self) -> str:
        return f"http://{self._host}:{self.port}"

    @property
    def open(self) -> int:
        """Connections that are open now."""
        return len(self._open)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, self._host, self.port)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.mode = Mode.PASS
        if self._server is not None:
            self._server.close()
        self.reset()
        await self._none_open.wait()

    def reset(self) -> int:
        """Cuts every open connection with a reset; how many."""
        links = list(self._open)
        for link in links:
            link.cut()
        self.cuts += len(links)
        return len(links)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._mode is Mode.REFUSE:
            self.refused += 1
            _abort(writer)
            return
        self.connections += 1
        link = _Link(writer, _Allowance(self.cut_after), _Allowance(self.cut_said_after))
        self._open.add(link)
        self._none_open.clear()
        try:
            await self._passing.wait()
            far_reader, far_writer = await asyncio.open_connection(*self._target)
            link.far = far_writer
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pass_on(reader, far_writer, link.said))
                group.create_task(self._pass_on(far_reader, writer, link.heard, told=True))
        except* (OSError, _Cut, EOFError):
            pass
        finally:
            link.cut()
            self._open.discard(link)
            if not self._open:
                self._none_open.set()

    async def _pass_on(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        allowance: _Allowance,
        *,
        told: bool = False,
    ) -> None:
        """One direction; ends the connection when it ends. `told`: to the client."""
        writer.transport.set_write_buffer_limits(high=0)  # what was let through has left before a cut
        while data := await reader.read(CHUNK):
            await self._passing.wait()
            data = allowance.of(data)
            self.passed += len(data) if told else 0
            writer.write(data)
            await writer.drain()
            if allowance.left == 0:
                self.cuts += 1
                raise _Cut
        raise _Cut


class _Cut(Exception):
    """The connection ends here."""


class _Allowance:
    """`left` bytes may still pass in one direction, None: all."""

    def __init__(self, left: int | None) -> None:
        self.left = left

    def of(self, data: bytes) -> bytes:
        if self.left is None:
            return data
        data = data[: self.left]
        self.left -= len(data)
        return data


class _Link:
    """One connection, and what may pass each way."""

    def __init__(self, near: asyncio.StreamWriter, heard: _Allowance, said: _Allowance) -> None:
        self.near = near
        self.far: asyncio.StreamWriter | None = None
        self.heard = heard
        self.said = said

    def cut(self) -> None:
        for writer in (self.near, self.far):
            if writer is not None:
                _abort(writer)


def _abort(writer: asyncio.StreamWriter) -> None:
    """Closes with a reset instead of an orderly end."""
    sock = writer.get_extra_info("socket")
    if sock is not None and not writer.transport.is_closing():
        with suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
