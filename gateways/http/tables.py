"""The database of the open channel: answers given, tries of notices, and what the kit keeps beside them."""

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
from shared.db.types import Instant, Json, Key

METADATA: Final = sa.MetaData()

spool: Final = spool_table(METADATA)
journal: Final = journal_table(METADATA)
declared: Final = declared_table(METADATA)
cursors: Final = cursors_table(METADATA)
media: Final = media_table(METADATA)
uploads: Final = uploads_table(METADATA)
leases: Final = leases_table(METADATA)

answers: Final = sa.Table(
    "answers",
    METADATA,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("ids", Json, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Index("answers_at", "at"),
)
"""What a request with an Idempotency-Key was answered; `digest` names what it said."""

tries: Final = sa.Table(
    "tries",
    METADATA,
    sa.Column("notice", Key, primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Index("tries_at", "at"),
)
"""How often a notice was not taken, and why the last time; one that was taken at once has none."""
