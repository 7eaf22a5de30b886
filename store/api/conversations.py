"""Folders, lists of conversations, one of them: all through the one predicate of access (standing.py)."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.access import Viewer
from shared.http.problem import NOT_FOUND, Problem
from shared.http.route import SESSION, Call, Route, Routes
from store import feed
from store.api.admission import OPERATOR_NEEDED, known
from store.api.answers import (
    ConversationAnswer,
    ConversationPage,
    FoldersAnswer,
    ListParams,
    OneParams,
    ViewerFacts,
)
from store.api.counting import count_closed, count_open
from store.api.snapshot import BAD_CURSOR, cursor, place, snapshot
from store.api.standing import in_folder, visible
from store.names import called
from store.tables import conversations
from store.views import ConversationView

_c: Final = conversations.c


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
            folders, accounts = await count_open(conn, viewer)
            closed = await count_closed(conn, viewer)
            seq = await feed.head(conn)
            return FoldersAnswer(seq=seq, folders=(*folders, closed), accounts=tuple(accounts))

    async def listed(self, call: Call[ListParams, None]) -> ConversationPage:
        asked = call.params
        async with snapshot(self._engine) as conn:
            viewer = (await known(conn, call.principal.operator_id)).viewer
            named, few = (true(), False) if asked.name is None else await called(conn, asked.name)
            folder = in_folder(asked.folder, viewer, by_name=few)
            query = select(conversations).where(folder, visible(viewer), named)
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
