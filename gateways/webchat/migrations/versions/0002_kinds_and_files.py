"""Rows of the mailbox have a kind and a body; a dialog knows what was said, seen and closed; its files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MARKS = ("said_seq", "seen_seq", "closed_seq")


def upgrade() -> None:
    for mark in MARKS:
        op.add_column("dialogs", sa.Column(mark, sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("mailbox", sa.Column("kind", sa.Text, nullable=False, server_default="msg"))
    op.add_column("mailbox", sa.Column("body", sa.Text, nullable=True))
    op.create_table(
        "receipts",
        sa.Column("dialog_id", sa.Uuid, primary_key=True),
        sa.Column("delivered_seq", sa.BigInteger, nullable=False),
        sa.Column("read_seq", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "files",
        sa.Column("dialog_id", sa.Uuid, primary_key=True),
        sa.Column("attachment_id", sa.Uuid, primary_key=True),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("mime_type", sa.Text, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("width", sa.Integer, nullable=True),
        sa.Column("height", sa.Integer, nullable=True),
        sa.Column("seconds", sa.Float, nullable=True),
        sa.Column("preview", sa.Boolean, nullable=False),
        sa.Column("sent", sa.Boolean, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("files_left_over", "files", ["sent", "at"])


def downgrade() -> None:
    op.drop_table("files")
    op.drop_table("receipts")
    for column in ("body", "kind"):
        op.drop_column("mailbox", column)
    for mark in MARKS:
        op.drop_column("dialogs", mark)
