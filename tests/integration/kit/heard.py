"""Facts of an invented channel, and a gateway's database without a broker."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from gateways.kit import spool
from gateways.kit.acceptance import Acceptance
from gateways.kit.aliases import aliases_table
from gateways.kit.courier import Courier
from gateways.kit.cursors import cursors_table
from gateways.kit.intake import heard
from gateways.kit.journal import journal_table
from gateways.kit.media import media_table
from gateways.kit.spool import SpoolRow, spool_table
from gateways.kit.transactions import Transactions
from shared.bus.connection import Broker
from shared.bus.publisher import Publisher
from shared.contract.content import text_content
from shared.contract.ids import dialog_id, message_id
from shared.contract.inbound import MessageHeard
from shared.contract.people import DialogRef, Identity
from shared.db.engine import open_engine, reading, writing
from shared.db.lease import leases_table

CHANNEL = "invented"
NOW = datetime(2026, 1, 31, 10, tzinfo=UTC)


def said(
    chat: str, external_id: str, text: str, account: str = "main", sent_at: datetime | None = None
) -> SpoolRow:
    """A message as a row of the spool."""
    identity = message_id(CHANNEL, account, chat, external_id)
    dialog = DialogRef(
        dialog_id=dialog_id(CHANNEL, account, chat), channel=CHANNEL, account=account, chat=chat
    )
    fact = MessageHeard(
        dialog=dialog,
        message_id=identity,
        external_id=external_id,
        sender=Identity(channel=CHANNEL, address=chat),
        content=text_content(text),
        sent_at=sent_at,
        received_at=NOW,
    )
    return heard(fact, identity=identity, time=NOW, traceparent=None)


@dataclass(frozen=True)
class Kept:
    """The database of a gateway whose broker is away."""

    engine: AsyncEngine
    acceptance: Acceptance

    async def rows(self) -> list[SpoolRow]:
        """What stands in the spool."""
        table = spool_table(sa.MetaData())
        async with reading(self.engine) as conn:
            dialogs = set((await conn.execute(sa.select(table.c.dialog_id))).scalars())
            return await spool.load(conn, dialogs, 1000)


@asynccontextmanager
async def gateway_database(url: str) -> AsyncIterator[Kept]:
    engine = open_engine(url)
    metadata = sa.MetaData()
    for table in (spool_table, journal_table, cursors_table, media_table, leases_table, aliases_table):
        table(metadata)
    try:
        async with writing(engine) as conn:
            await conn.run_sync(metadata.create_all)
        transactions = Transactions(engine)
        nowhere = Publisher(Broker("amqp://guest:guest@127.0.0.1:1/", name="nowhere"))
        yield Kept(engine, Acceptance(transactions, Courier(transactions, nowhere)))
    finally:
        await engine.dispose()
