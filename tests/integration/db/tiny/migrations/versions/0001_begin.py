"""The first table."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("things", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.Text))
    op.execute(sa.text("INSERT INTO things (id, name) VALUES (1, 'one')"))


def downgrade() -> None:
    op.drop_table("things")
