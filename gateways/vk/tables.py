"""The database of VK: what the kit keeps for it, what was begun to be sent, and the names of people."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from gateways.kit.attachments import uploads_table
from gateways.kit.cursors import cursors_table
from gateways.kit.declared import declared_table
from gateways.kit.journal import journal_table
from gateways.kit.media import media_table
from gateways.kit.spool import spool_table
from shared.db.lease import leases_table
from shared.db.types import Instant, Key

METADATA: Final = sa.MetaData()

spool: Final = spool_table(METADATA)
journal: Final = journal_table(METADATA)
declared: Final = declared_table(METADATA)
cursors: Final = cursors_table(METADATA)
media: Final = media_table(METADATA)
uploads: Final = uploads_table(METADATA)
leases: Final = leases_table(METADATA)

pieces: Final = sa.Table(
    "pieces",
    METADATA,
    sa.Column("message_id", Key, primary_key=True),
    sa.Column("piece", sa.Integer, primary_key=True),
    sa.Column("cmid", sa.Text, nullable=True),
    sa.Column("attachment", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Index("pieces_at", "at"),
)

people: Final = sa.Table(
    "people",
    METADATA,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("person", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("chat", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=True),
    sa.Column("due_at", Instant, nullable=False),
    sa.Index("people_due", "account", "due_at"),
)
