"""The database of the web chat: the mailbox, and what the kit keeps beside it."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from gateways.kit.declared import declared_table
from gateways.kit.journal import journal_table
from gateways.kit.spool import spool_table
from shared.db.lease import leases_table
from shared.db.types import Key

METADATA: Final = sa.MetaData()

dialogs: Final = sa.Table(
    "dialogs",
    METADATA,
    sa.Column("dialog_id", Key, primary_key=True),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("visitor", sa.Text, nullable=False),
    sa.Column("last_seq", sa.BigInteger, nullable=False),
    sa.Column("last_at", sa.BigInteger, nullable=False),
    sa.Column("changed_at", sa.BigInteger, nullable=False),
    sa.Index("dialogs_changed", "changed_at"),
)
"""A dialog since its first message. `last_at` is the last entry's time, `changed_at` the database's own."""

mailbox: Final = sa.Table(
    "mailbox",
    METADATA,
    sa.Column("dialog_id", Key, primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("mark", sa.Text, nullable=False),
    sa.Column("message_id", Key, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("traceparent", sa.Text, nullable=True),
    sa.UniqueConstraint("dialog_id", "mark"),
    sqlite_with_rowid=False,
)
"""Both directions of every dialog. `mark` makes a repeat known: `c:<cid>` is the visitor's, `m:<id>` ours."""

spool: Final = spool_table(METADATA)
journal: Final = journal_table(METADATA)
declared: Final = declared_table(METADATA)
leases: Final = leases_table(METADATA)
