"""What operators have begun to write. The version before asks for none."""

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
        "drafts",
        sa.Column("operator_id", Key, primary_key=True),
        sa.Column("dialog_id", Key, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("saved_at", Instant, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("drafts")
