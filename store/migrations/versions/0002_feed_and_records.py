"""The feed, the audit, requests, what was parked; the loop's own tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Instant, Json, Key

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
OPEN = sa.text("replayed_at IS NULL AND discarded_at IS NULL")
TABLES = (
    "leases",
    "attempts",
    "inbox",
    "outbox",
    "parked",
    "feed_head",
    "feed",
    "requests",
    "audit",
)


def upgrade() -> None:
    _records()
    _parked()
    _loop()
    op.execute("INSERT INTO feed_head (id, seq, contacts) VALUES (1, 0, 0)")


def downgrade() -> None:
    for name in TABLES:
        op.drop_table(name)


def _records() -> None:
    op.create_table(
        "audit",
        sa.Column("audit_id", Key(), primary_key=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", Json(), nullable=False),
        sa.Column("command", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("accepted", sa.Boolean, nullable=False),
        sa.Column("refusal", sa.Text),
        sa.Column("detail", Json(), nullable=False),
    )
    op.create_index("ix_audit_at", "audit", ["at", "audit_id"])
    op.create_table(
        "requests",
        sa.Column("request_id", Key(), primary_key=True),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("external_id", sa.Text, nullable=False),
        sa.Column("stated", Json(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.UniqueConstraint("channel", "account", "external_id", name="ux_requests_external"),
    )
    op.create_table(
        "feed",
        sa.Column("seq", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("entity", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("parent", sa.Text),
        sa.Column("before", Json()),
        sa.Column("after", Json()),
        sa.Column("state", Json()),
        sa.Column("command_id", Key()),
        sa.Column("traceparent", sa.Text),
    )
    op.create_table(
        "feed_head",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("contacts", sa.BigInteger, nullable=False),
    )


def _parked() -> None:
    op.create_table(
        "parked",
        sa.Column("parked_id", Key(), primary_key=True),
        sa.Column("queue", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("exchange", sa.Text, nullable=False),
        sa.Column("routing_key", sa.Text, nullable=False),
        sa.Column("dead_lettered", sa.Boolean, nullable=False),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("headers", Json(), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("parked_at", Instant(), nullable=False),
        sa.Column("replayed_at", Instant()),
        sa.Column("discarded_at", Instant()),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("ix_parked_newest", "parked", ["parked_at", "parked_id"])
    op.create_index("ix_parked_open", "parked", ["parked_at"], sqlite_where=OPEN, postgresql_where=OPEN)


def _loop() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("exchange", sa.Text, nullable=False),
        sa.Column("routing_key", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("extra", Json()),
        sa.Column("at", Instant(), nullable=False),
    )
    op.create_table(
        "inbox",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("digest", sa.LargeBinary),
        sa.Column("answer", sa.LargeBinary),
        sa.Column("at", Instant(), nullable=False),
    )
    op.create_index("ix_inbox_at", "inbox", ["at"])
    op.create_table(
        "attempts",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("at", Instant(), nullable=False),
    )
    op.create_index("ix_attempts_at", "attempts", ["at"])
    op.create_table(
        "leases",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
    )
