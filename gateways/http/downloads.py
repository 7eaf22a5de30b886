"""GET /<account>/files/<id>: a file that we send. The signed address is the permission; ranges work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from gateways.http.accounts import HttpAccount
from gateways.http.requests import FileParams
from shared.clock import Clock
from shared.failure import Unavailable
from shared.files.blobs import BlobGone, Blobs
from shared.files.disposition import disposition
from shared.files.kinds import HEAD_BYTES, sniff
from shared.files.ranges import byte_range
from shared.http import problem
from shared.http.problem import Problem
from shared.http.route import Call
from shared.log import get_logger

log = get_logger()

_KEPT: Final = "private, max-age=3600"


class Downloads:
    """One for each process."""

    def __init__(self, accounts: Mapping[str, HttpAccount], blobs: Blobs, clock: Clock) -> None:
        self._accounts = accounts
        self._blobs = blobs
        self._clock = clock

    async def file(self, call: Call[FileParams, None]) -> web.StreamResponse:
        """The bytes; 404 for an address that is not ours, or too old."""
        params = call.params
        account = self._accounts.get(params.account)
        now = self._clock.now()
        if account is None or not account.links.opens(params.id, params.name, params.until, params.key, now):
            raise Problem(problem.NOT_FOUND)
        try:
            return await self._serve(call.request, str(params.id), params.name)
        except BlobGone:
            raise Problem(problem.NOT_FOUND) from None

    async def _serve(self, request: web.Request, blob: str, name: str) -> web.StreamResponse:
        size = await self._blobs.size(blob)
        if size is None:
            raise BlobGone(blob)
        head = b"".join([chunk async for chunk in self._blobs.read(blob, 0, HEAD_BYTES)])
        part = byte_range(request.headers.get("Range"), size)
        headers = disposition(name, sniff(head, name)) | part.headers | {"Cache-Control": _KEPT}
        response = web.StreamResponse(status=part.status, headers=headers)
        await response.prepare(request)
        if part.status == 416:
            return response
        try:
            async for chunk in self._blobs.read(blob, part.start, part.end):
                await response.write(chunk)
            await response.write_eof()
        except (BlobGone, Unavailable) as error:
            log.warning("file_broken_off", attachment_id=blob, reason=str(error))
            if request.transport is not None:
                request.transport.abort()
        except ConnectionError:
            pass  # whoever fetched it has gone
        return response
