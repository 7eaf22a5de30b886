"""The store's tables. Nothing is counted over the history; no index stands here that no query needs.

`history` is found in two ways: by the id of a line, and by the number of its dialog with its position.
The ids that providers give have a narrow table of their own: one message may become several of theirs.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)  # fmt: skip

from shared.db.attempts import attempts_table
from shared.db.inbox import inbox_table
from shared.db.lease import leases_table
from shared.db.outbox import outbox_table
from shared.db.types import Instant, Json, Key

metadata: Final = MetaData()

Number = BigInteger().with_variant(Integer, "sqlite")  # INTEGER PRIMARY KEY is the table itself there


def _where(name: str, condition: str, *columns: str) -> Index:
    """An index of some rows only; SQLite knows its condition again where a query spells it so."""
    return Index(name, *columns, sqlite_where=text(condition), postgresql_where=text(condition))


contacts: Final = Table(
    "contacts",
    metadata,
    Column("contact_id", Key, primary_key=True),
    Column("number", Number, nullable=False, unique=True),
    Column("name", Text),
    Column("personal_manager", Key),
    Column("blocked_until", Instant),
    Column("block_reason", Text),
    Column("blocked_by", Json),
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
)

names: Final = Table(  # words of contacts' names, compared by their code points
    "names",
    metadata,
    Column("word", Text().with_variant(Text(collation="C"), "postgresql"), primary_key=True),
    Column("contact_id", Key, primary_key=True, index=True),
    sqlite_with_rowid=False,
)

identities: Final = Table(  # `identity_id` is the hash of channel and address
    "identities",
    metadata,
    Column("identity_id", Key, primary_key=True),
    Column("contact_id", Key, nullable=False, index=True),
    Column("channel", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("known", Json, nullable=False),
)

dialogs: Final = Table(
    "dialogs",
    metadata,
    Column("dialog_id", Key, primary_key=True),
    Column("number", BigInteger, nullable=False, unique=True),
    Column("channel", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("chat", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("title", Text),
    Column("contact_id", Key),
    Column("conversation_id", Key),
    Column("last_position", BigInteger, nullable=False),
    Column("last_sequence", BigInteger),
    Column("heard_to", BigInteger, nullable=False),
    Column("delivered_to", BigInteger, nullable=False),
    Column("read_to", BigInteger, nullable=False),
)

_COUNTED: Final = (
    "closed", "account", "assignee", "conversation_id", "offered_to", "offered_group",
    "unread", "marked_unread", "waiting_since",
)  # fmt: skip
"""What folders are counted by: of open conversations it all stands in one index, and no row is read."""

conversations: Final = Table(
    "conversations",
    metadata,
    Column("conversation_id", Key, primary_key=True),
    Column("dialog_id", Key, nullable=False, index=True),
    Column("channel", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("title", Text),
    Column("contact_id", Key),
    Column("client_number", Number),
    Column("client_name", Text),
    Column("status", Text, nullable=False),
    Column("closed", Boolean, nullable=False),
    Column("assignee", Key),
    Column("participants", Json, nullable=False),
    Column("offer", Json),
    Column("offered_to", Key),
    Column("offered_group", Text),
    Column("opened_at", Instant, nullable=False),
    Column("assigned_at", Instant),
    Column("closed_at", Instant),
    Column("closed_by", Json),
    Column("category", Text),
    Column("description", Text),
    Column("waiting_since", Instant),
    Column("unread", Integer, nullable=False),
    Column("marked_unread", Boolean, nullable=False),
    Column("last_message_at", Instant),
    Column("last_author", Text),
    Column("last_message_id", Key),
    Column("last_text", Text),
    Column("last_kind", Text),
    Column("last_position", BigInteger, nullable=False),
    Column("reopened", Integer, nullable=False),
    Column("free_text_until", Instant),
    Column("visit", Json),
    Column("version", BigInteger, nullable=False),
    Column("active_at", Instant, nullable=False),
    Index("ix_conversations_newest", "closed", "active_at", "conversation_id"),
    Index(
        "ix_conversations_open",
        *_COUNTED,
        sqlite_where=text("closed = 0"),
        postgresql_where=text("NOT closed"),
    ),
    Index("ix_conversations_assignee", "closed", "assignee"),
    Index("ix_conversations_contact_id", "contact_id"),
    _where("ix_conversations_offered_to", "offered_to IS NOT NULL", "offered_to"),
    _where("ix_conversations_offered_group", "offered_group IS NOT NULL", "offered_group"),
)
"""`account` is `channel.account`; lists are ordered by `active_at`: the last message, or the opening."""

participants: Final = Table(
    "participants",
    metadata,
    Column("operator_id", Key, primary_key=True),
    Column("conversation_id", Key, primary_key=True),
    sqlite_with_rowid=False,
)

history: Final = Table(
    "history",
    metadata,
    Column("entry_id", Key, primary_key=True),
    Column("dialog", BigInteger, nullable=False),
    Column("dialog_id", Key, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("conversation_id", Key),
    Column("kind", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("sequence", BigInteger),
    Column("late", Boolean, nullable=False),
    Column("external_id", Text),
    Column("direction", Text),
    Column("origin", Text),
    Column("author", Json),
    Column("content", Json),
    Column("original", Json),
    Column("state", Text),
    Column("code", Text),
    Column("words", Text),
    Column("edited_at", Instant),
    Column("deleted_at", Instant),
    Column("reactions", Json),
    Column("resend_of", Key),
    Column("detail", Json),
    Column("version", BigInteger, nullable=False),
    Column("cause", Key, nullable=False),
    Index("ux_history_position", "dialog", "position", unique=True),
)

external_ids: Final = Table(
    "external_ids",
    metadata,
    Column("dialog", BigInteger, primary_key=True, autoincrement=False),
    Column("external_id", Text, primary_key=True),
    Column("entry_id", Key, nullable=False),
    sqlite_with_rowid=False,
)

pending: Final = Table(
    "pending",
    metadata,
    Column("event_id", Key, primary_key=True),
    Column("dialog_id", Key, nullable=False, index=True),
    Column("number", BigInteger, nullable=False),
    Column("message_id", Key),
    Column("external_id", Text),
    Column("body", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
)

audit: Final = Table(
    "audit",
    metadata,
    Column("audit_id", Key, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor", Json, nullable=False),
    Column("command", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("accepted", Boolean, nullable=False),
    Column("refusal", Text),
    Column("detail", Json, nullable=False),
    Index("ix_audit_at", "at", "audit_id"),
)

requests: Final = Table(
    "requests",
    metadata,
    Column("request_id", Key, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("stated", Json, nullable=False),
    Column("received_at", Instant, nullable=False),
    UniqueConstraint("channel", "account", "external_id", name="ux_requests_external"),
)

feed: Final = Table(
    "feed",
    metadata,
    Column("seq", Number, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("entity", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("parent", Text),
    Column("before", Json),
    Column("after", Json),
    Column("state", Json),
    Column("command_id", Key),
    Column("traceparent", Text),
)

feed_head: Final = Table(  # one row: the last `seq`, the last number given to a contact
    "feed_head",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("contacts", BigInteger, nullable=False),
)

parked: Final = Table(
    "parked",
    metadata,
    Column("parked_id", Key, primary_key=True),
    Column("queue", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("exchange", Text, nullable=False),
    Column("routing_key", Text, nullable=False),
    Column("dead_lettered", Boolean, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("headers", Json, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("parked_at", Instant, nullable=False),
    Column("replayed_at", Instant),
    Column("discarded_at", Instant),
    Column("version", Integer, nullable=False),
    Index("ix_parked_newest", "parked_at", "parked_id"),
    _where("ix_parked_open", "replayed_at IS NULL AND discarded_at IS NULL", "parked_at"),
)

outbox: Final = outbox_table(metadata)
inbox: Final = inbox_table(metadata)
attempts: Final = attempts_table(metadata)
leases: Final = leases_table(metadata)
