"""What the desk owns: how operators prove who they are (of secrets only hashes), uploads and drafts."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, MetaData, Table, Text

from shared.db.types import Instant, Key

metadata: Final = MetaData()

credentials: Final = Table(
    "credentials",
    metadata,
    Column("operator_id", Key, primary_key=True),
    Column("login", Text, nullable=False, unique=True),
    Column("hash", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
)

sessions: Final = Table(
    "sessions",
    metadata,
    Column("session_id", Key, primary_key=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("operator_id", Key, nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False, index=True),
)

tickets: Final = Table(
    "tickets",
    metadata,
    Column("ticket_hash", LargeBinary, primary_key=True),
    Column(
        "session_id", Key, ForeignKey("sessions.session_id", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("expires_at", Instant, nullable=False, index=True),
)

devices: Final = Table(
    "devices",
    metadata,
    Column("device_hash", LargeBinary, primary_key=True),
    Column("operator_id", Key, nullable=False, index=True),
    Column("seen_at", Instant, nullable=False, index=True),
)
"""Browsers from which an operator has signed in before: somebody else's guessing does not slow them."""

guesses: Final = Table(
    "guesses",
    metadata,
    Column("bucket", Text, primary_key=True),
    Column("tries", Integer, nullable=False),
    Column("since", Instant, nullable=False, index=True),
)

uploads: Final = Table(
    "uploads",
    metadata,
    Column("attachment_id", Key, primary_key=True),
    Column("operator_id", Key, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("mime_type", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("width", Integer),
    Column("height", Integer),
    Column("created_at", Instant, nullable=False, index=True),
    Column("message_id", Key),
    Column("offered_at", Instant),
)
"""`message_id`: the message it is in; `offered_at`: when it was last put into one."""

drafts: Final = Table(
    "drafts",
    metadata,
    Column("operator_id", Key, primary_key=True),
    Column("dialog_id", Key, primary_key=True),
    Column("text", Text, nullable=False),
    Column("saved_at", Instant, nullable=False),
)
