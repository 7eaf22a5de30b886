"""Offers, descriptions, who spoke last, statuses and limits of operators, settings of routing."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from shared.db.types import Instant, Json

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _columns() -> dict[str, tuple[sa.Column[Any], ...]]:
    """The new columns of each table; a column object belongs to one operation."""
    return {
        "dialogs": (
            sa.Column("spoken_version", sa.BigInteger, nullable=False, server_default="0"),
            sa.Column("spoken_by", sa.Text, nullable=True),
            sa.Column("declined", Json(), nullable=False, server_default="[]"),
        ),
        "conversations": (
            sa.Column("offer", Json(), nullable=True),
            sa.Column("offer_until", Instant(), nullable=True),
            sa.Column("description", sa.Text, nullable=True),
        ),
        "operators": (
            sa.Column("status", sa.Text, nullable=False, server_default="available"),
            sa.Column("status_since", Instant(), nullable=True),
            sa.Column("status_on_sign_in", sa.Text, nullable=True),
            sa.Column("status_on_sign_out", sa.Text, nullable=True),
            sa.Column("limit", sa.Integer, nullable=True),
        ),
        "accounts": (sa.Column("routing", Json(), nullable=False, server_default="{}"),),
    }


def upgrade() -> None:
    for table, columns in _columns().items():
        for column in columns:
            op.add_column(table, column)
    op.execute("UPDATE operators SET status = 'break' WHERE NOT available AND NOT disabled")
    op.create_table(
        "statuses",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("rows", Json(), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
    )
    op.create_index(
        "offers_by_their_end",
        "conversations",
        ["offer_until"],
        sqlite_where=sa.text("offer_until IS NOT NULL"),
        postgresql_where=sa.text("offer_until IS NOT NULL"),
    )
    op.create_index(
        "active_by_last_message",
        "conversations",
        ["last_message_at"],
        sqlite_where=sa.text("status = 'active'"),
        postgresql_where=sa.text("status = 'active'"),
    )


def downgrade() -> None:
    op.drop_index("active_by_last_message", "conversations")
    op.drop_index("offers_by_their_end", "conversations")
    op.drop_table("statuses")
    for table, columns in _columns().items():
        for column in columns:
            op.drop_column(table, column.name)
