"""Blobs in a folder that the services share: `root/<last two characters of the id>/<name>`.

A blob is written to `root/incoming/`, synced, renamed into its place, and the folder is synced: after a crash
it is whole or absent. Disk work is done in threads.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeVar
from uuid import uuid4

from shared.failure import Unavailable
from shared.files.place import BlobGone

_BLOCK: Final = 1024 * 1024
_READ: Final = 256 * 1024
_LEFTOVER_SECONDS: Final = 24 * 3600

T = TypeVar("T")
Sync = Callable[[int], None]


class Directory:
    """`sync` makes a descriptor's bytes durable: os.fsync, unless a test counts or stops it."""

    def __init__(self, root: Path, sync: Sync) -> None:
        self._root = root.absolute()
        self._incoming = self._root / "incoming"
        self._sync = sync
        try:
            self._incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
            _remove_leftovers(self._incoming)
        except OSError as error:
            raise _failed(error) from error

    @asynccontextmanager
    async def incoming(self, name: str) -> AsyncIterator[_Written]:
        temporary = self._incoming / f"{name}.{uuid4().hex}"
        file = await _here(_create, temporary)
        try:
            yield _Written(file, temporary, self._path(name), self._sync)
        finally:
            await _here(_drop, file, temporary)

    async def size(self, name: str) -> int | None:
        try:
            return (await _here(self._path(name).stat)).st_size
        except FileNotFoundError:
            return None

    async def read(self, name: str, start: int, end: int | None) -> AsyncIterator[bytes]:
        try:
            file = await _here(self._path(name).open, "rb", 0)
        except FileNotFoundError:
            raise BlobGone(name) from None
        try:
            await _here(file.seek, start)
            left = None if end is None else end - start
            while left is None or left > 0:
                chunk = await _here(file.read, _READ if left is None else min(left, _READ))
                if not chunk:
                    return
                if left is not None:
                    left -= len(chunk)
                yield chunk
        finally:
            await _here(file.close)

    async def delete(self, name: str) -> bool:
        try:
            await _here(self._path(name).unlink)
        except FileNotFoundError:
            return False
        return True

    def _path(self, name: str) -> Path:
        """The end of a UUIDv7 is random: 256 folders share the blobs evenly."""
        return self._root / name.partition(".")[0][-2:] / name
