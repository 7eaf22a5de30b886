"""A server on a loopback port that writes exactly the bytes it is told, and remembers what it was asked."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeAlias

Talk: TypeAlias = Callable[[bytes, asyncio.StreamWriter], Coroutine[None, None, None]]
"""Answers a request, given its head; the connection ends when it returns."""


@dataclass
class RawServer:
    port: int = 0
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    open: int = 0

    @property
    def end_point(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.end_point}"


@asynccontextmanager
async def raw_server(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncIterator[RawServer]:
    seen = RawServer()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.connections += 1
        seen.open += 1
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            seen.requests.append(head)
            await _until_gone(talk(head, writer), reader)
            await writer.drain()
        except* (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            seen.open -= 1
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    seen.port = server.sockets[0].getsockname()[1]
    async with server:
        yield seen


async def _until_gone(talking: Coroutine[None, None, None], reader: asyncio.StreamReader) -> None:
    """Talks until the other side hangs up."""
    async with asyncio.TaskGroup() as group:
        talk = group.create_task(talking)
        gone = group.create_task(_end_of(reader))
        await asyncio.wait([talk, gone], return_when=asyncio.FIRST_COMPLETED)
        talk.cancel()
        gone.cancel()


async def _end_of(reader: asyncio.StreamReader) -> None:
    with suppress(ConnectionError):
        while await reader.read(65536):
            pass


def written(*parts: bytes) -> Talk:
    """Answers with these bytes."""

    async def talk(_head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"".join(parts))

    return talk


def redirecting(location: str, status: int = 302) -> Talk:
    return written(
        b"HTTP/1.1 %d Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % (status, location.encode())
    )


def dripping(start: bytes, drop: bytes, every_seconds: float) -> Talk:
    """Writes `start`, then `drop` again and again."""

    async def talk(_head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while not writer.is_closing():
            await writer.drain()
            await asyncio.sleep(every_seconds)
            writer.write(drop)

    return talk


def flooding(start: bytes, chunk: bytes) -> Talk:
    """Writes `start`, then `chunk` as fast as it is taken."""
    return dripping(start, chunk, 0)
