"""Conversations as rows: the router's small state, and the client and last words beside it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, delete, false, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contract.content import Content
from shared.contract.events import ConversationState
from shared.db.dialect import upsert
from shared.db.direct import rows, run
from store.dialogs import Dialog
from store.tables import conversations, participants
from store.views import ConversationView

TEXT_SHOWN: Final = 200
"""Characters of the last message in a list."""

MOST_OPEN: Final = 100
"""Of one contact, looked at together."""

_KEY: Final = "conversation_id"
_MOVING: Final = (
    "title", "client_name", "waiting_since", "unread", "marked_unread", "last_message_at", "last_author",
    "last_message_id", "last_text", "last_kind", "last_position", "free_text_until", "visit", "version",
    "active_at",
)  # fmt: skip
"""What messages change. Written alone it spares most indexes: SQLite rewrites those of every column set."""
_STANDING: Final = tuple(name for name in ConversationView.model_fields if name not in _MOVING)
_move: Final = (
    update(conversations)
    .where(conversations.c.conversation_id == bindparam("id"))
    .values({name: bindparam(f"new_{name}") for name in _MOVING})
)
_by_ids: Final = select(conversations).where(
    conversations.c.conversation_id.in_(bindparam("ids", expanding=True))
)


def opened(state: ConversationState, dialog: Dialog) -> ConversationView:
    """The view of a conversation that is heard of for the first time, before its state is taken."""
    return ConversationView(
        conversation_id=state.conversation_id,
        dialog_id=dialog.dialog_id,
        channel=dialog.channel,
        account=dialog.full_account,
        kind=dialog.kind,
        status=state.status,
        opened_at=state.opened_at,
    )


def preview(content: Content) -> tuple[str | None, str | None]:
    """The beginning of a message's words, and what it is."""
    said = content.text or next((part.text for part in content.parts if part.kind == "template"), None) or ""
    words = " ".join(said[: TEXT_SHOWN * 2].replace("\x00", "").split())[:TEXT_SHOWN]
    kind = next((part.kind for part in content.parts if part.kind != "text"), "text" if words else None)
    return words or None, kind


async def load(conn: AsyncConnection, ids: Collection[UUID]) -> dict[UUID, ConversationView]:
    """Those of these conversations that are known."""
    if not ids:
        return {}
    found = await rows(conn, _by_ids, {"ids": list(ids)})
    return {row.conversation_id: ConversationView.model_validate(row._asdict()) for row in found}


async def open_of(conn: AsyncConnection, contact_id: UUID) -> list[ConversationView]:
    """The open conversations of a contact, the latest ones where there are very many."""
    theirs = (conversations.c.contact_id == contact_id, conversations.c.closed == false())
    query = select(conversations).where(*theirs).order_by(conversations.c.active_at.desc()).limit(MOST_OPEN)
    return [ConversationView.model_validate(row) for row in (await conn.execute(query)).mappings()]


async def save(conn: AsyncConnection, changed: Iterable[ConversationView]) -> None:
    """Writes whole rows, new or known."""
    whole = [_values(view) for view in changed]
    if whole:
        await run(conn, upsert(conn, conversations, [name for name in whole[0] if name != _KEY]), whole)


def only_moved(known: ConversationView, view: ConversationView) -> bool:
    """Whether nothing but what messages change differs."""
    before, after = known.__dict__, view.__dict__
    return all(before[name] == after[name] for name in _STANDING)


async def move(conn: AsyncConnection, changed: Iterable[ConversationView]) -> None:
    """Writes what messages change, of known conversations."""
    rows = ((view.conversation_id, _values(view)) for view in changed)
    moved = [{"id": id_, **{f"new_{name}": row[name] for name in _MOVING}} for id_, row in rows]
    if moved:
        await run(conn, _move, moved)


async def save_participants(conn: AsyncConnection, changed: Iterable[ConversationView]) -> None:
    """Writes who takes part, for those conversations where it changed."""
    views = list(changed)
    if not views:
        return
    ids = [view.conversation_id for view in views]
    await conn.execute(delete(participants).where(participants.c.conversation_id.in_(ids)))
    whole = [
        {_KEY: view.conversation_id, "operator_id": one} for view in views for one in set(view.participants)
    ]
    if whole:
        await conn.execute(participants.insert(), whole)


def _values(view: ConversationView) -> dict[str, Any]:
    offer = view.offer
    return {
        **view.__dict__,
        "offered_to": None if offer is None else offer.operator_id,
        "offered_group": None if offer is None else offer.group,
        "closed": view.status == "closed",
        "active_at": view.last_message_at or view.opened_at,
    }
