"""What may go wrong at one request of a fake provider: small values, put into its script.

Fine()              as the route says               Throttle(after)     429 with Retry-After, not taken
Delay(seconds)      the same, later                 Fail(status, body)  an error, not taken
Hang()              no answer while it lives        ResetAfter(size)    so much of the answer, a reset
AcceptThenReset()   taken, no answer, a reset       Garbage(body)       taken, 200 and no JSON
Repeat()            the answer before once more     Reorder()           lists in the answer turned round
"""

import asyncio
import json
import socket
import struct
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar

from aiohttp import web


class Broken(Exception):
    """The connection is reset after `body` of an answer of `size` bytes; without `head`, after nothing."""

    def __init__(self, body: bytes = b"", size: int = 0, *, head: bool = False) -> None:
        super().__init__(f"reset after {len(body)} of {size} bytes")
        self.body = body
        self.size = size
        self.head = head


@dataclass(frozen=True)
class Refusal:
    """An answer that is given instead of the route's."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Fault:
    """Root: nothing goes wrong."""

    repeats: ClassVar[bool] = False

    async def before(self, ended: asyncio.Event) -> None:
        """What passes before the provider looks at the request; `ended`: the provider stops."""

    def instead(self) -> Refusal | None:
        """What is answered without acting on the request."""
        return None

    def spoil(self, answer: bytes) -> bytes:
        """The answer as it leaves; raises `Broken`."""
        return answer


class Fine(Fault):
    """Stands in a script where nothing happens."""


FINE = Fine()


@dataclass(frozen=True)
class Delay(Fault):
    seconds: float

    async def before(self, ended: asyncio.Event) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self.seconds):
                await ended.wait()


class Hang(Fault):
    async def before(self, ended: asyncio.Event) -> None:
        await ended.wait()
        raise Broken


@dataclass(frozen=True)
class Throttle(Fault):
    after: float
    body: Any = ""

    def instead(self) -> Refusal | None:
        return Refusal(429, self.body, {"Retry-After": f"{self.after:g}"})


@dataclass(frozen=True)
class Fail(Fault):
    status: int
    body: Any = ""

    def instead(self) -> Refusal | None:
        return Refusal(self.status, self.body)


@dataclass(frozen=True)
class ResetAfter(Fault):
    """`size` bytes of the answer's body; 0: its head alone."""

    size: int

    def spoil(self, answer: bytes) -> bytes:
        raise Broken(answer[: self.size], len(answer), head=True)


class AcceptThenReset(Fault):
    def spoil(self, answer: bytes) -> bytes:
        raise Broken(b"", len(answer))


@dataclass(frozen=True)
class Garbage(Fault):
    body: bytes = b"<html>\xff\x00 <b>it works"

    def spoil(self, answer: bytes) -> bytes:
        del answer
        return self.body


class Repeat(Fault):
    """The provider did not notice that it was asked again; the first request of a route is answered anew."""

    repeats = True


class Reorder(Fault):
    def spoil(self, answer: bytes) -> bytes:
        return json.dumps(_turned(json.loads(answer))).encode()


async def reset(came: web.Request, broken: Broken) -> web.Response:
    """Ends the connection with a reset, after what is said of the answer has left."""
    transport = came.transport
    if transport is not None and not transport.is_closing():
        if broken.head:
            length = f"Content-Length: {broken.size}\r\n\r\n".encode()
            transport.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + length + broken.body)
        while transport.get_write_buffer_size():  # noqa: ASYNC110  # a transport tells nobody
            await asyncio.sleep(0)
        sock: socket.socket = transport.get_extra_info("socket")
        with suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response()  # nobody reads it


def _turned(value: Any) -> Any:
    if isinstance(value, list):
        return value[::-1]
    return {name: _turned(one) for name, one in value.items()} if isinstance(value, dict) else value
