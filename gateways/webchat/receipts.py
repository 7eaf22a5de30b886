"""How far visitors are with what is ours: kept beside the facts that tell it, so that each is told once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from gateways.webchat.tables import receipts
from shared.db.dialect import is_sqlite
from shared.db.direct import run


@dataclass(frozen=True, slots=True)
class Reached:
    """A visitor has, or has read, everything up to these numbers."""

    dialog_id: UUID
    delivered_seq: int
    read_seq: int


async def keep(conn: AsyncConnection, reached: Collection[Reached]) -> None:
    """It only ever grows. In the order of dialogs, so that no two of these wait for each other."""
    rows = [
        {"dialog_id": one.dialog_id, "delivered_seq": one.delivered_seq, "read_seq": one.read_seq}
        for one in sorted(reached, key=lambda one: one.dialog_id)
    ]
    if rows:
        await run(conn, _grow(is_sqlite(conn)), rows)


@cache
def _grow(on_sqlite: bool) -> sqlite.Insert | postgresql.Insert:
    statement = sqlite.insert(receipts) if on_sqlite else postgresql.insert(receipts)
    names = ("delivered_seq", "read_seq")
    new: Any = statement.excluded
    later = {
        name: sa.case((new[name] > receipts.c[name], new[name]), else_=receipts.c[name]) for name in names
    }
    return statement.on_conflict_do_update(index_elements=["dialog_id"], set_=later)
