"""Senders of bytes, and a reader."""

from collections.abc import AsyncIterator
from uuid import uuid4

from shared.files.blobs import Blobs


def fresh() -> str:
    """The name of a new blob."""
    return str(uuid4())


async def sent(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def repeated(chunk: bytes, times: int) -> AsyncIterator[bytes]:
    for _ in range(times):
        yield chunk


async def broken_after(chunk: bytes, times: int, error: BaseException) -> AsyncIterator[bytes]:
    for _ in range(times):
        yield chunk
    raise error


async def whole(blobs: Blobs, name: str, start: int = 0, end: int | None = None) -> bytes:
    return b"".join([chunk async for chunk in blobs.read(name, start, end)])
