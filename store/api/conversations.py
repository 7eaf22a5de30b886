"""Folders with counters, lists of conversations, one of them: all through the one predicate of access.

Counting looks at open conversations, of which there are few, and at no more than a thousand closed ones.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    case,
    false,
    func,
    not_,
    or_,
    select,
    true,
    union,
    union_all,
)
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

_c: Final = conversations.c
_UNREAD: Final = or_(_c.unread > 0, _c.marked_unread).label("unread")
_ids: Final = select(_c.conversation_id).correlate(None)


def visible(viewer: Viewer) -> ColumnElement[bool]:
    """Which conversations `viewer` may see."""
    return sight(viewer).sql(_c, participants)


def is_mine(viewer: Viewer) -> ColumnElement[bool]:
    """Whose assignee or participant `viewer` is, and what is offered to them or to a group of theirs.

    A set that is gathered once from indexes; never null, so that it can be denied.
    """
    held = _ids.where(_c.closed == false(), _c.account.in_(sorted(viewer.accounts)))
    return _c.conversation_id.in_(union_all(held.where(_c.assignee == viewer.operator_id), *_beside(viewer)))


def _beside(viewer: Viewer) -> tuple[Select[Any], ...]:
    """Ids of what `viewer` takes part in or is offered, open and closed."""
    taking_part = select(participants.c.conversation_id).where(
        participants.c.operator_id == viewer.operator_id
    )
    offered = _ids.where(_c.offered_to == viewer.operator_id)
    return taking_part, offered, _ids.where(_c.offered_group.in_(sorted(viewer.groups)))


def in_folder(folder: Folder, viewer: Viewer) -> ColumnElement[bool]:
    """Which of the visible conversations stand in a folder: each open one in just one of new, mine, others.

    mine: assignee, participant, or offered to me or to a group of mine, whatever its assignee; of the rest,
    new: nobody is responsible (`offered` too); others: somebody is, and I have the right `others.read`. The
    page applies the same rule: `stands`.
    """
    is_open = _c.closed == false()
    if folder == "closed":
        return _c.closed == true()
    if folder == "mine":
        return and_(is_mine(viewer), _looked_up(closed=False))
    if folder == "new":
        return and_(is_open, _c.assignee.is_(None), not_(is_mine(viewer)))
    if folder == "others":
        others = true() if "others.read" in viewer.rights else false()
        return and_(is_open, others, _c.assignee.is_not(None), not_(is_mine(viewer)))
    return is_open


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
            query = select(conversations).where(in_folder(asked.folder, viewer), visible(viewer))
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
    """The counters of the open folders; ix_conversations_open has all that is looked at.

    What nobody has and what somebody has lie together there: each is counted whole, and one's own, which are
    few, are taken out. Sums that are grouped would be sorted first.
    """
    seen, is_open = visible(viewer), _c.closed == false()
    own = select(_c.assignee, _UNREAD, _c.waiting_since).where(
        is_mine(viewer), _looked_up(closed=False), seen
    )
    own_free, own_taken = Counter[str](), Counter[str]()
    for row in await conn.execute(own):
        sums = own_free if row.assignee is None else own_taken
        sums.update(total=1, unread=int(row.unread), waiting=int(row.waiting_since is not None))
    free = await _sums(conn, is_open, _c.assignee.is_(None), seen)
    taken = own_taken  # nobody else's is seen without the right
    if "others.read" in viewer.rights:
        taken = await _sums(conn, is_open, _c.assignee.is_not(None), seen)
    return [
        _counts("new", free - own_free),
        _counts("mine", own_free + own_taken),
        _counts("others", taken - own_taken),
        _counts("all", free + taken),
    ]


async def _sums(conn: AsyncConnection, *which: ColumnElement[bool]) -> Counter[str]:
    """How many, how many with something unread, how many whose client waits."""
    unread, waiting = func.count().filter(_UNREAD), func.count(_c.waiting_since)
    query = select(func.count().label("total"), unread.label("unread"), waiting.label("waiting"))
    return Counter(dict((await conn.execute(query.where(*which))).mappings().one()))


def _counts(folder: Folder, sums: Counter[str]) -> FolderCounts:
    return FolderCounts(folder=folder, total=sums["total"], unread=sums["unread"], waiting=sums["waiting"])


async def count_closed(conn: AsyncConnection, viewer: Viewer) -> FolderCounts:
    """Closed ones, up to a thousand; where most are hidden, by what makes one visible."""
    some = select(_c.conversation_id).where(visible(viewer)).limit(COUNTED + 1)
    closed = _c.closed == true()
    if "others.read" in viewer.rights:
        ids: FromClause = some.where(closed).subquery()
    else:
        parts = (
            some.where(closed, _c.assignee.is_(None)),
            some.where(closed, _c.assignee == viewer.operator_id),
            some.where(_looked_up(closed=True), _c.conversation_id.in_(union_all(*_beside(viewer)))),
        )
        ids = union(*(select(part.subquery()) for part in parts)).subquery()
    found = (await conn.execute(select(func.count()).select_from(ids))).scalar_one()
    return FolderCounts(folder="closed", total=min(found, COUNTED), more=found > COUNTED)


def _looked_up(*, closed: bool) -> ColumnElement[bool]:
    """`closed` for rows that are found by their ids: spelled plainly, an index of it would be walked."""
    return case((_c.closed, 1), else_=0) == int(closed)
