"""Blobs in a bucket of S3 or of a server that speaks its protocol.

What comes is spooled to a temporary file first: a slow or broken sender never holds a connection to the
bucket and leaves no unfinished upload there. Each piece is a request of its own: a slow reader holds none.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime, timedelta
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Final, TypeVar

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from shared.failure import Unavailable
from shared.files.place import BlobGone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from obstore.store import ClientConfig, RetryConfig, S3Config

    from shared.files.address import BucketAddress

_BLOCK: Final = 1024 * 1024
_PIECE: Final = 4 * 1024 * 1024
_PART: Final = 8 * 1024 * 1024
_PARTS_AT_ONCE: Final = 2

T = TypeVar("T")


class Bucket:
    """Keys are those of `environ`; without them, what the platform grants (obstore asks for it)."""

    def __init__(self, address: BucketAddress, environ: Mapping[str, str]) -> None:
        client: ClientConfig = {
            "connect_timeout": timedelta(seconds=5),
            "timeout": timedelta(seconds=30),
            "allow_http": (address.endpoint or "").startswith("http://"),
        }
        retry: RetryConfig = {"max_retries": 3, "retry_timeout": timedelta(seconds=15)}
        self._store = S3Store(
            address.bucket,
            prefix=address.prefix or None,
            config=_config(address, environ),
            client_options=client,
            retry_config=retry,
        )

    @asynccontextmanager
    async def incoming(self, name: str) -> AsyncIterator[_Spooled]:
        file = await _here(_spool)
        try:
            yield _Spooled(self._store, name, file)
        finally:
            await _here(file.close)

    async def size(self, name: str) -> int | None:
        with _told():
            try:
                return (await obstore.head_async(self._store, name))["size"]
            except FileNotFoundError:
                return None

    async def read(self, name: str, start: int, end: int | None) -> AsyncIterator[bytes]:
        size = await self.size(name)
        if size is None:
            raise BlobGone(name)
        end = size if end is None else min(end, size)
        for at in range(start, end, _PIECE):
            yield await self._piece(name, at, min(at + _PIECE, end))

    async def delete(self, name: str) -> bool:
        if await self.size(name) is None:
            return False
        with _told(), suppress(FileNotFoundError):
            await obstore.delete_async(self._store, name)
        return True

    async def older_than(self, before: datetime) -> AsyncIterator[str]:
        with _told():
            async for page in obstore.list(self._store):
                for one in page:
                    if one["last_modified"] < before:
                        yield one["path"]

    async def _piece(self, name: str, start: int, end: int) -> bytes:
        with _told():
            try:
                return bytes(await obstore.get_range_async(self._store, name, start=start, end=end))
            except FileNotFoundError:
                raise BlobGone(name) from None


class _Spooled:
    """A blob on its way: in a temporary file until it is whole."""

    def __init__(self, store: S3Store, name: str, file: IO[bytes]) -> None:
        self._store = store
        self._name = name
        self._file = file
        self._held = bytearray()

    async def write(self, chunk: bytes) -> None:
        self._held += chunk
        if len(self._held) >= _BLOCK:
            block, self._held = self._held, bytearray()
            await _here(self._file.write, block)

    async def keep(self) -> None:
        await _here(self._rewind)
        with _told():
            await obstore.put_async(
                self._store, self._name, self._file, chunk_size=_PART, max_concurrency=_PARTS_AT_ONCE
            )

    def _rewind(self) -> None:
        self._file.write(self._held)
        self._file.seek(0)


def _config(address: BucketAddress, environ: Mapping[str, str]) -> S3Config:
    config: S3Config = {}
    if address.endpoint:
        config["endpoint"] = address.endpoint
    if address.region:
        config["region"] = address.region
    if "AWS_ACCESS_KEY_ID" in environ and "AWS_SECRET_ACCESS_KEY" in environ:
        config["access_key_id"] = environ["AWS_ACCESS_KEY_ID"]
        config["secret_access_key"] = environ["AWS_SECRET_ACCESS_KEY"]
        if token := environ.get("AWS_SESSION_TOKEN"):
            config["session_token"] = token
    return config


def _spool() -> IO[bytes]:
    return TemporaryFile()


async def _here(work: Callable[..., T], *args: object) -> T:
    try:
        return await asyncio.to_thread(work, *args)
    except OSError as error:
        raise Unavailable(f"the temporary folder: {error.strerror or type(error).__name__}") from error


@contextmanager
def _told() -> Iterator[None]:
    """What the bucket refuses is Unavailable; its own words may hold addresses and stay in the cause."""
    try:
        yield
    except (BaseError, OSError) as error:  # a bucket that does not exist is a FileNotFoundError
        raise Unavailable(f"the bucket of blobs: {type(error).__name__}") from error
