"""Contacts are found by the words of their names; categories of accounts. The version before works on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Json, Key
from store.names import words_of

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BATCH = 5_000


def upgrade() -> None:
    word = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.create_table(
        "names",
        sa.Column("word", word, primary_key=True),
        sa.Column("contact_id", Key(), primary_key=True),
        sqlite_with_rowid=False,
    )
    _fill(op.get_bind())
    op.create_index("ix_names_contact_id", "names", ["contact_id"])
    op.add_column("accounts", sa.Column("categories", Json(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("accounts", "categories")
    op.drop_table("names")


def _fill(connection: sa.Connection) -> None:
    """From the names that there are."""
    contacts = sa.table("contacts", sa.column("contact_id", Key()), sa.column("name", sa.Text))
    names = sa.table("names", sa.column("word", sa.Text), sa.column("contact_id", Key()))
    query = sa.select(contacts.c.contact_id, contacts.c.name).order_by(contacts.c.contact_id).limit(BATCH)
    found = connection.execute(query.where(contacts.c.name.is_not(None))).all()
    while found:
        rows = [{"word": word, "contact_id": one.contact_id} for one in found for word in words_of(one.name)]
        if rows:
            connection.execute(sa.insert(names), rows)
        beyond = contacts.c.contact_id > found[-1].contact_id
        found = connection.execute(query.where(contacts.c.name.is_not(None), beyond)).all()
