"""Blobs in a folder that the services share: `root/<last two characters of the id>/<name>`.

A blob is written to `root/incoming/`, synced, renamed into its place, and the folder is synced: after a crash
it is whole or absent. Disk work is done in threads, through buffered files: their lock keeps a close after a
cancellation from meeting a thread that still writes.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final, TypeVar
from uuid import uuid4

from shared.failure import Unavailable
from shared.files.place import BlobGone

_BLOCK: Final = 1024 * 1024
_READ: Final = 256 * 1024
_LEFTOVER_SECONDS: Final = 24 * 3600

T = TypeVar("T")
Sync = Callable[[int], None]


class Directory:
    """`sync` makes the bytes of a descriptor durable: os.fsync, unless a test counts or stops it."""

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
        return await _here(_size, self._path(name))

    async def read(self, name: str, start: int, end: int | None) -> AsyncIterator[bytes]:
        file = await _here(_open, self._path(name), start)
        if file is None:
            raise BlobGone(name)
        try:
            at = start
            while chunk := await _here(file.read, _READ if end is None else min(end - at, _READ)):
                at += len(chunk)
                yield chunk
        finally:
            await _here(file.close)

    async def delete(self, name: str) -> bool:
        return await _here(_unlink, self._path(name))

    async def older_than(self, before: datetime) -> AsyncIterator[str]:
        for folder in await _here(_folders, self._root):
            for name in await _here(_older, folder, before.timestamp()):
                yield name

    def _path(self, name: str) -> Path:
        """The end of a UUIDv7 is random: 256 folders share the blobs evenly."""
        return self._root / name.partition(".")[0][-2:] / name


class _Written:
    """A blob on its way, gathered in memory up to a block."""

    def __init__(self, file: BinaryIO, temporary: Path, path: Path, sync: Sync) -> None:
        self._file = file
        self._temporary = temporary
        self._path = path
        self._sync = sync
        self._held = bytearray()

    async def write(self, chunk: bytes) -> None:
        self._held += chunk
        if len(self._held) >= _BLOCK:
            block, self._held = self._held, bytearray()
            await _here(self._put, block)

    async def keep(self) -> None:
        await _here(self._finish)

    def _put(self, block: bytes | bytearray) -> None:
        """To the disk at once: thirty megabytes in the end would hold up every other commit meanwhile."""
        self._file.write(block)
        self._file.flush()
        os.fdatasync(self._file.fileno())

    def _finish(self) -> None:
        self._file.write(self._held)
        self._file.flush()
        self._sync(self._file.fileno())
        self._file.close()
        folder = self._path.parent
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
            _sync_folder(folder.parent, self._sync)
        self._temporary.replace(self._path)
        _sync_folder(folder, self._sync)


def _create(path: Path) -> BinaryIO:
    return path.open("xb")


def _drop(file: BinaryIO, temporary: Path) -> None:
    """What is kept has been renamed; anything else goes. A full disk must not hide the first error."""
    with suppress(OSError):
        file.close()
    with suppress(OSError):
        temporary.unlink(missing_ok=True)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


def _open(path: Path, start: int) -> BinaryIO | None:
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return None
    file.seek(start)
    return file


def _folders(root: Path) -> list[Path]:
    return sorted(path for path in root.iterdir() if len(path.name) == 2 and path.is_dir())


def _older(folder: Path, before: float) -> list[str]:
    """What goes while we look is passed over."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):
                if entry.stat().st_mtime < before:
                    found.append(entry.name)
    return found


def _unlink(path: Path) -> bool:
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    return True


def _sync_folder(folder: Path, sync: Sync) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        sync(descriptor)
    finally:
        os.close(descriptor)


def _remove_leftovers(incoming: Path) -> None:
    """What a crash left. Another service may be writing at this moment: only what is a day old goes."""
    until = time.time() - _LEFTOVER_SECONDS
    for leftover in incoming.iterdir():
        with suppress(FileNotFoundError):
            if leftover.stat().st_mtime < until:
                leftover.unlink()


async def _here(work: Callable[..., T], *args: object) -> T:
    """Disk work in a thread; what the disk refuses is Unavailable."""
    try:
        return await asyncio.to_thread(work, *args)
    except OSError as error:
        raise _failed(error) from error


def _failed(error: OSError) -> Unavailable:
    return Unavailable(f"the folder of blobs: {error.strerror or type(error).__name__}")
