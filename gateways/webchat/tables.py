"""The database of the web chat: the mailbox, and what the kit keeps beside it."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from gateways.kit.declared import declared_table
from gateways.kit.journal import journal_table
from gateways.kit.spool import spool_table
from shared.db.lease import leases_table
from shared.db.types import Json, Key

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
    sa.Column("said_seq", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("seen_seq", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("closed_seq", sa.BigInteger, nullable=False, server_default="0"),
    sa.Index("dialogs_changed", "changed_at"),
)
"""A dialog since its first message. `last_at` is the last entry's time, `changed_at` the database's own.

`said_seq` is the visitor's last message, `seen_seq` the last one that an operator has read, `closed_seq` the
last closing: the chat is closed while that is behind the visitor's last word.
"""

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
    sa.Column("kind", sa.Text, nullable=False, server_default="msg"),
    sa.Column("body", Json, nullable=True),
    sa.UniqueConstraint("dialog_id", "mark"),
    sqlite_with_rowid=False,
)
"""Both directions of every dialog, and every later change of it as a row with a number of its own.

`mark` makes a repeat known: `c:<cid>` is the visitor's message, `m:<id>` ours. `body` is what the kind has
beside text: gateways/webchat/entries.py.
"""

receipts: Final = sa.Table(
    "receipts",
    METADATA,
    sa.Column("dialog_id", Key, primary_key=True),
    sa.Column("delivered_seq", sa.BigInteger, nullable=False),
    sa.Column("read_seq", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""How far a visitor is with what is ours, so that it is told once. Never locked by who writes a mailbox."""

files: Final = sa.Table(
    "files",
    METADATA,
    sa.Column("dialog_id", Key, primary_key=True),
    sa.Column("attachment_id", Key, primary_key=True),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("mime_type", sa.Text, nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("width", sa.Integer, nullable=True),
    sa.Column("height", sa.Integer, nullable=True),
    sa.Column("seconds", sa.Float, nullable=True),
    sa.Column("preview", sa.Boolean, nullable=False),
    sa.Column("sent", sa.Boolean, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Index("files_left_over", "sent", "at"),
    sqlite_with_rowid=False,
)
"""Which attachments a dialog may see: uploaded by its visitor, or sent to them. The bytes are blobs.

One that no message has named (`sent`) goes after a day.
"""

spool: Final = spool_table(METADATA)
journal: Final = journal_table(METADATA)
declared: Final = declared_table(METADATA)
leases: Final = leases_table(METADATA)
