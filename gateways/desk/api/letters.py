"""Mails as they were drawn: their HTML for a frame of the page. See ../letters.py for what is let through.

Whoever sees the message sees its HTML: the store tells its files to nobody else. The raw mail is one of them.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from aiohttp import hdrs, web
from pydantic import Field
from pydantic_core import from_json

from gateways.desk import letters, words
from gateways.desk.admission import SignedIn
from gateways.desk.api.desk import Desk
from gateways.desk.files import STALLED_SECONDS
from shared.failure import Unavailable
from shared.files.blobs import BlobGone, Blobs
from shared.files.kinds import IMAGES
from shared.http.problem import NOT_FOUND, UNAVAILABLE, Language, Problem
from shared.http.route import SESSION, Call, Content, Input, Route, Routes
from shared.log import get_logger

log = get_logger()

HTML_BYTES: Final = 16_000_000
PICTURES_BYTES: Final = 30_000_000
"""Of all pictures of a page, each time that one is shown; what is beyond is among the files."""
_DRAWN: Final = IMAGES | {"image/bmp", "image/avif"}


class Showing(Input):
    message_id: UUID
    remote: bool = Field(default=False, description="pictures from elsewhere, too")
    language: Language = Field(default="en", description="of what is said where there is nothing to show")


class LettersNoun:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def rows(self) -> Routes:
        return (
            Route(
                "GET", "/messages/{message_id}/html", "letter", SESSION,
                params=Showing, returns=Content("text/html"), handler=self.letter,
                summary="A mail as it was drawn, for a frame in a sandbox",
                errors=(NOT_FOUND, words.ATTACHMENT_EXPIRED, letters.TOO_LONG),
            ),
        )  # fmt: skip

    async def letter(self, call: Call[Showing, None]) -> web.StreamResponse:
        """The mail; to a frame, what cannot be shown is told as a page, too."""
        try:
            return await self._shown(call)
        except (Problem, Unavailable) as failure:
            if "text/html" not in call.request.headers.get(hdrs.ACCEPT, ""):
                raise
            if isinstance(failure, Unavailable):
                log.warning("letter_unavailable", error=failure)
            refused = failure if isinstance(failure, Problem) else Problem(UNAVAILABLE)
            said = [refused.kind.words, *([refused.kind.remedy] if refused.kind.remedy else [])]
            text = letters.page_of(" ".join(one.in_(call.params.language) for one in said))
            told = letters.headers(remote=False)
            return web.Response(status=refused.kind.status, body=text.encode(), headers=told)

    async def _shown(self, call: Call[Showing, None]) -> web.StreamResponse:
        asked, blobs = call.params, self._desk.blobs
        files = await self._files(call)
        html = await self._html(files)
        pictures = {
            UUID(one["attachment_id"]): one["mime_type"]
            for one in files
            if one["state"] == "stored" and one["mime_type"] in _DRAWN
        }
        pieces = await asyncio.to_thread(letters.page, html, pictures.keys(), remote=asked.remote)
        response = web.StreamResponse(headers=letters.headers(remote=asked.remote))
        await response.prepare(call.request)
        try:
            async for chunk in _chunks(pieces, pictures, blobs):
                async with asyncio.timeout(STALLED_SECONDS):
                    await response.write(chunk)
        except (BlobGone, Unavailable, TimeoutError) as failure:
            log.warning("letter_cut_off", message_id=str(asked.message_id), reason=type(failure).__name__)
            if call.request.transport is not None:
                call.request.transport.abort()
            return response
        await response.write_eof()
        return response

    async def _files(self, call: Call[Showing, None]) -> list[dict[str, Any]]:
        """The message's files, as the store tells them to whoever asks."""
        who: SignedIn = call.principal
        path = f"/v1/messages/{call.params.message_id}/attachments"
        told = from_json(await self._desk.store.get(path, viewer=who.id, language=call.language))
        files: list[dict[str, Any]] = told["items"]
        return files

    async def _html(self, files: Iterable[Mapping[str, Any]]) -> str:
        named = next((one for one in files if one["kind"] == "html"), None)
        if named is None:
            raise Problem(NOT_FOUND)
        if named["state"] == "expired":
            raise Problem(words.ATTACHMENT_EXPIRED)
        blob = named["attachment_id"]
        size = await self._desk.blobs.size(blob)
        if size is None:
            raise Problem(words.ATTACHMENT_EXPIRED)
        if size > HTML_BYTES:
            raise Problem(letters.TOO_LONG)
        whole = b"".join([chunk async for chunk in self._desk.blobs.read(blob)])
        return whole.decode("utf-8", "replace")


async def _chunks(
    pieces: Iterable[str | UUID], pictures: Mapping[UUID, str], blobs: Blobs
) -> AsyncIterator[bytes]:
    """The page's bytes, each picture in its place as long as there is room."""
    left = PICTURES_BYTES
    for piece in pieces:
        if isinstance(piece, str):
            yield piece.encode()
        elif (size := await blobs.size(str(piece))) is not None and size <= left:
            left -= size
            yield f' src="data:{pictures[piece]};base64,'.encode()
            async for chunk in _base64(blobs, piece):
                yield chunk
            yield b'"'


async def _base64(blobs: Blobs, picture: UUID) -> AsyncIterator[bytes]:
    """Three bytes are four characters, so that what is left of a chunk waits for the next one."""
    rest = b""
    async for chunk in blobs.read(str(picture)):
        data = rest + chunk
        whole = len(data) - len(data) % 3
        rest = data[whole:]
        yield b64encode(data[:whole])
    yield b64encode(rest)
