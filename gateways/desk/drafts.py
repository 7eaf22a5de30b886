"""What operators have begun to write, a text a dialog, on all their devices (UI8). The last writing wins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateways.desk.tables import drafts
from shared.db.dialect import upsert

LONGEST: Final = 50_000
"""Characters: as long as a reply may be."""
MOST: Final = 500
"""Drafts of one operator; the oldest go."""

_d: Final = drafts.c


@dataclass(frozen=True, slots=True)
class Draft:
    dialog_id: UUID
    text: str
    saved_at: datetime


async def of(conn: AsyncConnection, operator_id: UUID) -> list[Draft]:
    """All of this operator, the latest first."""
    query = select(_d.dialog_id, _d.text, _d.saved_at).where(_d.operator_id == operator_id)
    rows = await conn.execute(query.order_by(_d.saved_at.desc(), _d.dialog_id))
    return [Draft(*row) for row in rows]


async def save(conn: AsyncConnection, operator_id: UUID, dialog_id: UUID, text: str, now: datetime) -> None:
    row = {"operator_id": operator_id, "dialog_id": dialog_id, "text": text, "saved_at": now}
    await conn.execute(upsert(conn, drafts).values(row))
    mine = select(_d.dialog_id).where(_d.operator_id == operator_id)
    beyond = mine.order_by(_d.saved_at.desc(), _d.dialog_id).offset(MOST)
    await conn.execute(delete(drafts).where(_d.operator_id == operator_id, _d.dialog_id.in_(beyond)))


async def forget(conn: AsyncConnection, operator_id: UUID, dialog_id: UUID) -> None:
    await conn.execute(delete(drafts).where(_d.operator_id == operator_id, _d.dialog_id == dialog_id))
