"""Reading and writing dialogs with their conversations: set-based, one statement each.

The hot path: a batch reads its dialogs in one query and writes them in two `executemany` upserts.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from router.dialog import Dialog
from router.tables import conversations, dialogs
from shared.contract.events import ConversationState, Offer
from shared.contract.people import Actor, DialogRef
from shared.db.dialect import upsert
from shared.db.direct import rows, run

_MOST: Final = 256
"""Dialogs that are read with one query."""

_COLUMNS: Final = [column for column in conversations.c if column.name not in ("dialog_id", "offer_until")]
_STATE: Final = tuple(column.name for column in _COLUMNS)
_OF_DIALOG: Final = ("last_heard", "spoken_version", "spoken_by", "declined")

_select: Final = select(
    dialogs.c.dialog_id,
    dialogs.c.channel,
    dialogs.c.account,
    dialogs.c.chat,
    dialogs.c.kind,
    dialogs.c.version.label("dialog_version"),
    dialogs.c.provider,
    *(dialogs.c[name] for name in _OF_DIALOG),
    *(column for column in _COLUMNS if column.name != "conversation_id"),
    conversations.c.conversation_id,
).select_from(dialogs.outerjoin(conversations, dialogs.c.conversation_id == conversations.c.conversation_id))
_by_ids: Final = _select.where(dialogs.c.dialog_id.in_(bindparam("ids", expanding=True)))
_open_after: Final = (
    _select.where(conversations.c.status != "closed", dialogs.c.dialog_id > bindparam("after"))
    .order_by(dialogs.c.dialog_id)
    .limit(bindparam("limit"))
)

_offers_over: Final = (
    _select.where(conversations.c.offer_until <= bindparam("now"), conversations.c.status != "closed")
    .order_by(conversations.c.offer_until)
    .limit(bindparam("limit"))
)
_silent: Final = (
    _select.where(
        conversations.c.status == "active",
        conversations.c.last_message_at <= bindparam("before"),
        dialogs.c.channel == bindparam("channel"),
        dialogs.c.account == bindparam("account"),
    )
    .order_by(conversations.c.last_message_at)
    .limit(bindparam("limit"))
)


async def dialogs_by_id(conn: AsyncConnection, ids: Iterable[UUID]) -> dict[UUID, Dialog]:
    """Those of these dialogs that are known."""
    wanted = list(ids)
    found: dict[UUID, Dialog] = {}
    for start in range(0, len(wanted), _MOST):
        for row in await rows(conn, _by_ids, {"ids": wanted[start : start + _MOST]}):
            found[row.dialog_id] = _dialog(row)
    return found


async def open_dialogs(conn: AsyncConnection, page: int = 500) -> AsyncIterator[list[Dialog]]:
    """All dialogs with an open conversation, by pages."""
    after = UUID(int=0)
    while found := await rows(conn, _open_after, {"after": after, "limit": page}):
        after = found[-1].dialog_id
        yield [_dialog(row) for row in found]


async def standing(conn: AsyncConnection) -> AsyncIterator[Dialog]:
    """Every dialog with an open conversation, for what is derived of them."""
    async for page in open_dialogs(conn, page=1000):
        for dialog in page:
            yield dialog


async def offers_over(conn: AsyncConnection, now: datetime, limit: int) -> list[Dialog]:
    """Dialogs whose offer's time is over, the longest first."""
    return [_dialog(row) for row in await rows(conn, _offers_over, {"now": now, "limit": limit})]


async def silent(
    conn: AsyncConnection, channel: str, account: str, before: datetime, limit: int
) -> list[Dialog]:
    """Dialogs of an account, active, in which nobody has written since then."""
    given = {"channel": channel, "account": account, "before": before, "limit": limit}
    return [_dialog(row) for row in await rows(conn, _silent, given)]


async def save_dialogs(conn: AsyncConnection, changed: Sequence[Dialog], moved: Sequence[Dialog]) -> None:
    """Writes `changed` dialogs, and the conversations of those that `moved`."""
    if moved:
        states = [_conversation_values(dialog) for dialog in moved]
        await run(conn, upsert(conn, conversations), states)
    if changed:
        await run(conn, upsert(conn, dialogs), [_dialog_values(dialog) for dialog in changed])


def _dialog(row: Any) -> Dialog:
    ref = DialogRef.model_construct(
        dialog_id=row.dialog_id, channel=row.channel, account=row.account, chat=row.chat, kind=row.kind
    )
    state = None if row.conversation_id is None else _conversation(row)
    return Dialog(
        ref,
        row.dialog_version,
        row.provider,
        state,
        row.last_heard,
        row.spoken_version,
        row.spoken_by,
        tuple(UUID(one) for one in row.declined),
    )


def _conversation(row: Any) -> ConversationState:
    values = {name: getattr(row, name) for name in _STATE}
    values["participants"] = tuple(UUID(one) for one in values["participants"])
    if values["closed_by"] is not None:
        values["closed_by"] = Actor.model_construct(**values["closed_by"])
    if values["offer"] is not None:
        values["offer"] = Offer.model_validate(values["offer"])
    return ConversationState.model_construct(**values)


def _conversation_values(dialog: Dialog) -> dict[str, Any]:
    state = dialog.conversation
    if state is None:
        raise LookupError(f"dialog {dialog.dialog_id} moved without a conversation")
    values = {name: getattr(state, name) for name in _STATE}
    values["dialog_id"] = dialog.dialog_id
    values["closed_by"] = None if state.closed_by is None else state.closed_by.model_dump(exclude_none=True)
    offer = state.offer
    values["offer"] = None if offer is None else offer.model_dump(mode="json", exclude_none=True)
    values["offer_until"] = None if offer is None else offer.until
    return values


def _dialog_values(dialog: Dialog) -> dict[str, Any]:
    ref = dialog.ref
    return {
        "dialog_id": ref.dialog_id,
        "channel": ref.channel,
        "account": ref.account,
        "chat": ref.chat,
        "kind": ref.kind,
        "version": dialog.version,
        "provider": dialog.provider,
        "conversation_id": dialog.conversation.conversation_id if dialog.conversation else None,
        "last_heard": dialog.last_heard,
        "spoken_version": dialog.spoken_version,
        "spoken_by": dialog.spoken_by,
        "declined": dialog.declined,
    }
