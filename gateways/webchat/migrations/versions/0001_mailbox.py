"""The mailbox of the web chat, its spool and journal."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    _mailbox()
    _spool()
    _journal()
    op.create_table(
        "declared",
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
    )


def _mailbox() -> None:
    op.create_table(
        "dialogs",
        sa.Column("dialog_id", sa.Uuid, primary_key=True),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("visitor", sa.Text, nullable=False),
        sa.Column("last_seq", sa.BigInteger, nullable=False),
        sa.Column("last_at", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
    )
    op.create_index("dialogs_changed", "dialogs", ["changed_at"])
    op.create_table(
        "mailbox",
        sa.Column("dialog_id", sa.Uuid, primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("mark", sa.Text, nullable=False),
        sa.Column("message_id", sa.Uuid, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("traceparent", sa.Text, nullable=True),
        sa.UniqueConstraint("dialog_id", "mark"),
        sqlite_with_rowid=False,
    )


def _spool() -> None:
    op.create_table(
        "spool",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("fact_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("dialog_id", sa.Uuid, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("routing_key", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("reports", sa.Uuid, nullable=True),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("spool_dialog", "spool", ["dialog_id", "id"])
    op.create_index("spool_at", "spool", ["account", "at"])


def _journal() -> None:
    op.create_table(
        "journal",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("message_id", sa.Uuid, nullable=False),
        sa.Column("part", sa.Integer, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("dialog_id", sa.Uuid, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("bulk", sa.Boolean, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("not_after", sa.BigInteger, nullable=False),
        sa.Column("paused_until", sa.BigInteger, nullable=False),
        sa.Column("external_ids", sa.Text, nullable=True),
        sa.Column("code", sa.Text, nullable=True),
        sa.Column("words", sa.Text, nullable=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("message_id", "part"),
    )
    op.create_index("journal_state", "journal", ["account", "state", "dialog_id", "id"])
    op.create_index("journal_at", "journal", ["at"])


def downgrade() -> None:
    for table in ("leases", "declared", "journal", "spool", "mailbox", "dialogs"):
        op.drop_table(table)
