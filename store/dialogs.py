"""Dialogs: the endless threads, and how far each has been heard, delivered and read."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contract.people import DialogRef
from shared.db.dialect import upsert
from shared.db.direct import rows, run
from store.position import Heard
from store.tables import dialogs

_by_ids: Final = select(dialogs).where(dialogs.c.dialog_id.in_(bindparam("ids", expanding=True)))


class Dialog(NamedTuple):
    """Positions are those of history; 0: nothing yet. `number` stands for the id in the store's indexes.

    `conversation_id` is its latest conversation.
    """

    dialog_id: UUID
    number: int
    channel: str
    account: str
    chat: str
    kind: Literal["personal", "group"]
    title: str | None = None
    contact_id: UUID | None = None
    conversation_id: UUID | None = None
    last_position: int = 0
    last_sequence: int | None = None
    heard_to: int = 0
    delivered_to: int = 0
    read_to: int = 0

    @property
    def heard(self) -> Heard:
        return Heard(self.last_sequence, self.heard_to)

    @property
    def full_account(self) -> str:
        """`channel.account`."""
        return f"{self.channel}.{self.account}"


def born(ref: DialogRef, number: int) -> Dialog:
    """A dialog that nothing was heard in yet."""
    return Dialog(ref.dialog_id, number, ref.channel, ref.account, ref.chat, ref.kind)


async def load(conn: AsyncConnection, ids: Collection[UUID]) -> dict[UUID, Dialog]:
    """Those of these dialogs that are known."""
    if not ids:
        return {}
    found = await rows(conn, _by_ids, {"ids": list(ids)})
    return {row.dialog_id: Dialog(*row) for row in found}


async def last_number(conn: AsyncConnection) -> int:
    """The highest number that a dialog has; 0 without any."""
    found: int | None = (await conn.execute(select(func.max(dialogs.c.number)))).scalar()
    return found or 0


async def save(conn: AsyncConnection, changed: Iterable[Dialog]) -> None:
    """Writes whole rows, new or known."""
    whole: list[dict[str, Any]] = [dialog._asdict() for dialog in changed]
    if whole:
        await run(conn, upsert(conn, dialogs), whole)
