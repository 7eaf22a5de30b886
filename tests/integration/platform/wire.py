"""HTTP spoken byte by byte, for requests that no client library would send."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

CHUNK = 16 * 1024
SECONDS = 15


@dataclass(frozen=True)
class Answer:
    """What came back until the server closed or went silent."""

    status: int
    raw: bytes


async def exchange(port: int, sent: bytes, *, then: bytes = b"", times: int = 0) -> Answer:
    """Send bytes, `then` some more so many `times`, and read the answer (status 0 where there is none)."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    raw = b""
    try:
        async with asyncio.timeout(SECONDS):
            with suppress(ConnectionError):
                for start in range(0, len(sent), CHUNK):
                    writer.write(sent[start : start + CHUNK])
                    await writer.drain()
                for _ in range(times):
                    writer.write(then)
                    await writer.drain()
            with suppress(ConnectionError):
                while not _complete(raw) and (more := await reader.read(65536)):
                    raw += more
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
    return Answer(int(raw[9:12]) if raw.startswith(b"HTTP/1.") else 0, raw)


def request(method: str, path: str | bytes, *headers: str, body: bytes = b"", length: bool = True) -> bytes:
    """A request by the right caller."""
    target = path if isinstance(path, bytes) else path.encode()
    lines = [b"Host: h", b"X-Caller: owner", *(one.encode("latin-1") for one in headers)]
    if body and length:
        lines.append(b"Content-Length: %d" % len(body))
    return b"%s %s HTTP/1.1\r\n%s\r\n\r\n" % (method.encode(), target, b"\r\n".join(lines)) + body


def _complete(raw: bytes) -> bool:
    head, end, body = raw.partition(b"\r\n\r\n")
    if not end:
        return False
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return len(body) >= int(line.partition(b":")[2])
    return False
