"""The bytes of attachments, by name: `<attachment id>`, and `<attachment id>.preview` for its small picture.

    blobs = Blobs.open(settings.blobs_url)
    size = await blobs.put(str(attachment_id), request.content.iter_any(), limit=30_000_000)

A blob is whole or absent. It is never changed, only deleted.
"""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from typing import Final, Self

from shared.files.address import FolderAddress, blob_address
from shared.files.bucket import Bucket
from shared.files.directory import Directory
from shared.files.place import BlobGone, Place, TooLarge

_NAME: Final = re.compile(r"[0-9a-z][0-9a-z-]{1,79}(\.[a-z]{1,20})?")


class Blobs:
    """A directory or a bucket."""

    def __init__(self, place: Place) -> None:
        self._place = place

    @classmethod
    def open(
        cls,
        url: str,
        *,
        sync: Callable[[int], None] = os.fsync,
        environ: Mapping[str, str] = os.environ,
    ) -> Self:
        """The blobs at this address (shared/files/address.py). ValueError, or Unavailable for a folder."""
        address = blob_address(url)
        if isinstance(address, FolderAddress):
            return cls(Directory(address.path, sync))
        return cls(Bucket(address, environ))

    async def put(self, name: str, chunks: AsyncIterator[bytes], *, limit: int) -> int:
        """Stores what comes, at most `limit` bytes, and returns how many; durable when it returns.

        Raises TooLarge, Unavailable, or what `chunks` raises: nothing is left behind then. A blob that has
        the name already is replaced at once.
        """
        size = 0
        async with self._place.incoming(_checked(name)) as incoming:
            async for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise TooLarge(limit)
                await incoming.write(chunk)
            await incoming.keep()
        return size

    async def size(self, name: str) -> int | None:
        """Its bytes, None if there is no such blob. Raises Unavailable."""
        return await self._place.size(_checked(name))

    def read(self, name: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `start` up to, without, `end`; fewer where the blob ends before.

        Raises BlobGone or Unavailable at the first chunk, or later when it goes while it is read.
        """
        if start < 0 or (end is not None and end < start):
            raise ValueError(f"no such range: {start} to {end}")
        return self._place.read(_checked(name), start, end)

    async def delete(self, name: str) -> bool:
        """Whether there was such a blob. Raises Unavailable."""
        return await self._place.delete(_checked(name))

    def older_than(self, before: datetime) -> AsyncIterator[str]:
        """The names of the blobs that were stored before, in no order. Raises Unavailable."""
        return self._place.older_than(before)


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError("the name of a blob is an id of small letters, digits and hyphens, and one suffix")
    return name


__all__ = ["BlobGone", "Blobs", "TooLarge"]
