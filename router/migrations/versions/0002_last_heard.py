"""The provider's id of the client's last message, to mark it as read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("dialogs", sa.Column("last_heard", sa.Text, nullable=True))


def downgrade() -> None:
    op.drop_column("dialogs", "last_heard")
