"""The database of e-mail: threads, and what the kit keeps beside them.

A thread is a dialog; its `chat` is the name of the mail that began it. Names are Message-IDs without brackets
(gateways/email/names.py); times are microseconds since 1970.
"""

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
from shared.db.types import Json, Key

METADATA: Final = sa.MetaData()

threads: Final = sa.Table(
    "threads",
    METADATA,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("chat", sa.Text, primary_key=True),
    sa.Column("token", sa.Text, nullable=False),
    sa.Column("client", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("bare_subject", sa.Text, nullable=False),
    sa.Column("last_at", sa.BigInteger, nullable=False),
    sa.Column("last", Json, nullable=False),
    sa.UniqueConstraint("account", "token"),
    sa.Index("threads_subject", "account", "client", "bare_subject"),
)
"""`client` is who wrote first; `last` what an answer needs of the thread's last mail (threads.py: `Last`)."""

participants: Final = sa.Table(
    "participants",
    METADATA,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("chat", sa.Text, primary_key=True),
    sa.Column("address", sa.Text, primary_key=True),
    sa.Column("wrote", sa.Boolean, nullable=False),
    sqlite_with_rowid=False,
)
"""Who belongs to a thread: who wrote in it, and whom those wrote to."""

mails: Final = sa.Table(
    "mails",
    METADATA,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("chat", sa.Text, nullable=False),
    sa.Column("ours", Key, nullable=True),
    sqlite_with_rowid=False,
)
"""Which thread a Message-ID belongs to: of mails that came, of ours (with our id), and of those that mails of
the thread answered and that we have never seen."""

heard: Final = sa.Table(
    "heard",
    METADATA,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("identity", sa.Text, primary_key=True),
    sqlite_with_rowid=False,
)
"""Mails that were taken in: Message-ID and hash of the content, whatever folder they came from."""

senders: Final = sa.Table(
    "senders",
    METADATA,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("address", sa.Text, primary_key=True),
    sa.Column("hour", sa.BigInteger, nullable=False),
    sa.Column("mails", sa.Integer, nullable=False),
    sa.Column("automatic", sa.Boolean, nullable=False),
    sa.Column("answered", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""Of each address: how many mails came in the hour of this number since 1970, whether a program wrote the
last one, and how many automatic ones it got from us in that hour."""

outgoing: Final = sa.Table(
    "outgoing",
    METADATA,
    sa.Column("message_id", Key, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("began_at", sa.BigInteger, nullable=True),
    sa.Column("sent", sa.Boolean, nullable=False),
    sa.Column("refusals", sa.Integer, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Index("outgoing_at", "at"),
)
"""What we send: `began_at` is set before a mail is handed over, and taken back when it surely was not taken;
`sent`: it was."""

keys: Final = sa.Table(
    "keys",
    METADATA,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("key", sa.LargeBinary, nullable=False),
)
"""The random key of each mailbox, made once."""

spool: Final = spool_table(METADATA)
journal: Final = journal_table(METADATA)
declared: Final = declared_table(METADATA)
cursors: Final = cursors_table(METADATA)
media: Final = media_table(METADATA)
uploads: Final = uploads_table(METADATA)
leases: Final = leases_table(METADATA)
