"""Folders with counters, lists of conversations, one of them: all through the one predicate of access.

Counting looks at open conversations, of which there are few, and at no more than a thousand closed ones.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, func, literal, not_, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.access import Viewer, sight
from shared.http.problem import NOT_FOUND, Problem
from shared.http.route import SESSION, Call, Route, Routes
from store import feed
from store.api.admission import OPERATOR_NEEDED, known
from store.api.answers import (
    ConversationAnswer,
    ConversationPage,
    Folder,
    FolderCounts,
    FoldersAnswer,
    ListParams,
    OneParams,
    ViewerFacts,
)
from store.api.snapshot import BAD_CURSOR, cursor, place, snapshot
from store.tables import conversations, participants
from store.views import ConversationView

COUNTED: Final = 1000
OPEN_FOLDERS: Final[tuple[Folder, ...]] = ("new", "mine", "others", "all")

_c: Final = conversations.c


def visible(viewer: Viewer) -> ColumnElement[bool]:
    """Which conversations `viewer` may see."""
    return sight(viewer).sql(_c, participants)


def in_folder(folder: Folder, operator_id: UUID) -> ColumnElement[bool]:
    """Which conversations stand in a folder of this operator; each open one in one of new, mine, others."""
    taking_part = select(participants.c.conversation_id).where(participants.c.operator_id == operator_id)
    mine = or_(
        and_(_c.assignee.is_not(None), _c.assignee == operator_id), _c.conversation_id.in_(taking_part)
    )
    parts: dict[Folder, ColumnElement[bool]] = {
        "new": and_(_c.assignee.is_(None), not_(mine)),
        "mine": mine,
        "others": and_(_c.assignee.is_not(None), not_(mine)),
        "all": true(),
        "closed": true(),
    }
    return and_(_c.closed == (true() if folder == "closed" else false()), parts[folder])


async def one(conn: AsyncConnection, viewer: Viewer, conversation_id: UUID) -> ConversationView:
    """The conversation; to whom it is invisible it is not there."""
    query = select(conversations).where(_c.conversation_id == conversation_id, visible(viewer))
    row = (await conn.execute(query)).mappings().first()
    if row is None:
        raise Problem(NOT_FOUND)
    return ConversationView.model_validate(row)


class ConversationQueries:
    """The rows of this noun."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    def rows(self) -> Routes:
        return (
            Route(
                "GET", "/v1/viewer", "viewer", SESSION, returns=ViewerFacts, handler=self.viewer,
                summary="Who an operator is and what they may see", errors=(OPERATOR_NEEDED,),
            ),
            Route(
                "GET", "/v1/folders", "folders", SESSION, returns=FoldersAnswer, handler=self.folders,
                summary="Folders with their counters", errors=(OPERATOR_NEEDED,),
            ),
            Route(
                "GET", "/v1/conversations", "conversations", SESSION, params=ListParams,
                returns=ConversationPage, handler=self.listed,
                summary="Conversations of a folder, newest first", errors=(OPERATOR_NEEDED, BAD_CURSOR),
            ),
            Route(
                "GET", "/v1/conversations/{conversation_id}", "conversation", SESSION, params=OneParams,
                returns=ConversationAnswer, handler=self.one,
                summary="A conversation", errors=(OPERATOR_NEEDED, NOT_FOUND),
            ),
        )  # fmt: skip

    async def viewer(self, call: Call[None, None]) -> ViewerFacts:
        async with snapshot(self._engine) as conn:
            who = await known(conn, call.principal.operator_id)
            return ViewerFacts(
                seq=await feed.head(conn),
                operator=who.operator,
                rights=tuple(sorted(who.viewer.rights)),
                accounts=tuple(sorted(who.viewer.accounts)),
                access_version=who.viewer.access_version,
            )

    async def folders(self, call: Call[None, None]) -> FoldersAnswer:
        async with snapshot(self._engine) as conn:
            viewer = (await known(conn, call.principal.operator_id)).viewer
            counted = await count_open(conn, viewer)
            closed = await count_closed(conn, viewer)
            return FoldersAnswer(seq=await feed.head(conn), folders=(*counted, closed))

    async def listed(self, call: Call[ListParams, None]) -> ConversationPage:
        asked = call.params
        async with snapshot(self._engine) as conn:
            viewer = (await known(conn, call.principal.operator_id)).viewer
            query = select(conversations).where(in_folder(asked.folder, viewer.operator_id), visible(viewer))
            if asked.account is not None:
                query = query.where(_c.account == asked.account)
            if (after := place(asked.after)) is not None:
                at, id_ = after
                query = query.where(_c.active_at <= at, or_(_c.active_at < at, _c.conversation_id < id_))
            query = query.order_by(_c.active_at.desc(), _c.conversation_id.desc()).limit(asked.limit + 1)
            rows: list[Any] = list((await conn.execute(query)).mappings())
            shown = rows[: asked.limit]
            beyond = len(rows) > asked.limit
            return ConversationPage(
                seq=await feed.head(conn),
                items=tuple(ConversationView.model_validate(row) for row in shown),
                next=cursor(shown[-1]["active_at"], shown[-1]["conversation_id"]) if beyond else None,
            )

    async def one(self, call: Call[OneParams, None]) -> ConversationAnswer:
        async with snapshot(self._engine) as conn:
            viewer = (await known(conn, call.principal.operator_id)).viewer
            found = await one(conn, viewer, call.params.conversation_id)
            return ConversationAnswer(**found.__dict__, seq=await feed.head(conn))


async def count_open(conn: AsyncConnection, viewer: Viewer) -> list[FolderCounts]:
    """The counters of the open folders, in one pass over the open conversations."""
    unread = or_(_c.unread > 0, _c.marked_unread)
    waiting = _c.waiting_since.is_not(None)
    sums = []
    for folder in OPEN_FOLDERS:
        inside = in_folder(folder, viewer.operator_id)
        for name, which in (("total", true()), ("unread", unread), ("waiting", waiting)):
            sums.append(func.count().filter(and_(inside, which)).label(f"{folder}_{name}"))
    query = select(*sums).select_from(conversations).where(_c.closed == false(), visible(viewer))
    row = (await conn.execute(query)).mappings().one()
    return [
        FolderCounts(
            folder=folder,
            total=row[f"{folder}_total"],
            unread=row[f"{folder}_unread"],
            waiting=row[f"{folder}_waiting"],
        )
        for folder in OPEN_FOLDERS
    ]


async def count_closed(conn: AsyncConnection, viewer: Viewer) -> FolderCounts:
    """Closed ones, up to a thousand."""
    some = select(literal(1)).where(_c.closed == true(), visible(viewer)).limit(COUNTED + 1).subquery()
    found = (await conn.execute(select(func.count()).select_from(some))).scalar_one()
    return FolderCounts(folder="closed", total=min(found, COUNTED), more=found > COUNTED)
