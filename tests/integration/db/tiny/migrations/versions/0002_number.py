"""A column more, which SQLite makes by building the table anew."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("things") as table:
        table.add_column(sa.Column("number", sa.Integer, nullable=False, server_default="7"))
        table.alter_column("name", nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("things") as table:
        table.drop_column("number")
        table.alter_column("name", nullable=True)
