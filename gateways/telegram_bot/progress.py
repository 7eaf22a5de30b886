"""What of a message of several requests Telegram has: kept, so that a pause in the middle repeats nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from gateways.kit.request import UNCONFIRMED_WORDS
from gateways.kit.transactions import Transactions
from shared.clock import Clock
from shared.db.dialect import upsert
from shared.db.engine import reading
from shared.db.types import Instant, Key
from shared.failure import Unavailable, Unconfirmed

KEPT: Final = timedelta(days=2)
"""A message that is not sent by then has expired."""

Taken = list[tuple[int, int]]
"""Chat and number of each message that a request became."""


def steps_table(metadata: sa.MetaData) -> sa.Table:
    """The table `steps`, added to the channel's metadata; its migration creates it."""
    return sa.Table(
        "steps",
        metadata,
        sa.Column("message_id", Key, primary_key=True),
        sa.Column("step", sa.Integer, primary_key=True),
        sa.Column("taken", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Index("steps_at", "at"),
    )


_steps: Final = steps_table(sa.MetaData())


class Progress:
    """Of all messages of this process."""

    def __init__(self, transactions: Transactions, clock: Clock) -> None:
        self._transactions = transactions
        self._clock = clock

    async def known(self, message_id: UUID) -> dict[int, Taken]:
        """The requests that were taken, by their place in the message."""
        query = sa.select(_steps.c.step, _steps.c.taken).where(_steps.c.message_id == message_id)
        async with reading(self._transactions.engine) as conn:
            return {row.step: _read(row.taken) for row in await conn.execute(query)}

    async def keep(self, message_id: UUID, step: int, taken: Sequence[tuple[int, int]]) -> None:
        """One more was taken; raises `Unconfirmed` where that cannot be written: it would be sent again."""
        now = self._clock.now()
        row = {"message_id": message_id, "step": step, "taken": json.dumps(list(taken)), "at": now}
        try:
            async with self._transactions.writing() as conn:
                await conn.execute(sa.delete(_steps).where(_steps.c.at < now - KEPT))
                await conn.execute(upsert(conn, _steps), row)
        except Unavailable:
            raise Unconfirmed(UNCONFIRMED_WORDS) from None


def _read(taken: str) -> Taken:
    return [(chat, number) for chat, number in json.loads(taken)]
