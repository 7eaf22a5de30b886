"""The body of a request as it comes: bounded in size and time, its proof made on the way, large ones on disk.

JSON stays in memory, and all that is in hand is bounded together. A form, which may hold files, goes into a
file without a name, and nothing of it is looked at before it is proven.
"""

from __future__ import annotations

import asyncio
import mmap
import tempfile
from typing import BinaryIO, Final, cast

from aiohttp import web

from gateways.http.form import Bytes
from gateways.http.refusals import BUSY, COMPRESSED
from gateways.http.signature import Proof
from gateways.kit.bodies import Bodies, Refused
from shared.http import problem
from shared.http.intake import is_encoded
from shared.http.problem import Problem

JSON_BYTES: Final = 1024 * 1024
FORM_BYTES: Final = 64 * 1024 * 1024
SECONDS: Final = 10.0
SLOWEST_BYTES_PER_SECOND: Final = 100_000
FORMS_AT_ONCE: Final = 4
"""Of one account, in one process."""
FORM: Final = "multipart/form-data"


class Body:
    """`open` it, `read` it, `close` it whatever happens; its bytes are `data` between."""

    def __init__(
        self, request: web.Request, rooms: asyncio.Semaphore, memory: Bodies, seconds: float = SECONDS
    ) -> None:
        self.form = request.content_type == FORM
        self.data: Bytes = b""
        self._request = request
        self._rooms = rooms
        self._memory = memory
        self._seconds = seconds
        self._file: BinaryIO | None = None
        self._held = 0

    async def open(self) -> None:
        """Raises `Problem` where too many forms are in hand."""
        if self.form:
            if self._rooms.locked():
                raise _busy()
            await self._rooms.acquire()
            self._file = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115  # closed below

    def close(self) -> None:
        self._memory.hold(-self._held)
        self._held = 0
        if isinstance(self.data, mmap.mmap):
            self.data.close()
        if self._file is not None:
            self._file.close()
            self._rooms.release()

    async def read(self, proof: Proof) -> None:
        """All of it; raises `Problem`."""
        request = self._request
        if is_encoded(request):
            raise Problem(COMPRESSED)
        limit = FORM_BYTES if self.form else JSON_BYTES
        claimed = request.content_length or 0
        if claimed > limit:
            raise Problem(problem.TOO_LARGE)
        try:
            async with asyncio.timeout(self._seconds) as patience:
                await self._take(proof, limit, patience)
        except TimeoutError:
            raise Problem(problem.TIMED_OUT) from None
        except web.RequestPayloadError:
            raise Problem(problem.MALFORMED) from None

    async def _take(self, proof: Proof, limit: int, patience: asyncio.Timeout) -> None:
        """What comes at the slowest speed or faster gets the time that it needs."""
        begun = asyncio.get_running_loop().time()
        size, held = 0, bytearray()
        async for chunk in self._request.content.iter_any():
            size += len(chunk)
            if size > limit:
                raise Problem(problem.TOO_LARGE)
            patience.reschedule(begun + self._seconds + size / SLOWEST_BYTES_PER_SECOND)
            proof.update(chunk)
            if self._file is None:
                self._hold(len(chunk))
                held += chunk
            else:
                await asyncio.to_thread(self._file.write, chunk)
        if self._file is not None and size:
            self._file.flush()
            self.data = mmap.mmap(self._file.fileno(), size, access=mmap.ACCESS_READ)
        else:
            self.data = bytes(held)

    def _hold(self, count: int) -> None:
        try:
            self._memory.hold(count)
        except Refused:
            raise _busy() from None
        self._held += count


def _busy() -> Problem:
    return Problem(BUSY, headers={"Retry-After": "3"})
