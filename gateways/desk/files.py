"""Bytes in and out: an upload becomes a blob with a preview, a file of a message becomes an answer.

What a file is, its content says. It is never in memory as a whole, and whoever stalls is let go.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Final
from uuid import UUID

from aiohttp import hdrs, web
from aiohttp.http_exceptions import HttpProcessingError

from gateways.desk.uploads import Upload, discard
from gateways.desk.words import ATTACHMENT_EXPIRED, EMPTY_FILE, TOO_BIG
from shared.failure import Unavailable
from shared.files.blobs import BlobGone, Blobs, TooLarge
from shared.files.disposition import disposition
from shared.files.kinds import HEAD_BYTES, kind_of, sniff
from shared.files.names import safe_name
from shared.files.preview import MIME_TYPE, keep_preview, preview_name
from shared.files.ranges import byte_range
from shared.http import problem
from shared.http.problem import NOT_FOUND, Problem
from shared.log import get_logger

log = get_logger()

LIMIT: Final = 30_000_000
STALLED_SECONDS: Final = 30.0
WHOLE_SECONDS: Final = 1800.0


async def receive(
    request: web.Request, blobs: Blobs, attachment_id: UUID, name: str, *, voice: bool
) -> Upload:
    """The body as a blob of this id. `voice`: its sender has spoken it. Raises problems in words."""
    blob = str(attachment_id)
    if request.headers.get(hdrs.CONTENT_ENCODING, "identity").lower() != "identity":
        raise Problem(problem.MALFORMED)
    if (request.content_length or 0) > LIMIT:
        raise Problem(problem.TOO_LARGE, detail=TOO_BIG)
    head = bytearray()
    try:
        size = await blobs.put(blob, _chunks(request, head), limit=LIMIT)
    except TooLarge:
        raise Problem(problem.TOO_LARGE, detail=TOO_BIG) from None
    if not size:
        await blobs.delete(blob)
        raise Problem(EMPTY_FILE)
    safe = safe_name(name)
    mime_type = sniff(bytes(head), safe)
    kind: str = kind_of(mime_type)
    drawn = None
    try:
        if kind == "image":
            drawn = await keep_preview(blobs, blob)
            kind = "file" if drawn is None else "image"
    except BaseException:
        await discard(blobs, attachment_id)
        raise
    if voice and kind == "audio":
        kind = "voice"
    sides = (None, None) if drawn is None else (drawn.image_width, drawn.image_height)
    return Upload(attachment_id, kind, safe, mime_type, size, *sides)


async def _chunks(request: web.Request, head: bytearray) -> AsyncIterator[bytes]:
    """What comes, as it comes; its beginning is kept in `head`."""
    until = time.monotonic() + WHOLE_SECONDS
    while True:
        try:
            async with asyncio.timeout(min(STALLED_SECONDS, max(0.0, until - time.monotonic()))):
                chunk = await request.content.readany()
        except TimeoutError:
            raise Problem(problem.TIMED_OUT) from None
        except (HttpProcessingError, web.RequestPayloadError):
            raise Problem(problem.MALFORMED) from None
        if not chunk:
            return
        if len(head) < HEAD_BYTES:
            head += chunk[: HEAD_BYTES - len(head)]
        yield chunk


async def send(
    request: web.Request, blobs: Blobs, attachment_id: UUID, name: str, mime_type: str, *, preview: bool
) -> web.StreamResponse:
    """The file, or the part of it that is asked for, under headers that keep it a file."""
    blob = preview_name(str(attachment_id)) if preview else str(attachment_id)
    size = await blobs.size(blob)
    if size is None:
        raise Problem(NOT_FOUND if preview else ATTACHMENT_EXPIRED)
    tag = f'"{blob}"'
    kept = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if request.headers.get(hdrs.IF_NONE_MATCH) == tag:
        return web.Response(status=304, headers=kept)
    wanted = request.headers.get(hdrs.RANGE)
    if request.headers.get(hdrs.IF_RANGE, tag) != tag:
        wanted = None
    part = byte_range(wanted, size)
    headers = disposition(name, MIME_TYPE if preview else mime_type, preview=preview)
    response = web.StreamResponse(status=part.status, headers=headers | kept | part.headers)
    await response.prepare(request)
    try:
        if part.start < part.end:
            async for chunk in blobs.read(blob, part.start, part.end):
                async with asyncio.timeout(STALLED_SECONDS):
                    await response.write(chunk)
    except (BlobGone, Unavailable, TimeoutError) as failure:
        log.warning("file_cut_off", attachment_id=str(attachment_id), reason=type(failure).__name__)
        if request.transport is not None:
            request.transport.abort()
        return response
    await response.write_eof()
    return response
