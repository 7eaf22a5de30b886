"""The files of what we send: their bytes as a stream, and what a provider made of them before the message.

Where a provider wants a file first and then a message that names it, the upload is a step of its own: what
came of it is kept, so that a message that is sent again, after a crash too, uploads nothing twice. An upload
says nothing to anybody: one of which nobody knows how it ended is simply done again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gateways.kit.transactions import Transactions
from shared.clock import Clock
from shared.contract.content import Content, File
from shared.contract.outbound import SendMessage
from shared.db.dialect import upsert
from shared.db.engine import reading
from shared.db.types import Instant, Key
from shared.failure import Rejected, Retryable, Unconfirmed
from shared.faultpoint import reach
from shared.files.blobs import Blobs
from shared.files.names import safe_name

UPLOAD_SECONDS: Final = 30.0
SLOWEST_BYTES_PER_SECOND: Final = 100_000
AGAIN_SECONDS: Final = 5.0
GONE_WORDS: Final = "The file is not there any more."


def uploads_table(metadata: sa.MetaData) -> sa.Table:
    """The table `uploads`, added to a gateway's own metadata; its migration creates it."""
    return sa.Table(
        "uploads",
        metadata,
        sa.Column("message_id", Key, primary_key=True),
        sa.Column("step", sa.Text, primary_key=True),
        sa.Column("result", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Index("uploads_at", "at"),
    )


_uploads: Final = uploads_table(sa.MetaData())


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that is there: its safe name, type and true size; `chunks()` begins anew each time."""

    name: str
    mime_type: str
    size_bytes: int
    chunks: Callable[[], AsyncIterator[bytes]] = field(repr=False)


def files_of(content: Content) -> list[File]:
    """The files of a message, in the order of its parts."""
    return [file for part in content.parts if (file := getattr(part, "file", None)) is not None]


def upload_seconds(size_bytes: int) -> float:
    """How long the upload of so many bytes may take."""
    return UPLOAD_SECONDS + size_bytes / SLOWEST_BYTES_PER_SECOND


class Attachments:
    """One for each process; a channel's `send` asks it."""

    def __init__(self, blobs: Blobs, transactions: Transactions, clock: Clock) -> None:
        self._blobs = blobs
        self._transactions = transactions
        self._clock = clock

    async def open(self, file: File) -> Attachment:
        """The file with its bytes; raises `Rejected` when it has gone, or `Unavailable`."""
        name = str(file.attachment_id)
        size = await self._blobs.size(name)
        if size is None:
            raise Rejected("file_gone", GONE_WORDS)
        return Attachment(safe_name(file.name), file.mime_type, size, lambda: self._blobs.read(name))

    async def uploaded(
        self,
        message: SendMessage,
        file: File,
        upload: Callable[[Attachment], Awaitable[str]],
        *,
        step: str = "",
    ) -> str:
        """What `upload` returned, the provider's name of the file: now, or when it was done before.

        `step` tells several uploads of one file apart. Raises what `upload` does; `Retryable` where that is
        `Unconfirmed` or takes too long: the message was not sent.
        """
        key = {"message_id": message.message_id, "step": f"{file.attachment_id} {step}".strip()}
        async with reading(self._transactions.engine) as conn:
            query = sa.select(_uploads.c.result).filter_by(**key)
            known: str | None = (await conn.execute(query)).scalar_one_or_none()
        if known is not None:
            return known
        attachment = await self.open(file)
        try:
            async with asyncio.timeout(upload_seconds(attachment.size_bytes)):
                result = await upload(attachment)
        except (Unconfirmed, TimeoutError):
            raise Retryable(AGAIN_SECONDS, "dialog") from None
        async with self._transactions.writing() as conn:
            await conn.execute(upsert(conn, _uploads), {**key, "result": result, "at": self._clock.now()})
        reach("after_upload")
        return result


async def purge(conn: AsyncConnection, before: datetime) -> None:
    """Forgets uploads of before this time."""
    await conn.execute(sa.delete(_uploads).where(_uploads.c.at < before))
