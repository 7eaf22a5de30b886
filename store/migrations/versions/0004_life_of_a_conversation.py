"""Offers, descriptions, statuses, blocks, templates. The version before works on: columns have defaults."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Instant, Json, Key

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
COUNTED = [
    "closed", "account", "assignee", "conversation_id", "offered_to", "offered_group",
    "unread", "marked_unread", "waiting_since",
]  # fmt: skip
OFFERED_TO = sa.text("offered_to IS NOT NULL")
OFFERED_GROUP = sa.text("offered_group IS NOT NULL")


def _columns() -> dict[str, list[sa.Column[object]]]:
    return {
        "contacts": [sa.Column("block_reason", sa.Text), sa.Column("blocked_by", Json())],
        "conversations": [
            sa.Column("offer", Json()),
            sa.Column("offered_to", Key()),
            sa.Column("offered_group", sa.Text),
            sa.Column("description", sa.Text),
        ],
        "operators": [
            sa.Column("status", sa.Text, nullable=False, server_default="available"),
            sa.Column("status_since", Instant()),
            sa.Column("limit", sa.Integer),
            sa.Column("status_on_sign_in", sa.Text),
            sa.Column("status_on_sign_out", sa.Text),
        ],
        "accounts": [
            sa.Column("close_others", sa.Boolean, nullable=False, server_default=sa.true()),
            sa.Column("category_required", sa.Boolean, nullable=False, server_default=sa.false()),
            sa.Column("close_after_minutes", sa.Integer, nullable=False, server_default="0"),
            sa.Column("reopens", sa.Text, nullable=False, server_default="new"),
            sa.Column("distribution", sa.Text, nullable=False, server_default="free"),
            sa.Column("handover", sa.Text, nullable=False, server_default="offer"),
            sa.Column("offer_seconds", sa.Integer, nullable=False, server_default="60"),
            sa.Column("max_wait_seconds", sa.Integer, nullable=False, server_default="300"),
            sa.Column("wait_ends", sa.Text, nullable=False, server_default="answered"),
        ],
    }


def upgrade() -> None:
    for table, columns in _columns().items():
        for column in columns:
            op.add_column(table, column)
    op.create_index(
        "ix_conversations_open", "conversations", COUNTED,
        sqlite_where=sa.text("closed = 0"), postgresql_where=sa.text("NOT closed"),
    )  # fmt: skip
    op.create_index("ix_conversations_assignee", "conversations", ["closed", "assignee"])
    op.create_index("ix_conversations_contact_id", "conversations", ["contact_id"])
    _index_where("ix_conversations_offered_to", OFFERED_TO, "offered_to")
    _index_where("ix_conversations_offered_group", OFFERED_GROUP, "offered_group")
    op.create_table(
        "statuses",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("statuses", Json(), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "templates",
        sa.Column("template_id", Key(), primary_key=True),
        sa.Column("owner", Key()),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("hotkey", sa.Text),
        sa.Column("version", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_templates_owner", "templates", ["owner"])


def downgrade() -> None:
    op.drop_table("templates")
    op.drop_table("statuses")
    for name in ("offered_group", "offered_to", "contact_id", "assignee", "open"):
        op.drop_index(f"ix_conversations_{name}", "conversations")
    for table, columns in _columns().items():
        for column in columns:
            op.drop_column(table, column.name)


def _index_where(name: str, condition: sa.TextClause, *columns: str) -> None:
    op.create_index(name, "conversations", list(columns), sqlite_where=condition, postgresql_where=condition)
