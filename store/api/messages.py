"""One message, one file of a message, and who may see a dialog: for whoever passes them on.

A line is visible as its conversation is; one without a conversation, to those who may see the account.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Table, and_, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.access import Viewer
from shared.contract.feed import Sight
from shared.contract.people import DialogRef
from shared.http.problem import NOT_FOUND, Problem
from shared.http.route import SESSION, Call, Route, Routes
from store import feed
from store.api.admission import OPERATOR_NEEDED, SERVICE, known
from store.api.answers import (
    AttachmentAnswer,
    AttachmentParams,
    AttachmentsAnswer,
    DialogParams,
    LineAnswer,
    LineParams,
    SightAnswer,
)
from store.api.snapshot import snapshot
from store.api.standing import visible
from store.attachments import attachments, files
from store.history import BLOCKED, of_rows
from store.sights import of_account
from store.tables import conversations, dialogs, history
from store.views import AttachmentView, ConversationView, LineView


class MessageQueries:
    """The rows of these nouns."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    def rows(self) -> Routes:
        return (
            Route(
                "GET", "/v1/messages/{message_id}", "message", SESSION, params=LineParams,
                returns=LineAnswer, handler=self.message,
                summary="A message", errors=(OPERATOR_NEEDED, NOT_FOUND),
            ),
            Route(
                "GET", "/v1/messages/{message_id}/attachments", "message_attachments", SESSION,
                params=LineParams, returns=AttachmentsAnswer, handler=self.of_message,
                summary="All files of a message", errors=(OPERATOR_NEEDED, NOT_FOUND),
            ),
            Route(
                "GET", "/v1/attachments/{attachment_id}", "attachment", SESSION, params=AttachmentParams,
                returns=AttachmentAnswer, handler=self.attachment,
                summary="A file of a message: what it is and whether it is there",
                errors=(OPERATOR_NEEDED, NOT_FOUND),
            ),
            Route(
                "GET", "/v1/dialogs/{dialog_id}/sight", "sight", SERVICE, params=DialogParams,
                returns=SightAnswer, handler=self.sight,
                summary="Who may see what a dialog says now", errors=(NOT_FOUND,),
            ),
        )  # fmt: skip

    async def message(self, call: Call[LineParams, None]) -> LineAnswer:
        async with snapshot(self._engine) as conn:
            viewer = (await known(conn, call.principal.operator_id)).viewer
            line = await _line(conn, call.params.message_id, viewer)
            return LineAnswer(**line.__dict__, seq=await feed.head(conn))

    async def attachment(self, call: Call[AttachmentParams, None]) -> AttachmentAnswer:
        async with snapshot(self._engine) as conn:
            viewer = (await known(conn, call.principal.operator_id)).viewer
            found = await _files(conn, {call.params.attachment_id}, viewer)
            if not found:
                raise Problem(NOT_FOUND)
            return AttachmentAnswer(**found[0].__dict__, seq=await feed.head(conn))

    async def of_message(self, call: Call[LineParams, None]) -> AttachmentsAnswer:
        """Those that it names and keeps: what it only names is another's."""
        message_id = call.params.message_id
        async with snapshot(self._engine) as conn:
            viewer = (await known(conn, call.principal.operator_id)).viewer
            line = await _line(conn, message_id, viewer)
            named = {file.attachment_id for _, file in files(line.content)} if line.content else set()
            found = await _files(conn, named, viewer)
            items = tuple(one for one in found if one.message_id == message_id)
            return AttachmentsAnswer(items=items, seq=await feed.head(conn))

    async def sight(self, call: Call[DialogParams, None]) -> SightAnswer:
        """The sight of its latest conversation; before the first, of its account."""
        async with snapshot(self._engine) as conn:
            row = (
                await conn.execute(select(dialogs).where(dialogs.c.dialog_id == call.params.dialog_id))
            ).first()
            if row is None:
                raise Problem(NOT_FOUND)
            latest = await _conversation(conn, row.conversation_id)
            sight = of_account(f"{row.channel}.{row.account}") if latest is None else latest.sight
            return SightAnswer(
                seq=await feed.head(conn),
                conversation_id=row.conversation_id,
                dialog=DialogRef.model_validate(
                    {name: getattr(row, name) for name in DialogRef.model_fields}
                ),
                sight=Sight.model_validate_json(sight),
            )


def _seen(table: Table, viewer: Viewer) -> ColumnElement[bool]:
    """Which rows of history, or of files, `viewer` may see."""
    seen = select(conversations.c.conversation_id).where(
        conversations.c.conversation_id == table.c.conversation_id, visible(viewer)
    )
    full_account = dialogs.c.channel + "." + dialogs.c.account
    beside = select(dialogs.c.dialog_id).where(
        dialogs.c.dialog_id == table.c.dialog_id, full_account.in_(sorted(viewer.accounts))
    )
    return or_(seen.exists(), and_(table.c.conversation_id.is_(None), beside.exists()))


async def _line(conn: AsyncConnection, message_id: UUID, viewer: Viewer) -> LineView:
    """The message, or a problem where there is none in sight."""
    query = select(history).where(
        history.c.entry_id == message_id, history.c.kind == "message", _seen(history, viewer)
    )
    found = of_rows(await conn.execute(query))
    if not found:
        raise Problem(NOT_FOUND)
    return found[0]


async def _files(conn: AsyncConnection, ids: Collection[UUID], viewer: Viewer) -> Sequence[AttachmentView]:
    """Those of these files that `viewer` may see."""
    blocked = select(history.c.entry_id).where(
        history.c.entry_id == attachments.c.message_id, history.c.kind == BLOCKED
    )
    query = select(attachments).where(
        attachments.c.attachment_id.in_(ids), not_(blocked.exists()), _seen(attachments, viewer)
    )
    return [AttachmentView.model_validate(row) for row in (await conn.execute(query)).mappings()]


async def _conversation(conn: AsyncConnection, id_: object) -> ConversationView | None:
    row = (
        (await conn.execute(select(conversations).where(conversations.c.conversation_id == id_)))
        .mappings()
        .first()
    )
    return None if row is None else ConversationView.model_validate(row)
