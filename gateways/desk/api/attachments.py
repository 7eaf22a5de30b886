"""Files: uploaded before they are sent, downloaded by whoever sees their message. See ../README.md."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import from_json

from gateways.desk import files, uploads, words
from gateways.desk.admission import SignedIn
from gateways.desk.api.desk import Desk
from gateways.desk.uploads import Upload
from shared.clock import uuid7
from shared.db.engine import reading, writing
from shared.http.problem import NOT_FOUND, Problem
from shared.http.route import SESSION, Call, Content, Input, Route, Routes

_NOT_FOUND: Final = 404


class Uploading(Input):
    name: str = Field(default="", max_length=1000, description="what its owner calls it")
    voice: bool = Field(default=False, description="the sender has spoken it: sound becomes a voice message")


class Downloading(Input):
    attachment_id: UUID
    preview: bool = Field(default=False, description="the smaller picture of an image")


class Uploaded(BaseModel):
    """A file that waits to be sent; `kind` is what it will be in the message."""

    model_config = ConfigDict(frozen=True)

    attachment_id: UUID
    name: str
    mime_type: str
    size_bytes: int
    kind: str
    width: int | None = None
    height: int | None = None


class AttachmentsNoun:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def rows(self) -> Routes:
        return (
            Route(
                "POST", "/attachments", "upload", "reply",
                params=Uploading, takes=Content("application/octet-stream"), returns=Uploaded,
                handler=self.upload, summary="Upload a file, to be sent in a message within a day",
                errors=(words.EMPTY_FILE, words.TOO_MANY_UPLOADS), status=201,
            ),
            Route(
                "GET", "/attachments/{attachment_id}", "attachment", SESSION,
                params=Downloading, returns=Content("application/octet-stream"), handler=self.download,
                summary="A file of a message, or a part of it",
                errors=(NOT_FOUND, words.ATTACHMENT_PENDING, words.ATTACHMENT_EXPIRED),
                other_statuses=(206, 304, 416),
            ),
        )  # fmt: skip

    async def upload(self, call: Call[Uploading, None]) -> Uploaded:
        desk, who = self._desk, call.principal
        async with reading(desk.engine) as conn:
            if await uploads.waiting(conn, who.id) >= uploads.MOST_WAITING:
                raise Problem(words.TOO_MANY_UPLOADS)
        upload = await files.receive(
            call.request, desk.blobs, uuid7(), call.params.name, voice=call.params.voice
        )
        try:
            async with writing(desk.engine) as conn:
                await uploads.add(conn, upload, who.id, desk.clock.now())
        except BaseException:
            await uploads.discard(desk.blobs, upload.attachment_id)
            raise
        return Uploaded(**{name: getattr(upload, name) for name in Uploaded.model_fields})

    async def download(self, call: Call[Downloading, None]) -> web.StreamResponse:
        asked = call.params
        told = await self._told(call)
        if told["state"] == "expired":
            raise Problem(words.ATTACHMENT_EXPIRED)
        if told["state"] != "stored":
            raise Problem(words.ATTACHMENT_PENDING if told["state"] == "pending" else NOT_FOUND)
        return await files.send(
            call.request, self._desk.blobs, asked.attachment_id, told["name"], told["mime_type"],
            preview=asked.preview,
        )  # fmt: skip

    async def _told(self, call: Call[Downloading, None]) -> dict[str, Any]:
        """What the store says of it to whoever asks; of what is not sent yet, what its uploader may know."""
        who: SignedIn = call.principal
        asked = call.params.attachment_id
        try:
            body = await self._desk.store.get(
                f"/v1/attachments/{asked}", viewer=who.id, language=call.language
            )
        except Problem as refused:
            if refused.kind.status != _NOT_FOUND:
                raise
            mine = await self._own(asked, who)
            if mine is None:
                raise Problem(NOT_FOUND) from None
            return {"state": "stored", "name": mine.name, "mime_type": mine.mime_type}
        told: dict[str, Any] = from_json(body)
        return told

    async def _own(self, attachment_id: UUID, who: SignedIn) -> Upload | None:
        async with reading(self._desk.engine) as conn:
            return await uploads.own(conn, attachment_id, who.id, self._desk.clock.now())
