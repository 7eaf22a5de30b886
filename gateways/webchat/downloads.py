"""A file of a dialog: GET /files/{id}?key=…, with ranges; &preview=1 is the small picture that we drew.

The key is the permission (gateways/webchat/links.py). Nothing that is served here can become a page of ours.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncEngine

from gateways.webchat import files
from gateways.webchat.door import Door
from gateways.webchat.files import Attached
from gateways.webchat.guest import Chat
from gateways.webchat.links import opens, read_key
from shared.db.engine import reading
from shared.failure import Unavailable
from shared.files.blobs import BlobGone, Blobs
from shared.files.disposition import PREVIEW, disposition
from shared.files.preview import preview_name
from shared.files.ranges import byte_range
from shared.log import get_logger

log = get_logger()

_KEPT: Final = "private, max-age=3600"


class Downloads(Door):
    """Answers GET /files/{id}."""

    def __init__(self, chat: Chat, blobs: Blobs, engine: AsyncEngine) -> None:
        super().__init__(chat)
        self._blobs = blobs
        self._engine = engine

    async def handle(self, request: web.Request) -> web.StreamResponse:
        try:
            file = await self._file(request)
            if file is None:
                return self.refusal(request, "file_gone", 404)
            return await self._serve(request, file)
        except BlobGone:
            return self.refusal(request, "file_gone", 410)
        except Unavailable as error:
            log.warning("file_unavailable", reason=str(error))
            return self.refusal(request, "files_unavailable", 503)

    async def _file(self, request: web.Request) -> Attached | None:
        """The file, if the key is good for it."""
        key = read_key(request.query.get("key", ""))
        try:
            attachment = UUID(request.match_info["id"])
        except ValueError:
            return None
        site = self.chat.sites.called(key.slug) if key is not None else None
        if key is None or site is None:
            return None
        now = self.chat.clock.now().timestamp()
        if not opens(key, attachment, site.secret.get_secret_value(), now):
            return None
        async with reading(self._engine) as conn:
            return (await files.of_dialog(conn, key.dialog_id, [attachment])).get(attachment)

    async def _serve(self, request: web.Request, file: Attached) -> web.StreamResponse:
        small = request.query.get("preview") == "1"
        name = preview_name(str(file.attachment_id)) if small else str(file.attachment_id)
        size = await self._blobs.size(name)
        if size is None:
            raise BlobGone(name)
        part = byte_range(request.headers.get("Range"), size)
        headers = disposition(file.name, PREVIEW if small else file.mime_type, preview=small) | part.headers
        headers |= {"Cache-Control": _KEPT, "Cross-Origin-Resource-Policy": "cross-origin"}
        response = web.StreamResponse(status=part.status, headers=headers | self.cors(request))
        if part.status == 416 or request.method == "HEAD":
            await response.prepare(request)
            return response
        chunks = self._blobs.read(name, part.start, part.end)
        first = await anext(chunks, b"")  # before the head is sent, so that what is gone is told
        try:
            await response.prepare(request)
            await response.write(first)
            async for chunk in chunks:
                await response.write(chunk)
            await response.write_eof()
        except (BlobGone, Unavailable) as error:
            log.warning("file_broken_off", attachment_id=file.attachment_id, reason=str(error))
            if request.transport is not None:
                request.transport.abort()
        except ConnectionError:
            pass
        return response
