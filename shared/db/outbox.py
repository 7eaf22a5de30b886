"""Messages that were decided in a transaction and are not yet known to be with the broker.

Their ids are given by the one active process, one by one, so the order of ids is the order of decisions and
of publishing. A row goes away in a later transaction, by its id, after the broker confirmed it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    LargeBinary,
    MetaData,
    Table,
    Text,
    bindparam,
    delete,
    func,
    insert,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.bus.outgoing import Outgoing
from shared.db.direct import run
from shared.db.types import Instant, Json


def outbox_table(metadata: MetaData) -> Table:
    """The table `outbox`, added to a service's own metadata; its migration creates it."""
    return Table(
        "outbox",
        metadata,
        Column("id", BigInteger, primary_key=True, autoincrement=False),
        Column("exchange", Text, nullable=False),
        Column("routing_key", Text, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("message_id", Text, nullable=False),
        Column("type", Text, nullable=False),
        Column("extra", Json, nullable=True),
        Column("at", Instant, nullable=False),
    )


_outbox: Final = outbox_table(MetaData())
_insert: Final = insert(_outbox)
_forget: Final = delete(_outbox).where(_outbox.c.id.between(bindparam("first"), bindparam("last")))
_all: Final = select(_outbox).order_by(_outbox.c.id)


async def add(conn: AsyncConnection, rows: Sequence[tuple[int, Outgoing]], now: datetime) -> None:
    """Writes messages under ids that the caller gave them."""
    if rows:
        await run(conn, _insert, [_row(id_, message, now) for id_, message in rows])


async def forget(conn: AsyncConnection, ranges: Iterable[tuple[int, int]]) -> None:
    """Removes rows by their ids: ranges with both ends, each id in them given by this process."""
    if rows := [{"first": first, "last": last} for first, last in ranges]:
        await run(conn, _forget, rows)


async def leftovers(conn: AsyncConnection, above: int = 0, limit: int = 1000) -> list[tuple[int, Outgoing]]:
    """Rows with an id above `above`, in the order in which they must be published."""
    rows = await conn.execute(_all.where(_outbox.c.id > above).limit(limit))
    return [(row.id, _message(row)) for row in rows]


async def last_id(conn: AsyncConnection) -> int:
    """The highest id in the table, 0 when it is empty."""
    return int((await conn.execute(select(func.coalesce(func.max(_outbox.c.id), 0)))).scalar_one())


def _row(id_: int, message: Outgoing, now: datetime) -> dict[str, Any]:
    extra: dict[str, Any] = {}
    if message.reply_to is not None:
        extra["reply_to"] = message.reply_to
    if message.correlation_id is not None:
        extra["correlation_id"] = message.correlation_id
    if message.headers:
        extra["headers"] = {name: _plain(value) for name, value in message.headers.items()}
    return {
        "id": id_,
        "exchange": message.exchange,
        "routing_key": message.routing_key,
        "body": message.body,
        "message_id": message.message_id,
        "type": message.type,
        "extra": extra or None,
        "at": now,
    }


def _plain(value: str | int | bytes) -> Any:
    return {"hex": value.hex()} if isinstance(value, bytes) else value


def _message(row: Any) -> Outgoing:
    extra = row.extra or {}
    headers = extra.get("headers")
    return Outgoing(
        exchange=row.exchange,
        routing_key=row.routing_key,
        body=row.body,
        message_id=row.message_id,
        type=row.type,
        reply_to=extra.get("reply_to"),
        correlation_id=extra.get("correlation_id"),
        headers=headers and {name: _header(value) for name, value in headers.items()},
    )


def _header(value: Any) -> str | int | bytes:
    return bytes.fromhex(value["hex"]) if isinstance(value, dict) else value
