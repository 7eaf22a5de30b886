"""The files of a request: their bytes become blobs before the facts that name them are told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from uuid import UUID

from gateways.http.contents import Stored
from gateways.http.form import Bytes, Field
from gateways.http.protocol.content import FileGiven
from gateways.http.refusals import FILE_TOO_LARGE
from shared.files.blobs import Blobs, TooLarge
from shared.files.kinds import HEAD_BYTES, kind_of, sniff
from shared.files.names import safe_name
from shared.files.preview import keep_preview
from shared.http.problem import Problem


class Keeping:
    """One for each process."""

    def __init__(self, blobs: Blobs, limit: int) -> None:
        self._blobs = blobs
        self._limit = limit

    async def kept(
        self, body: Bytes, form: Mapping[str, Field], named: Sequence[tuple[UUID, FileGiven]]
    ) -> dict[UUID, Stored]:
        """The files by the ids that they get; raises `Problem`, `Unavailable`. It may be done twice."""
        return {
            identity: await self._keep(identity, body, form[str(given.upload)], given)
            for identity, given in named
        }

    async def _keep(self, identity: UUID, body: Bytes, field: Field, given: FileGiven) -> Stored:
        blob, name = str(identity), safe_name(given.name or field.filename)
        if await self._blobs.size(blob) is None:
            try:
                await self._blobs.put(blob, _chunks(body, field), limit=self._limit)
            except TooLarge:
                raise Problem(FILE_TOO_LARGE) from None
        head = body[field.start : min(field.start + HEAD_BYTES, field.end)]
        mime = sniff(head, name)
        drawn = await keep_preview(self._blobs, blob) if kind_of(mime) == "image" else None
        if drawn is None:
            return Stored(name, mime, field.end - field.start)
        return Stored(name, mime, field.end - field.start, drawn.image_width, drawn.image_height)


async def _chunks(body: Bytes, field: Field) -> AsyncIterator[bytes]:
    for chunk in field.chunks(body):
        yield chunk
