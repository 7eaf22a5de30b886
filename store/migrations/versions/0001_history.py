"""Contacts, dialogs, conversations, their history, and who may see them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Instant, Json, Key

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TABLES = (
    "accounts",
    "groups",
    "operators",
    "pending",
    "external_ids",
    "history",
    "conversations",
    "participants",
    "dialogs",
    "identities",
    "contacts",
)


def upgrade() -> None:
    _clients()
    _conversations()
    _history()
    _directory()


def downgrade() -> None:
    for name in TABLES:
        op.drop_table(name)


def _clients() -> None:
    op.create_table(
        "contacts",
        sa.Column("contact_id", Key(), primary_key=True),
        sa.Column("number", NUMBER, nullable=False, unique=True),
        sa.Column("name", sa.Text),
        sa.Column("personal_manager", Key()),
        sa.Column("blocked_until", Instant()),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
    )
    op.create_table(
        "identities",
        sa.Column("identity_id", Key(), primary_key=True),
        sa.Column("contact_id", Key(), nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("known", Json(), nullable=False),
    )
    op.create_index("ix_identities_contact_id", "identities", ["contact_id"])
    op.create_table(
        "dialogs",
        sa.Column("dialog_id", Key(), primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False, unique=True),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("chat", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("title", sa.Text),
        sa.Column("contact_id", Key()),
        sa.Column("conversation_id", Key()),
        sa.Column("last_position", sa.BigInteger, nullable=False),
        sa.Column("last_sequence", sa.BigInteger),
        sa.Column("heard_to", sa.BigInteger, nullable=False),
        sa.Column("delivered_to", sa.BigInteger, nullable=False),
        sa.Column("read_to", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "participants",
        sa.Column("operator_id", Key(), primary_key=True),
        sa.Column("conversation_id", Key(), primary_key=True),
        sqlite_with_rowid=False,
    )


def _conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("conversation_id", Key(), primary_key=True),
        sa.Column("dialog_id", Key(), nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("title", sa.Text),
        sa.Column("contact_id", Key()),
        sa.Column("client_number", NUMBER),
        sa.Column("client_name", sa.Text),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("closed", sa.Boolean, nullable=False),
        sa.Column("assignee", Key()),
        sa.Column("participants", Json(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("assigned_at", Instant()),
        sa.Column("closed_at", Instant()),
        sa.Column("closed_by", Json()),
        sa.Column("category", sa.Text),
        sa.Column("waiting_since", Instant()),
        sa.Column("unread", sa.Integer, nullable=False),
        sa.Column("marked_unread", sa.Boolean, nullable=False),
        sa.Column("last_message_at", Instant()),
        sa.Column("last_author", sa.Text),
        sa.Column("last_message_id", Key()),
        sa.Column("last_text", sa.Text),
        sa.Column("last_kind", sa.Text),
        sa.Column("last_position", sa.BigInteger, nullable=False),
        sa.Column("reopened", sa.Integer, nullable=False),
        sa.Column("visit", Json()),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("active_at", Instant(), nullable=False),
    )
    op.create_index("ix_conversations_dialog_id", "conversations", ["dialog_id"])
    op.create_index("ix_conversations_newest", "conversations", ["closed", "active_at", "conversation_id"])


def _history() -> None:
    op.create_table(
        "history",
        sa.Column("entry_id", Key(), primary_key=True),
        sa.Column("dialog", sa.BigInteger, nullable=False),
        sa.Column("dialog_id", Key(), nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("conversation_id", Key()),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("sequence", sa.BigInteger),
        sa.Column("late", sa.Boolean, nullable=False),
        sa.Column("external_id", sa.Text),
        sa.Column("direction", sa.Text),
        sa.Column("origin", sa.Text),
        sa.Column("author", Json()),
        sa.Column("content", Json()),
        sa.Column("original", Json()),
        sa.Column("state", sa.Text),
        sa.Column("code", sa.Text),
        sa.Column("words", sa.Text),
        sa.Column("edited_at", Instant()),
        sa.Column("deleted_at", Instant()),
        sa.Column("reactions", Json()),
        sa.Column("resend_of", Key()),
        sa.Column("detail", Json()),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("cause", Key(), nullable=False),
    )
    op.create_index("ux_history_position", "history", ["dialog", "position"], unique=True)
    op.create_table(
        "external_ids",
        sa.Column("dialog", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("external_id", sa.Text, primary_key=True),
        sa.Column("entry_id", Key(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pending",
        sa.Column("event_id", Key(), primary_key=True),
        sa.Column("dialog_id", Key(), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("message_id", Key()),
        sa.Column("external_id", sa.Text),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("at", Instant(), nullable=False),
    )
    op.create_index("ix_pending_dialog_id", "pending", ["dialog_id"])


def _directory() -> None:
    op.create_table(
        "operators",
        sa.Column("operator_id", Key(), primary_key=True),
        sa.Column("login", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("public_name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("rights", Json(), nullable=False),
        sa.Column("accounts", Json()),
        sa.Column("groups", Json(), nullable=False),
        sa.Column("available", sa.Boolean, nullable=False),
        sa.Column("present", sa.Boolean, nullable=False),
        sa.Column("disabled", sa.Boolean, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("access_version", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "groups",
        sa.Column("slug", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "accounts",
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("capabilities", Json(), nullable=False),
        sa.Column("connected", sa.Boolean, nullable=False),
        sa.Column("health", sa.Text, nullable=False),
        sa.Column("health_reason", sa.Text),
        sa.Column("health_until", Instant()),
        sa.Column("groups", Json(), nullable=False),
        sa.Column("close_untaken", sa.Boolean, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("access_version", sa.BigInteger, nullable=False),
    )
