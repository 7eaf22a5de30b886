"""Templates (MS6): quick replies, everybody's or one operator's own. An owner's hot key is of one alone."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, Column, Table, Text, and_, func, select, update
from sqlalchemy import delete as delete_from
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contract.commands import DeleteTemplate, PutTemplate
from shared.db.dialect import upsert
from shared.db.types import Key
from store.acting import UNCHANGED, Act, Done, Refused
from store.sights import EVERYBODY, SightText, only
from store.tables import metadata
from store.views import TemplateView

templates: Final = Table(
    "templates",
    metadata,
    Column("template_id", Key, primary_key=True),
    Column("owner", Key, index=True),
    Column("category", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("hotkey", Text),
    Column("version", BigInteger, nullable=False),
)
"""Without an owner a template is everybody's."""

RIGHT: Final = "templates.manage"
KEPT: Final = 1000
"""Templates of one owner."""

_t: Final = templates.c


async def of(conn: AsyncConnection, operator_id: UUID) -> list[TemplateView]:
    """An operator's own first, then everybody's; by category and title."""
    rows = await conn.execute(select(templates).where(_t.owner.is_(None) | (_t.owner == operator_id)))
    found = [TemplateView.model_validate(row) for row in rows.mappings()]
    return sorted(
        found,
        key=lambda one: (one.owner is None, one.category.casefold(), one.title.casefold(), one.template_id),
    )


async def put(act: Act, command: PutTemplate) -> Done:
    """A new one, or all of one anew; a shared one by the right, at whichever end it is shared."""
    known = await _changeable(act, command.template_id)
    owner = None if command.shared else _own(act)
    if command.shared and not act.may(RIGHT):
        raise Refused("no_right", right=RIGHT)
    if (known is None or known.owner != owner) and await _count(act.conn, owner) >= KEPT:
        raise Refused("invalid", reason=f"there are {KEPT} templates already")
    view = TemplateView(
        template_id=command.template_id,
        owner=owner,
        category=command.category,
        title=command.title,
        text=command.text,
        hotkey=command.hotkey,
        version=1 if known is None else known.version + 1,
    )
    if known is not None and known.model_copy(update={"version": view.version}) == view:
        return UNCHANGED
    await _free_key(act, view)
    await act.conn.execute(upsert(act.conn, templates), view.__dict__)
    _tell(act, view, "changed", before=None if known is None else _sight(known), after=_sight(view))
    return Done({"template_id": str(view.template_id)})


async def delete(act: Act, command: DeleteTemplate) -> Done:
    known = await _changeable(act, command.template_id)
    if known is None:
        raise Refused("template_not_found")
    await act.conn.execute(delete_from(templates).where(_t.template_id == known.template_id))
    gone = known.model_copy(update={"version": known.version + 1})
    _tell(act, gone, "deleted", before=_sight(known), after=None)
    return Done({"template_id": str(known.template_id)})


async def _changeable(act: Act, template_id: UUID) -> TemplateView | None:
    """The template, if there is one and whoever asks may change it; another's own is not there for them."""
    row = (await act.conn.execute(select(templates).where(_t.template_id == template_id))).mappings().first()
    if row is None:
        return None
    known = TemplateView.model_validate(row)
    if known.owner is None and not act.may(RIGHT):
        raise Refused("no_right", right=RIGHT)
    if known.owner is not None and (act.viewer is None or known.owner != act.viewer.operator_id):
        raise Refused("template_not_found")
    return known


def _own(act: Act) -> UUID:
    if act.viewer is None:
        raise Refused("invalid", reason="only an operator has templates of their own")
    return act.viewer.operator_id


async def _free_key(act: Act, view: TemplateView) -> None:
    """Takes the hot key from the owner's other template that had it."""
    if view.hotkey is None:
        return
    mine = _t.owner.is_(None) if view.owner is None else _t.owner == view.owner
    others = and_(mine, _t.hotkey == view.hotkey, _t.template_id != view.template_id)
    for row in (await act.conn.execute(select(templates).where(others))).mappings().all():
        before = TemplateView.model_validate(row)
        bare = before.model_copy(update={"hotkey": None, "version": before.version + 1})
        changed = {"hotkey": None, "version": bare.version}
        await act.conn.execute(update(templates).where(_t.template_id == bare.template_id).values(changed))
        _tell(act, bare, "changed", before=_sight(before), after=_sight(bare))


async def _count(conn: AsyncConnection, owner: UUID | None) -> int:
    whose = _t.owner.is_(None) if owner is None else _t.owner == owner
    return (await conn.execute(select(func.count()).select_from(templates).where(whose))).scalar_one()


def _sight(view: TemplateView) -> SightText:
    return EVERYBODY if view.owner is None else only(view.owner)


def _tell(
    act: Act, view: TemplateView, what: str, *, before: SightText | None, after: SightText | None
) -> None:
    act.ledger.feed.add(
        "template", view.template_id, what, view, version=view.version,
        before=before, after=after, cause=act.command_id, traceparent=act.traceparent,
    )  # fmt: skip
