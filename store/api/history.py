"""The history of a dialog, seen through one of its conversations: each line as far as its own is visible."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.access import Viewer
from shared.http.problem import NOT_FOUND
from shared.http.route import SESSION, Call, Route, Routes
from store import feed
from store.api.admission import OPERATOR_NEEDED, known
from store.api.answers import HistoryPage, HistoryParams
from store.api.conversations import one
from store.api.snapshot import snapshot
from store.api.standing import visible
from store.history import BLOCKED, of_rows
from store.tables import conversations, dialogs, history
from store.views import LineView


class HistoryQueries:
    """The rows of this noun."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    def rows(self) -> Routes:
        return (
            Route(
                "GET", "/v1/conversations/{conversation_id}/history", "history", SESSION,
                params=HistoryParams, returns=HistoryPage, handler=self.page,
                summary="Lines of its dialog, in their order", errors=(OPERATOR_NEEDED, NOT_FOUND),
            ),
        )  # fmt: skip

    async def page(self, call: Call[HistoryParams, None]) -> HistoryPage:
        """Without `before` and `after`: the last lines."""
        asked = call.params
        async with snapshot(self._engine) as conn:
            viewer = (await known(conn, call.principal.operator_id)).viewer
            lines = await _lines(conn, viewer, asked)
            shown = lines[: asked.limit]
            if asked.after is None:
                shown.reverse()
            return HistoryPage(seq=await feed.head(conn), items=tuple(shown), more=len(lines) > asked.limit)


async def _lines(conn: AsyncConnection, viewer: Viewer, asked: HistoryParams) -> list[LineView]:
    """One more than asked for, nearest first: forwards from `after`, else backwards."""
    dialog_id = (await one(conn, viewer, asked.conversation_id)).dialog_id
    seen = select(conversations.c.conversation_id).where(
        conversations.c.dialog_id == dialog_id, visible(viewer)
    )
    number = select(dialogs.c.number).where(dialogs.c.dialog_id == dialog_id).scalar_subquery()
    query = select(history).where(
        history.c.dialog == number,
        history.c.kind != BLOCKED,
        or_(history.c.conversation_id.is_(None), history.c.conversation_id.in_(seen)),
    )
    if asked.after is not None:
        query = query.where(history.c.position > asked.after)
    if asked.before is not None:
        query = query.where(history.c.position < asked.before)
    order = history.c.position.desc() if asked.after is None else history.c.position
    return of_rows(await conn.execute(query.order_by(order).limit(asked.limit + 1)))
