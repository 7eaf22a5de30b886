"""The router's tables. A dialog has at most one open conversation: a partial unique index says so."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, Table, Text

from shared.db.attempts import attempts_table
from shared.db.inbox import inbox_table
from shared.db.lease import leases_table
from shared.db.outbox import outbox_table
from shared.db.types import Instant, Json, Key

metadata: Final = MetaData()

dialogs: Final = Table(
    "dialogs",
    metadata,
    Column("dialog_id", Key, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("chat", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("provider", Json, nullable=False),
    Column("conversation_id", Key, nullable=True),
    Column("last_heard", Text, nullable=True),
    Column("spoken_version", BigInteger, nullable=False, server_default="0"),
    Column("spoken_by", Text, nullable=True),
    Column("declined", Json, nullable=False, server_default="[]"),
)

conversations: Final = Table(
    "conversations",
    metadata,
    Column("conversation_id", Key, primary_key=True),
    Column("dialog_id", Key, nullable=False),
    Column("status", Text, nullable=False),
    Column("assignee", Key, nullable=True),
    Column("participants", Json, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("assigned_at", Instant, nullable=True),
    Column("closed_at", Instant, nullable=True),
    Column("closed_by", Json, nullable=True),
    Column("category", Text, nullable=True),
    Column("waiting_since", Instant, nullable=True),
    Column("unread", Integer, nullable=False),
    Column("marked_unread", Boolean, nullable=False),
    Column("last_message_at", Instant, nullable=True),
    Column("last_author", Text, nullable=True),
    Column("reopened", Integer, nullable=False),
    Column("offer", Json, nullable=True),
    Column("offer_until", Instant, nullable=True),
    Column("description", Text, nullable=True),
    Column("free_text_until", Instant, nullable=True),
)

Index(
    "one_open_conversation_of_a_dialog",
    conversations.c.dialog_id,
    unique=True,
    sqlite_where=conversations.c.status != "closed",
    postgresql_where=conversations.c.status != "closed",
)

Index(
    "offers_by_their_end",
    conversations.c.offer_until,
    sqlite_where=conversations.c.offer_until.is_not(None),
    postgresql_where=conversations.c.offer_until.is_not(None),
)
Index(
    "active_by_last_message",
    conversations.c.last_message_at,
    sqlite_where=conversations.c.status == "active",
    postgresql_where=conversations.c.status == "active",
)

statuses: Final = Table(
    "statuses",
    metadata,
    Column("name", Text, primary_key=True),
    Column("rows", Json, nullable=False),
    Column("version", BigInteger, nullable=False),
)

operators: Final = Table(
    "operators",
    metadata,
    Column("operator_id", Key, primary_key=True),
    Column("login", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("public_name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("without", Json, nullable=False),
    Column("accounts", Json, nullable=True),
    Column("groups", Json, nullable=False),
    Column("available", Boolean, nullable=False),
    Column("present", Boolean, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("access_version", BigInteger, nullable=False),
    Column("status", Text, nullable=False, server_default="available"),
    Column("status_since", Instant, nullable=True),
    Column("status_on_sign_in", Text, nullable=True),
    Column("status_on_sign_out", Text, nullable=True),
    Column("limit", Integer, nullable=True),
)

groups: Final = Table(
    "groups",
    metadata,
    Column("slug", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
)

accounts: Final = Table(
    "accounts",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("capabilities", Json, nullable=False),
    Column("connected", Boolean, nullable=False),
    Column("declared_at", Instant, nullable=False),
    Column("health", Json, nullable=True),
    Column("groups", Json, nullable=False),
    Column("close_untaken", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("routing", Json, nullable=False, server_default="{}"),
)

account_templates: Final = Table(
    "account_templates",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("templates", Json, nullable=False),
    Column("at", Instant, nullable=False),
    Column("version", BigInteger, nullable=False),
)

presence: Final = Table(
    "presence",
    metadata,
    Column("operator_id", Key, primary_key=True),
    Column("desk", Text, primary_key=True),
    Column("until", Instant, nullable=False),
)

contact_facts: Final = Table(
    "contact_facts",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("address", Text, primary_key=True),
    Column("contact_id", Key, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("personal_manager", Key, nullable=True),
    Column("blocked_until", Instant, nullable=True),
)

outbox_table(metadata)
inbox_table(metadata)
attempts_table(metadata)
leases_table(metadata)
