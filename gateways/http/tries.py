"""How often a notice was not taken: the pause grows with it, and it survives us."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gateways.http.tables import tries
from shared.db.dialect import upsert

FIRST_SECONDS: Final = 1.0
LONGEST_SECONDS: Final = 3600.0
KEPT: Final = timedelta(days=30)
_MOST_WORDS: Final = 500


@dataclass(frozen=True, slots=True)
class Tried:
    failures: int
    words: str


def pause_seconds(count: int, chance: float) -> float:
    """The pause after so many tries, from 1; `chance` from 0 to 1 spreads it between a half and the whole."""
    whole = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(count - 1, 30))
    return whole * (0.5 + chance / 2)


async def failed(conn: AsyncConnection, notice: UUID, words: str, now: datetime) -> float:
    """Counts one more try that was in vain; the seconds until the next."""
    known = (await found(conn, [notice])).get(notice)
    count = 1 if known is None else known.failures + 1
    row = {"notice": notice, "failures": count, "words": words[:_MOST_WORDS], "at": now}
    await conn.execute(upsert(conn, tries), row)
    await conn.execute(sa.delete(tries).where(tries.c.at < now - KEPT))
    return pause_seconds(count, random.random())  # noqa: S311  # spreads what comes back, no secret


async def found(conn: AsyncConnection, notices: Collection[UUID]) -> Mapping[UUID, Tried]:
    """What is known of these; absent: taken at once, or never tried."""
    rows = await conn.execute(sa.select(tries).where(tries.c.notice.in_(list(notices))))
    return {row.notice: Tried(row.failures, row.words) for row in rows}


async def forget(conn: AsyncConnection, notices: Collection[UUID]) -> None:
    """They begin anew."""
    await conn.execute(sa.delete(tries).where(tries.c.notice.in_(list(notices))))
