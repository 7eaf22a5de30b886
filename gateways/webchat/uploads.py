"""A visitor's file: POST /upload?site=KEY&name=…, the raw bytes as body, `Authorization: Visitor <token>`.

    201 {"id": "…", "name": "bill.pdf", "mime": "application/pdf", "size": 9, "kind": "file", …}

What a file is, its content says. A picture is one only when we could draw it. The id is good for messages of
this visitor's chat alone.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from gateways.kit.transactions import Transactions
from gateways.webchat import files, visitor_token
from gateways.webchat.door import Door
from gateways.webchat.files import Attached, FileKind
from gateways.webchat.guest import Chat
from gateways.webchat.limits import FILE_BYTES
from gateways.webchat.mailbox import CHANNEL
from gateways.webchat.rate import Rate
from gateways.webchat.site import Site
from shared.clock import uuid7
from shared.contract.ids import dialog_id
from shared.db.types import to_micros
from shared.failure import Unavailable
from shared.files.blobs import BlobGone, Blobs, TooLarge
from shared.files.kinds import HEAD_BYTES, kind_of, sniff
from shared.files.names import safe_name
from shared.files.preview import keep_preview
from shared.log import get_logger

log = get_logger()

SECONDS: Final = 600.0
"""A body that takes longer is given up."""
_MEGABYTE: Final = 1_000_000


@dataclass(slots=True)
class _Head:
    """The beginning of what passes by."""

    data: bytes = b""

    async def of(self, request: web.Request) -> AsyncIterator[bytes]:
        async for chunk in request.content.iter_any():
            if len(self.data) < HEAD_BYTES:
                self.data += chunk[: HEAD_BYTES - len(self.data)]
            yield chunk


class Uploads(Door):
    """Answers POST /upload."""

    def __init__(self, chat: Chat, blobs: Blobs, transactions: Transactions, rate: Rate) -> None:
        super().__init__(chat)
        self._blobs = blobs
        self._transactions = transactions
        self._rate = rate

    async def handle(self, request: web.Request) -> web.StreamResponse:
        site = self.site(request)
        if isinstance(site, web.Response):
            return site
        visitor = self._visitor(request, site)
        if visitor is None:
            return self.refusal(request, "not_let_in", 401)
        if (refused := self._refused(request, visitor)) is not None:
            return refused
        try:
            async with asyncio.timeout(SECONDS):
                file = await self._take(request, site, visitor)
        except TooLarge:
            return self._too_large(request)
        except (Unavailable, BlobGone) as error:
            log.warning("upload_failed", account=site.slug, reason=str(error))
            return self.refusal(request, "files_unavailable", 503)
        except TimeoutError:
            return self.refusal(request, "files_unavailable", 408)
        except (ConnectionError, web.RequestPayloadError):
            return self.refusal(request, "unknown_frame", 400)
        if file is None:
            return self.refusal(request, "empty_file", 400)
        answer = file.shown | {"url": site.link(str(file.attachment_id), file.dialog_id)}
        return web.Response(
            status=201,
            body=json.dumps(answer, ensure_ascii=False).encode(),
            content_type="application/json",
            headers=self.cors(request) | {"Cache-Control": "no-store"},
        )

    def _refused(self, request: web.Request, visitor: str) -> web.Response | None:
        """What can be said before any bytes are read."""
        if (request.content_length or 0) > FILE_BYTES:
            return self._too_large(request)
        if request.content_length == 0:
            return self.refusal(request, "empty_file", 400)
        if seconds := self._rate.take(visitor, time.monotonic()):
            refused = self.refusal(request, "too_many_uploads", 429)
            refused.headers["Retry-After"] = str(max(1, round(seconds)))
            return refused
        return None

    def _visitor(self, request: web.Request, site: Site) -> str | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "visitor":
            return None
        secret = site.secret.get_secret_value()
        return visitor_token.visitor_of(token.strip(), site.slug, secret, self.chat.clock.now())

    def _too_large(self, request: web.Request) -> web.Response:
        return self.refusal(request, "file_too_large", 413, megabytes=FILE_BYTES // _MEGABYTE)

    async def _take(self, request: web.Request, site: Site, visitor: str) -> Attached | None:
        """Stores the bytes, then says whose they are; none when there were no bytes."""
        now = self.chat.clock.now()
        attachment, head = uuid7(now), _Head()
        blob = str(attachment)
        size = await self._blobs.put(blob, head.of(request), limit=FILE_BYTES)
        if not size:
            await self._blobs.delete(blob)
            return None
        name = safe_name(request.query.get("name", ""))
        mime = sniff(head.data, name)
        drawn = await keep_preview(self._blobs, blob) if kind_of(mime) == "image" else None
        file = Attached(
            dialog_id(CHANNEL, site.slug, visitor),
            attachment,
            site.slug,
            name,
            mime,
            size,
            _kind(mime, drawn=drawn is not None, voice=request.query.get("kind") == "voice"),
            to_micros(now),
            drawn.image_width if drawn is not None else None,
            drawn.image_height if drawn is not None else None,
            preview=drawn is not None,
            sent=False,
        )
        await self._keep(file)
        log.info("file_taken", account=site.slug, attachment_id=attachment, bytes=size, kind=file.kind)
        return file

    async def _keep(self, file: Attached) -> None:
        async with self._transactions.writing() as conn:
            await files.keep(conn, [file])


def _kind(mime: str, *, drawn: bool, voice: bool) -> FileKind:
    kind = kind_of(mime)
    if kind == "image":
        return "image" if drawn else "file"
    return "voice" if kind == "audio" and voice else kind
