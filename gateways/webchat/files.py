"""Which attachments a dialog may see: what its visitor uploaded, what was sent to them. Bytes are blobs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gateways.webchat.tables import files
from shared.contract.content import Audio, Document, Image, Part, Video, Voice
from shared.db.dialect import insert
from shared.files.kinds import kind_of
from shared.files.preview import MIME_TYPE as PREVIEW_TYPE

FileKind: TypeAlias = Literal["image", "file", "voice", "video", "audio"]

_of_dialog: Final = sa.select(files).where(
    files.c.dialog_id == sa.bindparam("of_dialog"),
    files.c.attachment_id.in_(sa.bindparam("wanted", expanding=True)),
)


_send: Final = (
    sa.update(files)
    .where(
        files.c.dialog_id == sa.bindparam("of_dialog"),
        files.c.attachment_id.in_(sa.bindparam("wanted", expanding=True)),
    )
    .values(sent=True)
)
_left_over: Final = (
    sa.select(files.c.dialog_id, files.c.attachment_id)
    .where(files.c.sent.is_(False), files.c.at < sa.bindparam("before"))
    .order_by(files.c.at)
    .limit(sa.bindparam("most", type_=sa.Integer))
)
_drop: Final = sa.delete(files).where(
    files.c.dialog_id == sa.bindparam("of_dialog"),
    files.c.attachment_id == sa.bindparam("of_file"),
    files.c.sent.is_(False),
)


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of a dialog; `at` in microseconds since 1970."""

    dialog_id: UUID
    attachment_id: UUID
    account: str
    name: str
    mime_type: str
    size_bytes: int
    kind: FileKind
    at: int
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    preview: bool = False
    sent: bool = True

    @property
    def shown(self) -> dict[str, Any]:
        """As it stands in the body of an entry, and in a frame."""
        shown: dict[str, Any] = {
            "id": str(self.attachment_id),
            "name": self.name,
            "mime": self.mime_type,
            "size": self.size_bytes,
            "kind": self.kind,
            "preview": self.preview,
        }
        optional = {"w": self.width, "h": self.height, "seconds": self.seconds}
        return shown | {name: value for name, value in optional.items() if value is not None}


def attached(part: Part, dialog: UUID, account: str, at: int) -> Attached | None:
    """The file of a part of ours; none for a part without one."""
    if not isinstance(part, Image | Document | Voice | Video | Audio):
        return None
    file = part.file
    return Attached(
        dialog,
        file.attachment_id,
        account,
        file.name,
        file.mime_type,
        file.size_bytes or 0,
        part.kind,
        at,
        file.width,
        file.height,
        file.duration_seconds,
        preview=part.kind == "image" or kind_of(file.mime_type) == "image",
    )


def avatar(attachment: UUID, dialog: UUID, account: str, at: int) -> Attached:
    """The picture of an operator, of which only the preview is ever shown."""
    return Attached(dialog, attachment, account, "avatar", PREVIEW_TYPE, 0, "image", at, preview=True)


async def keep(conn: AsyncConnection, rows: Sequence[Attached]) -> None:
    """Lets the dialogs see these files; one that a dialog has stays as it is."""
    if rows:
        await conn.execute(insert(conn, files).on_conflict_do_nothing(), [asdict(row) for row in rows])


async def of_dialog(conn: AsyncConnection, dialog: UUID, wanted: Collection[UUID]) -> dict[UUID, Attached]:
    """Those of these files that the dialog may see."""
    rows = await conn.execute(_of_dialog, {"of_dialog": dialog, "wanted": list(wanted)})
    return {row.attachment_id: Attached(**row._asdict()) for row in rows}


async def send(conn: AsyncConnection, dialog: UUID, wanted: Collection[UUID]) -> dict[UUID, Attached]:
    """Those of these files that the dialog has; from now on a message may name them, and they stay."""
    await conn.execute(_send, {"of_dialog": dialog, "wanted": list(wanted)})
    return await of_dialog(conn, dialog, wanted)


async def drop_left_over(conn: AsyncConnection, before: int, limit: int) -> list[UUID]:
    """Forgets files that were uploaded before this time and never sent; their bytes are to be deleted."""
    dropped: list[UUID] = []
    for dialog, file in (await conn.execute(_left_over, {"before": before, "most": limit})).all():
        if (await conn.execute(_drop, {"of_dialog": dialog, "of_file": file})).rowcount:
            dropped.append(file)
    return dropped
