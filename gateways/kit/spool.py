"""Facts that are safe in the gateway's database and not yet known to be with the broker.

A row is written in the transaction that accepts the provider's message, and goes away after the broker's
confirm. Rows of a dialog are published in the order of their ids, by whoever publishes any of them; a repeat
is harmless, because a fact has one id for ever. Published by gateways/kit/courier.py.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from gateways.kit.media import Wanted
from shared.bus.outgoing import Outgoing
from shared.db.dialect import database_micros, is_sqlite, micros_of
from shared.db.direct import rows, run
from shared.db.types import Key
from shared.topology import INBOUND


def spool_table(metadata: sa.MetaData) -> sa.Table:
    """The table `spool`, added to a gateway's own metadata; its migration creates it."""
    return sa.Table(
        "spool",
        metadata,
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True
        ),
        sa.Column("fact_id", Key, nullable=False, unique=True),
        sa.Column("dialog_id", Key, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("routing_key", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("reports", Key, nullable=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Index("spool_dialog", "dialog_id", "id"),
        sa.Index("spool_at", "account", "at"),
    )


_TRACEPARENT: Final = b'"traceparent":"'

_spool: Final = spool_table(sa.MetaData())
_of_dialogs: Final = _spool.c.dialog_id.in_(sa.bindparam("wanted", expanding=True))
_waiting: Final = sa.select(_spool.c.dialog_id, _spool.c.fact_id).where(_of_dialogs)
_oldest: Final = (
    sa.select(_spool).where(_of_dialogs).order_by(_spool.c.id).limit(sa.bindparam("most", type_=sa.Integer))
)
_forget: Final = sa.delete(_spool).where(_spool.c.fact_id == sa.bindparam("fact"))


@cache
def _insert(on_sqlite: bool) -> sqlite.Insert | postgresql.Insert:
    statement = sqlite.insert(_spool) if on_sqlite else postgresql.insert(_spool)
    return statement.values(at=micros_of(on_sqlite=on_sqlite)).on_conflict_do_nothing()


@dataclass(frozen=True, slots=True)
class SpoolRow:
    """A fact on its way. `reports` names the journal's message whose outcome it tells.

    `files` that it names and that are still at the provider stand in gateways/kit/media.py, not here.
    """

    fact_id: UUID
    dialog_id: UUID
    account: str
    routing_key: str
    type: str
    body: bytes
    reports: UUID | None = None
    files: tuple[Wanted, ...] = ()

    @property
    def trace(self) -> str:
        """The trace id of the envelope in the body, read without decoding the rest."""
        return (self.traceparent or "")[3:35]

    @property
    def traceparent(self) -> str | None:
        """That of the envelope, in the same way."""
        start = self.body.find(_TRACEPARENT)
        return None if start < 0 else self.body[start + 15 : start + 70].decode("ascii", "replace")

    def outgoing(self) -> Outgoing:
        """The fact as it is published: persistent, under the id that makes repeats harmless."""
        return Outgoing(INBOUND, self.routing_key, self.body, str(self.fact_id), self.type)


@dataclass(frozen=True, slots=True)
class SpoolSize:
    messages: int
    bytes: int
    oldest_seconds: float


async def waiting(conn: AsyncConnection, dialogs: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """The facts of these dialogs that stand in the spool, by dialog. Dialogs without any are absent."""
    found: dict[UUID, set[UUID]] = {}
    for dialog, fact in await rows(conn, _waiting, {"wanted": list(dialogs)}):
        found.setdefault(dialog, set()).add(fact)
    return found


async def add(conn: AsyncConnection, facts: Sequence[SpoolRow]) -> None:
    """Writes facts, in this order; one that stands there already stays as it is."""
    if facts:
        await run(conn, _insert(is_sqlite(conn)), [_values(row) for row in facts])


async def load(conn: AsyncConnection, dialogs: Collection[UUID], limit: int) -> list[SpoolRow]:
    """The oldest facts of these dialogs, in the order in which they must be published."""
    oldest = await rows(conn, _oldest, {"wanted": list(dialogs), "most": limit})
    return [
        SpoolRow(row.fact_id, row.dialog_id, row.account, row.routing_key, row.type, row.body, row.reports)
        for row in oldest
    ]


async def forget(conn: AsyncConnection, facts: Collection[UUID]) -> None:
    """Removes what the broker confirmed."""
    if facts:
        await run(conn, _forget, [{"fact": fact} for fact in facts])


async def orphaned(conn: AsyncConnection, account: str, seconds: float, limit: int = 500) -> list[UUID]:
    """Dialogs of an account with facts that have waited longer than `seconds`: their replica may be dead."""
    too_old = database_micros(conn) - int(seconds * 1_000_000)
    query = (
        sa.select(_spool.c.dialog_id)
        .where(_spool.c.account == account, _spool.c.at < too_old)
        .group_by(_spool.c.dialog_id)
        .order_by(sa.func.min(_spool.c.at))
        .limit(limit)
    )
    return list((await conn.execute(query)).scalars())


async def size(conn: AsyncConnection) -> SpoolSize:
    """How much waits, for metrics."""
    count, octets, oldest, now = (
        await conn.execute(
            sa.select(
                sa.func.count(),
                sa.func.coalesce(sa.func.sum(sa.func.length(_spool.c.body)), 0),
                sa.func.min(_spool.c.at),
                database_micros(conn),
            ).select_from(_spool)
        )
    ).one()
    return SpoolSize(count, int(octets), 0.0 if oldest is None else max(0.0, (now - oldest) / 1e6))


def _values(row: SpoolRow) -> dict[str, Any]:
    return {
        "fact_id": row.fact_id,
        "dialog_id": row.dialog_id,
        "account": row.account,
        "routing_key": row.routing_key,
        "type": row.type,
        "body": row.body,
        "reports": row.reports,
    }
