"""Files of messages, a row each: whose they are, so who may have them, and until when they are kept.

A row follows the lines of history: it is written with the line that carries the file and again whenever that
line changes. The first message that names an attachment keeps it: nobody gains sight of a file by naming it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, and_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contract.content import Content, File
from shared.db.dialect import insert, is_sqlite
from shared.db.direct import run
from shared.db.types import Instant, Key
from store.tables import metadata
from store.views import LineView

attachments: Final = Table(
    "attachments",
    metadata,
    Column("attachment_id", Key, primary_key=True),
    Column("dialog_id", Key, nullable=False),
    Column("conversation_id", Key),
    Column("message_id", Key, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("mime_type", Text, nullable=False),
    Column("size_bytes", BigInteger),
    Column("width", Integer),
    Column("height", Integer),
    Column("state", Text, nullable=False),
    Column("words", Text),
    Column("at", Instant, nullable=False),
    Index("ix_attachments_due", "state", "at"),
)
"""`kind` is the part's, or `html` or `raw` of a mail; `at` is when the message came to us."""

removals: Final = Table(  # expired files whose bytes are still to be deleted
    "removals",
    metadata,
    Column("attachment_id", Key, primary_key=True),
)

HTML: Final = "text/html"
_a: Final = attachments.c


@cache
def _upsert(on_sqlite: bool) -> sqlite.Insert | postgresql.Insert:
    """Made once: what is of the same message is written over; another's, and what has expired, stays."""
    statement = sqlite.insert(attachments) if on_sqlite else postgresql.insert(attachments)
    new = statement.excluded
    fixed = ("attachment_id", "message_id")
    changing = {column.name: new[column.name] for column in attachments.c if column.name not in fixed}
    return statement.on_conflict_do_update(
        index_elements=["attachment_id"],
        set_=changing,
        where=and_(_a.message_id == new.message_id, _a.state != "expired"),
    )


async def save(conn: AsyncConnection, lines: Iterable[LineView]) -> None:
    """Writes the files of these lines, those that an edit took away included."""
    found = [
        row
        for line in lines
        for content in (line.original, line.content)
        if content is not None
        for row in _rows(line, content)
    ]
    if found:
        await run(conn, _upsert(is_sqlite(conn)), found)


async def due(conn: AsyncConnection, before: datetime, limit: int) -> dict[UUID, UUID]:
    """Stored files of messages that came before: their messages by their ids, the oldest first."""
    query = select(_a.attachment_id, _a.message_id).where(_a.state == "stored", _a.at < before)
    rows = await conn.execute(query.order_by(_a.at).limit(limit))
    return {row.attachment_id: row.message_id for row in rows}


async def mark_expired(conn: AsyncConnection, ids: Collection[UUID]) -> None:
    """Says of these that their time is over, and that their bytes are to go."""
    await conn.execute(update(attachments).where(_a.attachment_id.in_(ids)).values(state="expired"))
    rows = [{"attachment_id": one} for one in ids]
    await conn.execute(insert(conn, removals).on_conflict_do_nothing(), rows)


async def kept(conn: AsyncConnection, ids: Collection[UUID]) -> set[UUID]:
    """Those of these that some message has and that are not expired."""
    query = select(_a.attachment_id).where(_a.attachment_id.in_(ids), _a.state != "expired")
    return set((await conn.execute(query)).scalars())


def with_file(content: Content, attachment_id: UUID, known: dict[str, Any]) -> Content:
    """The content with what became of one of its files; what has expired stays so."""

    def told(file: File) -> File:
        same = file.attachment_id == attachment_id and file.state != "expired"
        return file.model_copy(update=known) if same else file

    html = content.html
    if html is not None and html.attachment_id == attachment_id and known.get("state") == "expired":
        content = content.model_copy(update={"html": None})  # it has no state of its own
    return _with_files(content, told)


def as_before(content: Content, before: Content) -> Content:
    """An edit's content with what was known of the files that stay: the gateway tells them once."""
    settled = {file.attachment_id: file for _, file in files(before) if file.state != "pending"}
    return _with_files(content, lambda file: settled.get(file.attachment_id, file))


def _with_files(content: Content, told: Callable[[File], File]) -> Content:
    parts = []
    for part in content.parts:
        file = getattr(part, "file", None)
        parts.append(part if file is None else part.model_copy(update={"file": told(file)}))
    changes: dict[str, Any] = {"parts": tuple(parts)}
    letter = content.letter
    if letter is not None and letter.raw is not None:
        changes["letter"] = letter.model_copy(update={"raw": told(letter.raw)})
    return content.model_copy(update=changes)


def _rows(line: LineView, content: Content) -> Iterator[dict[str, Any]]:
    of_line = {
        "dialog_id": line.dialog_id,
        "conversation_id": line.conversation_id,
        "message_id": line.entry_id,
        "at": line.received_at,
    }
    for kind, file in files(content):
        yield of_line | {
            "attachment_id": file.attachment_id,
            "kind": kind,
            "name": file.name,
            "mime_type": file.mime_type,
            "size_bytes": file.size_bytes,
            "width": file.width,
            "height": file.height,
            "state": file.state,
            "words": file.words,
        }


def files(content: Content) -> Iterator[tuple[str, File]]:
    """The files of a message with their kinds; a raw mail that is a part of it, too, is that part."""
    parts = {}
    for part in content.parts:
        file: File | None = getattr(part, "file", None)
        if file is not None:
            parts[file.attachment_id] = file
            yield part.kind, file
    html, raw = content.html, None if content.letter is None else content.letter.raw
    if html is not None:
        yield "html", File(
            attachment_id=html.attachment_id, name="message.html", mime_type=HTML,
            size_bytes=html.size_bytes, state="stored",
        )  # fmt: skip
    if raw is not None and raw.attachment_id not in parts:
        yield "raw", raw
