"""Files of messages. The version before works on: it writes no rows here and asks for none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Instant, Key

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attachments",
        sa.Column("attachment_id", Key(), primary_key=True),
        sa.Column("dialog_id", Key(), nullable=False),
        sa.Column("conversation_id", Key()),
        sa.Column("message_id", Key(), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("mime_type", sa.Text, nullable=False),
        sa.Column("size_bytes", sa.BigInteger),
        sa.Column("width", sa.Integer),
        sa.Column("height", sa.Integer),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("words", sa.Text),
        sa.Column("at", Instant(), nullable=False),
    )
    op.create_index("ix_attachments_due", "attachments", ["state", "at"])
    op.create_table("removals", sa.Column("attachment_id", Key(), primary_key=True))


def downgrade() -> None:
    op.drop_table("removals")
    op.drop_table("attachments")
