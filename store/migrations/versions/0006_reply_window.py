"""Until when free text goes, and the templates that a provider approved. The version before works on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Instant, Json

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversations", sa.Column("free_text_until", Instant(), nullable=True))
    op.create_table(
        "account_templates",
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("templates", Json(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("account_templates")
    op.drop_column("conversations", "free_text_until")
