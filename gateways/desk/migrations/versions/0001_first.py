"""Credentials, sessions, tickets, known browsers, failed tries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Instant, Key

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "credentials",
        sa.Column("operator_id", Key, primary_key=True),
        sa.Column("login", sa.Text, nullable=False, unique=True),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
    )
    op.create_table(
        "sessions",
        sa.Column("session_id", Key, primary_key=True),
        sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("operator_id", Key, nullable=False, index=True),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("seen_at", Instant, nullable=False, index=True),
    )
    op.create_table(
        "tickets",
        sa.Column("ticket_hash", sa.LargeBinary, primary_key=True),
        sa.Column(
            "session_id",
            Key,
            sa.ForeignKey("sessions.session_id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("expires_at", Instant, nullable=False, index=True),
    )
    op.create_table(
        "devices",
        sa.Column("device_hash", sa.LargeBinary, primary_key=True),
        sa.Column("operator_id", Key, nullable=False, index=True),
        sa.Column("seen_at", Instant, nullable=False, index=True),
    )
    op.create_table(
        "guesses",
        sa.Column("bucket", sa.Text, primary_key=True),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("since", Instant, nullable=False, index=True),
    )


def downgrade() -> None:
    for table in ("guesses", "devices", "tickets", "sessions", "credentials"):
        op.drop_table(table)
