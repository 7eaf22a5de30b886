"""Which conversations an operator sees, and in which folder each stands: the predicate of access as SQL."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, false, not_, select, true, union_all

from shared.access import Viewer, sight
from store.api.answers import Folder
from store.tables import conversations, participants

_c: Final = conversations.c
_ids: Final = select(_c.conversation_id).correlate(None)


def visible(viewer: Viewer) -> ColumnElement[bool]:
    """Which conversations `viewer` may see."""
    return sight(viewer).sql(_c, participants)


def is_mine(viewer: Viewer) -> ColumnElement[bool]:
    """Whose assignee or participant `viewer` is, and what is offered to them or to a group of theirs.

    A set that is gathered once from indexes; never null, so that it can be denied.
    """
    held = _ids.where(_c.closed == false(), _c.account.in_(sorted(viewer.accounts)))
    return _c.conversation_id.in_(union_all(held.where(_c.assignee == viewer.operator_id), *beside(viewer)))


def beside(viewer: Viewer) -> tuple[Select[Any], ...]:
    """Ids of what `viewer` takes part in or is offered, open and closed."""
    taking_part = select(participants.c.conversation_id).where(
        participants.c.operator_id == viewer.operator_id
    )
    offered = _ids.where(_c.offered_to == viewer.operator_id)
    return taking_part, offered, _ids.where(_c.offered_group.in_(sorted(viewer.groups)))


def in_folder(folder: Folder, viewer: Viewer, *, by_name: bool = False) -> ColumnElement[bool]:
    """Which of the visible conversations stand in a folder: each open one in just one of new, mine, others.

    mine: assignee, participant, or offered to me or to a group of mine, whatever its assignee; of the rest,
    new: nobody is responsible (`offered` too); others: somebody is, and I have the right `others.read`. Of
    mine, group: offered to a group of mine. The page applies the same rule: `stands`. `by_name`: they are
    found by their clients, not by the folder.
    """
    is_open = looked_up(closed=False) if by_name else _c.closed == false()
    if folder == "closed":
        return looked_up(closed=True) if by_name else _c.closed == true()
    if folder == "mine":
        return and_(is_mine(viewer), looked_up(closed=False))
    if folder == "group":
        return and_(_c.offered_group.in_(sorted(viewer.groups)), looked_up(closed=False))
    if folder == "new":
        return and_(is_open, _c.assignee.is_(None), not_(is_mine(viewer)))
    if folder == "others":
        others = true() if "others.read" in viewer.rights else false()
        return and_(is_open, others, _c.assignee.is_not(None), not_(is_mine(viewer)))
    return is_open


def looked_up(*, closed: bool) -> ColumnElement[bool]:
    """`closed` for rows that are found by their ids: spelled plainly, an index of it would be walked."""
    return case((_c.closed, 1), else_=0) == int(closed)
