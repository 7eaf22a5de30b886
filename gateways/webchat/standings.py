"""Where dialogs stand, read for many at once: what is there, what was seen, what is still on its way."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gateways.webchat.entries import Standing
from gateways.webchat.tables import dialogs, mailbox, receipts
from shared.db.direct import rows

_wanted: Final[sa.BindParameter[Any]] = sa.bindparam("wanted", expanding=True)
_standing: Final = (
    sa.select(
        dialogs.c.dialog_id,
        dialogs.c.last_seq,
        dialogs.c.seen_seq,
        (dialogs.c.closed_seq > dialogs.c.said_seq).label("closed"),
        sa.func.coalesce(receipts.c.delivered_seq, 0).label("delivered_seq"),
        sa.func.coalesce(receipts.c.read_seq, 0).label("read_seq"),
    )
    .select_from(dialogs.outerjoin(receipts, receipts.c.dialog_id == dialogs.c.dialog_id))
    .where(dialogs.c.dialog_id.in_(_wanted))
)
_last_of_ours: Final = sa.select(sa.func.max(mailbox.c.seq)).where(
    mailbox.c.dialog_id == sa.bindparam("of_dialog"),
    mailbox.c.seq <= sa.bindparam("of_seq"),
    mailbox.c.kind == "msg",
    mailbox.c.author != "client",
)
_first_of: Final = (
    sa.select(mailbox.c.dialog_id, sa.func.min(mailbox.c.seq).label("first"))
    .where(
        mailbox.c.dialog_id.in_(sa.bindparam("dialogs", expanding=True)),
        mailbox.c.message_id.in_(_wanted),
    )
    .group_by(mailbox.c.dialog_id)
)


async def standings(conn: AsyncConnection, wanted: Collection[UUID]) -> dict[UUID, Standing]:
    """Where each of these dialogs stands; one without messages is absent."""
    return {
        dialog: Standing(*standing)
        for dialog, *standing in await rows(conn, _standing, {"wanted": list(wanted)})
    }


async def last_of_ours(conn: AsyncConnection, dialog_id: UUID, up_to: int) -> int:
    """The number of the last message of ours up to this number; 0 where there is none."""
    [[found]] = await rows(conn, _last_of_ours, {"of_dialog": dialog_id, "of_seq": up_to})
    return found or 0


async def first_of(conn: AsyncConnection, messages: Mapping[UUID, Collection[UUID]]) -> dict[UUID, int]:
    """The number of the first of these messages, by dialog."""
    if not messages:
        return {}
    wanted = [one for some in messages.values() for one in some]
    found = await rows(conn, _first_of, {"dialogs": list(messages), "wanted": wanted})
    return {row.dialog_id: row.first for row in found}
