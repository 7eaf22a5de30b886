"""Files that operators have uploaded and that are in no message yet. The version before asks for none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Instant, Key

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "uploads",
        sa.Column("attachment_id", Key, primary_key=True),
        sa.Column("operator_id", Key, nullable=False, index=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("mime_type", sa.Text, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("width", sa.Integer),
        sa.Column("height", sa.Integer),
        sa.Column("created_at", Instant, nullable=False, index=True),
        sa.Column("message_id", Key),
        sa.Column("offered_at", Instant),
    )


def downgrade() -> None:
    op.drop_table("uploads")
