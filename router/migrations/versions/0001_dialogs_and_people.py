"""Dialogs, conversations, operators, groups, accounts, presence, facts of contacts; the loop's own tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Instant, Json, Key

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _dialogs()
    _people()
    _facts_of_contacts()
    _loop()


def downgrade() -> None:
    for name in (
        "leases",
        "attempts",
        "inbox",
        "outbox",
        "contact_facts",
        "presence",
        "accounts",
        "groups",
        "operators",
        "conversations",
        "dialogs",
    ):
        op.drop_table(name)


def _dialogs() -> None:
    op.create_table(
        "dialogs",
        sa.Column("dialog_id", Key(), primary_key=True),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("chat", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("provider", Json(), nullable=False),
        sa.Column("conversation_id", Key(), nullable=True),
    )
    op.create_table(
        "conversations",
        sa.Column("conversation_id", Key(), primary_key=True),
        sa.Column("dialog_id", Key(), nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("assignee", Key(), nullable=True),
        sa.Column("participants", Json(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("assigned_at", Instant(), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("closed_by", Json(), nullable=True),
        sa.Column("category", sa.Text, nullable=True),
        sa.Column("waiting_since", Instant(), nullable=True),
        sa.Column("unread", sa.Integer, nullable=False),
        sa.Column("marked_unread", sa.Boolean, nullable=False),
        sa.Column("last_message_at", Instant(), nullable=True),
        sa.Column("last_author", sa.Text, nullable=True),
        sa.Column("reopened", sa.Integer, nullable=False),
    )
    op.create_index(
        "one_open_conversation_of_a_dialog",
        "conversations",
        ["dialog_id"],
        unique=True,
        sqlite_where=sa.text("status != 'closed'"),
        postgresql_where=sa.text("status != 'closed'"),
    )


def _people() -> None:
    op.create_table(
        "operators",
        sa.Column("operator_id", Key(), primary_key=True),
        sa.Column("login", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("public_name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("without", Json(), nullable=False),
        sa.Column("accounts", Json(), nullable=True),
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
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("capabilities", Json(), nullable=False),
        sa.Column("connected", sa.Boolean, nullable=False),
        sa.Column("declared_at", Instant(), nullable=False),
        sa.Column("health", Json(), nullable=True),
        sa.Column("groups", Json(), nullable=False),
        sa.Column("close_untaken", sa.Boolean, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "presence",
        sa.Column("operator_id", Key(), primary_key=True),
        sa.Column("desk", sa.Text, primary_key=True),
        sa.Column("until", Instant(), nullable=False),
    )


def _facts_of_contacts() -> None:
    op.create_table(
        "contact_facts",
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("address", sa.Text, primary_key=True),
        sa.Column("contact_id", Key(), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("personal_manager", Key(), nullable=True),
        sa.Column("blocked_until", Instant(), nullable=True),
    )


def _loop() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("exchange", sa.Text, nullable=False),
        sa.Column("routing_key", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("extra", Json(), nullable=True),
        sa.Column("at", Instant(), nullable=False),
    )
    op.create_table(
        "inbox",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("digest", sa.LargeBinary, nullable=True),
        sa.Column("answer", sa.LargeBinary, nullable=True),
        sa.Column("at", Instant(), nullable=False),
    )
    op.create_index("ix_inbox_at", "inbox", ["at"])
    op.create_table(
        "attempts",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("at", Instant(), nullable=False),
    )
    op.create_index("ix_attempts_at", "attempts", ["at"])
    op.create_table(
        "leases",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
    )
