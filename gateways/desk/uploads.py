"""What operators have uploaded and not sent yet: only its uploader may put a file into a message, and once.

A file that was never put into a message goes after a day, bytes and all. One that was, even into a message
that was refused or of which nobody knows, keeps its bytes here: the store alone may say that nobody has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from gateways.desk.tables import uploads
from shared.contract.content import Audio, Document, File, Image, Part, Video, Voice
from shared.db.engine import writing
from shared.files.blobs import Blobs
from shared.files.preview import preview_name

KEPT: Final = timedelta(days=1)
SENT_LATELY: Final = timedelta(minutes=1)
"""For so long a file that was just sent is its uploader's to see, until the store knows whose it is."""
MOST_WAITING: Final = 100
"""Files of one operator that may wait to be sent."""
SWEEP_SLICE: Final = 200

PARTS: Final[dict[str, type[Any]]] = {
    "image": Image,
    "voice": Voice,
    "video": Video,
    "audio": Audio,
    "file": Document,
}

_u: Final = uploads.c


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that lies among the blobs; `kind` is the part of a message that it becomes."""

    attachment_id: UUID
    kind: str
    name: str
    mime_type: str
    size_bytes: int
    width: int | None
    height: int | None

    @property
    def part(self) -> Part:
        file = File(
            attachment_id=self.attachment_id,
            name=self.name,
            mime_type=self.mime_type,
            size_bytes=self.size_bytes,
            width=self.width,
            height=self.height,
            state="stored",
        )
        part: Part = PARTS[self.kind](file=file)
        return part


_COLUMNS: Final = tuple(uploads.c[name] for name in Upload.__slots__)


async def add(conn: AsyncConnection, upload: Upload, operator_id: UUID, now: datetime) -> None:
    """Keeps who uploaded it."""
    row = {name: getattr(upload, name) for name in Upload.__slots__}
    row |= {"operator_id": operator_id, "created_at": now}
    await conn.execute(insert(uploads).values(row))


async def waiting(conn: AsyncConnection, operator_id: UUID) -> int:
    """How many files of this operator are in no message."""
    query = select(func.count()).where(_u.operator_id == operator_id, _u.message_id.is_(None))
    found: int = (await conn.execute(query)).scalar_one()
    return found


async def own(conn: AsyncConnection, attachment_id: UUID, operator_id: UUID, now: datetime) -> Upload | None:
    """An upload of this operator that is not sent, or only just."""
    unsent = or_(_u.message_id.is_(None), _u.offered_at > now - SENT_LATELY)
    query = select(*_COLUMNS).where(_u.attachment_id == attachment_id, _u.operator_id == operator_id, unsent)
    row = (await conn.execute(query)).first()
    return None if row is None else Upload(*row)


async def claim(
    conn: AsyncConnection, ids: Sequence[UUID], operator_id: UUID, message_id: UUID, now: datetime
) -> list[Upload] | None:
    """Puts these uploads of the operator into a message, in their order; None where one is not to be had.

    The same message may ask again. Undo the transaction when it is None.
    """
    free = or_(_u.message_id.is_(None), _u.message_id == message_id)
    mine = (_u.attachment_id.in_(ids), _u.operator_id == operator_id, free)
    offered = update(uploads).where(*mine).values(message_id=message_id, offered_at=now)
    changed = await conn.execute(offered)
    if changed.rowcount != len(ids):
        return None
    rows = await conn.execute(select(*_COLUMNS).where(_u.attachment_id.in_(ids)))
    found = {row.attachment_id: Upload(*row) for row in rows}
    return [found[one] for one in ids]


async def release(conn: AsyncConnection, message_id: UUID) -> None:
    """The message was refused: its files may go into another."""
    await conn.execute(update(uploads).where(_u.message_id == message_id).values(message_id=None))


async def sweep(engine: AsyncEngine, blobs: Blobs, now: datetime) -> int:
    """Forgets at most `SWEEP_SLICE` uploads of a day ago; deletes the bytes of those that nobody sent."""
    old = select(_u.attachment_id, _u.offered_at).where(_u.created_at < now - KEPT).limit(SWEEP_SLICE)
    async with writing(engine) as conn:
        rows = (await conn.execute(old)).all()
        ids = [row.attachment_id for row in rows]
        await conn.execute(delete(uploads).where(_u.attachment_id.in_(ids)))
    for row in rows:
        if row.offered_at is None:
            await discard(blobs, row.attachment_id)
    return len(rows)


async def discard(blobs: Blobs, attachment_id: UUID) -> None:
    """Deletes the bytes of a file, and its preview."""
    await blobs.delete(preview_name(str(attachment_id)))
    await blobs.delete(str(attachment_id))
