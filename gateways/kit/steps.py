"""What of a message of several requests the provider has already: a "later" in the middle repeats nothing.

    known ──▶ the next request ──▶ keep ──▶ …      after the last, `Sent` has the names of all in their order

Between the provider's answer and our row nobody may ask for the message again: what cannot be kept is
`Unconfirmed`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from gateways.kit.channel import Sent
from gateways.kit.request import UNCONFIRMED_WORDS
from gateways.kit.transactions import Transactions
from shared.clock import Clock
from shared.db.dialect import upsert
from shared.db.engine import reading
from shared.db.types import Instant, Json, Key
from shared.failure import Rejected, Unavailable, Unconfirmed

KEPT: Final = timedelta(days=2)
"""A message that is not sent by then has expired."""


def steps_table(metadata: sa.MetaData) -> sa.Table:
    """The table `steps`, added to a channel's own metadata where it needs it; its migration creates it."""
    return sa.Table(
        "steps",
        metadata,
        sa.Column("message_id", Key, primary_key=True),
        sa.Column("step", sa.Integer, primary_key=True),
        sa.Column("external_ids", Json, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=True),
        sa.Column("at", Instant, nullable=False),
        sa.Index("steps_at", "at"),
    )


_steps: Final = steps_table(sa.MetaData())


class Steps:
    """Of all messages of this process."""

    def __init__(self, transactions: Transactions, clock: Clock) -> None:
        self._transactions = transactions
        self._clock = clock

    async def known(self, message_id: UUID) -> dict[int, Sent]:
        """What the requests became that were taken, by their place in the message; raises `Unavailable`."""
        query = sa.select(_steps).where(_steps.c.message_id == message_id)
        async with reading(self._transactions.engine) as conn:
            return {
                row.step: Sent(tuple(row.external_ids), row.sequence) for row in await conn.execute(query)
            }

    async def keep(self, message_id: UUID, step: int, sent: Sent) -> None:
        """One more was taken; raises `Unconfirmed`."""
        now = self._clock.now()
        row = {
            "message_id": message_id,
            "step": step,
            "external_ids": list(sent.external_ids),
            "sequence": sent.sequence,
            "at": now,
        }
        try:
            async with self._transactions.writing() as conn:
                await conn.execute(sa.delete(_steps).where(_steps.c.at < now - KEPT))
                await conn.execute(upsert(conn, _steps), row)
        except Unavailable:
            raise Unconfirmed(UNCONFIRMED_WORDS) from None


def refused_after(sent: int, of: int, refused: Rejected) -> Rejected:
    """The refusal, with how many of so many requests were taken before it: sent again, they would repeat."""
    if not sent:
        return refused
    return Rejected(refused.code, f"{refused.words} Of {of} parts {sent} were sent before.")
