"""What a request with an Idempotency-Key was answered: it is answered so again; other words are refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gateways.http.refusals import KEY_USED
from gateways.http.tables import answers
from shared.db.dialect import insert
from shared.http.problem import Problem

KEPT: Final = timedelta(days=7)

Ids = Sequence[UUID | None]


@dataclass(frozen=True, slots=True)
class Key:
    """The key of a request of an account, and the name of what it says."""

    account: str
    key: str
    digest: str


async def given(conn: AsyncConnection, key: Key) -> Ids | None:
    """What it was answered; none where it is new. Raises `Problem` for a key of other words."""
    query = sa.select(answers.c.digest, answers.c.ids).where(
        answers.c.account == key.account, answers.c.key == key.key
    )
    known = (await conn.execute(query)).one_or_none()
    if known is None:
        return None
    if known.digest != key.digest:
        raise Problem(KEY_USED)
    return [None if one is None else UUID(one) for one in known.ids]


async def give(conn: AsyncConnection, key: Key, ids: Ids, now: datetime) -> None:
    """Keeps the answer, in the transaction that makes safe what was said. Raises `Problem` as `given`."""
    await conn.execute(sa.delete(answers).where(answers.c.at < now - KEPT))
    row = {"account": key.account, "key": key.key, "digest": key.digest, "at": now}
    ids_as_text = [None if one is None else str(one) for one in ids]
    await conn.execute(insert(conn, answers).on_conflict_do_nothing(), row | {"ids": ids_as_text})
    await given(conn, key)
