"""How many conversations stand in a folder and in an account, with something unread, with a client who waits.

Counting looks at open conversations, of which there are few, and at no more than a thousand closed ones.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Final

from sqlalchemy import ColumnElement, FromClause, false, func, or_, select, true, union, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.access import Viewer
from store.api.answers import AccountCounts, Folder, FolderCounts
from store.api.standing import beside, is_mine, looked_up, visible
from store.tables import conversations

COUNTED: Final = 1000

_c: Final = conversations.c
_UNREAD: Final = or_(_c.unread > 0, _c.marked_unread).label("unread")

_Sums = defaultdict[str, Counter[str]]
"""By account: `total`, `unread`, `waiting`."""


async def count_open(conn: AsyncConnection, viewer: Viewer) -> tuple[list[FolderCounts], list[AccountCounts]]:
    """The counters of the open folders and of accounts; ix_conversations_open has all that is looked at.

    It is walked once, in its own order, account by account and in each by who has them; one's own, which are
    few, are taken out. Sums that are grouped otherwise would be sorted first.
    """
    seen, is_open = visible(viewer), _c.closed == false()
    own = is_mine(viewer), looked_up(closed=False), seen
    own_free, own_taken = await _counted(conn, *own)
    of_groups = Counter[str]()
    if viewer.groups:
        offered, held = await _counted(conn, *own, _c.offered_group.in_(sorted(viewer.groups)))
        of_groups = _all(offered) + _all(held)
    if "others.read" in viewer.rights:
        free, taken = await _counted(conn, is_open, seen)
    else:
        free, _ = await _counted(conn, is_open, _c.assignee.is_(None), seen)
        taken = own_taken  # nobody else's is seen without the right
    folders = [
        _folder("new", _all(free) - _all(own_free)),
        _folder("mine", _all(own_free) + _all(own_taken)),
        _folder("group", of_groups),
        _folder("others", _all(taken) - _all(own_taken)),
        _folder("all", _all(free) + _all(taken)),
    ]
    return folders, [_account(one, free[one] + taken[one]) for one in sorted({*free, *taken})]


def _sums() -> _Sums:
    return defaultdict(Counter)


async def _counted(conn: AsyncConnection, *which: ColumnElement[bool]) -> tuple[_Sums, _Sums]:
    """How many, how many with something unread, how many whose client waits: what nobody has, and what
    somebody has."""
    unread, waiting = func.count().filter(_UNREAD), func.count(_c.waiting_since)
    sums = func.count().label("total"), unread.label("unread"), waiting.label("waiting")
    query = select(_c.account, _c.assignee, *sums).where(*which).group_by(_c.account, _c.assignee)
    free, taken = _sums(), _sums()
    for account, assignee, *row in await conn.execute(query):
        found = free if assignee is None else taken
        found[account].update(dict(zip(("total", "unread", "waiting"), row, strict=True)))
    return free, taken


def _all(sums: _Sums) -> Counter[str]:
    return sum(sums.values(), Counter[str]())


def _folder(folder: Folder, sums: Counter[str]) -> FolderCounts:
    return FolderCounts(folder=folder, total=sums["total"], unread=sums["unread"], waiting=sums["waiting"])


def _account(account: str, sums: Counter[str]) -> AccountCounts:
    return AccountCounts(account=account, total=sums["total"], unread=sums["unread"], waiting=sums["waiting"])


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
            some.where(looked_up(closed=True), _c.conversation_id.in_(union_all(*beside(viewer)))),
        )
        ids = union(*(select(part.subquery()) for part in parts)).subquery()
    found = (await conn.execute(select(func.count()).select_from(ids))).scalar_one()
    return FolderCounts(folder="closed", total=min(found, COUNTED), more=found > COUNTED)
