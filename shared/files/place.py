"""What a place of blobs must do, and what can be wrong with a blob.

A place raises `Unavailable` when its disk or its server fails; an error of whoever writes or reads passes
through it unchanged.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol


class TooLarge(Exception):
    """More than `limit` bytes came."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit} bytes")
        self.limit = limit


class BlobGone(Exception):
    """There is no blob of this name, or no longer."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no blob {name}")
        self.name = name


class Incoming(Protocol):
    """A blob that is being written: nobody sees it before `keep` returns."""

    async def write(self, chunk: bytes) -> None: ...

    async def keep(self) -> None:
        """Makes it durable under its name."""


class Place(Protocol):
    def incoming(self, name: str) -> AbstractAsyncContextManager[Incoming]:
        """What is not kept when the context is left, is dropped."""

    async def size(self, name: str) -> int | None: ...

    def read(self, name: str, start: int, end: int | None) -> AsyncIterator[bytes]: ...

    async def delete(self, name: str) -> bool: ...

    def older_than(self, before: datetime) -> AsyncIterator[str]: ...
