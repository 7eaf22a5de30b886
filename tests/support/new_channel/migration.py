"""The first migration of a channel, written from its tables as they are today."""

import importlib
from pathlib import Path
from textwrap import dedent, indent
from typing import Any, Literal

import sqlalchemy as sa
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.autogenerate.api import AutogenContext
from alembic.runtime.migration import MigrationContext

from shared.db.types import Instant, Json, Key
from tests.support.new_channel.layout import ROOT, words_of

_PLAIN = {Key: "sa.Uuid", Json: "sa.Text", Instant: "sa.BigInteger"}


def write_migration(name: str) -> Path:
    """`gateways/<name>/migrations/versions/0001_first.py`."""
    importlib.invalidate_caches()
    metadata: sa.MetaData = importlib.import_module(f"gateways.{name}.tables").METADATA
    folder = ROOT / "gateways" / name / "migrations" / "versions"
    folder.mkdir(parents=True)
    path = folder / "0001_first.py"
    path.write_text(_script(name, metadata), encoding="utf-8")
    return path


def _script(name: str, metadata: sa.MetaData) -> str:
    with sa.create_engine("sqlite://").connect() as conn:
        options = {"render_item": _plain}
        script = produce_migrations(MigrationContext.configure(conn, opts=options), metadata)
        assert script.upgrade_ops is not None
        steps = render_python_code(script.upgrade_ops, render_item=_plain)
    body = dedent("\n".join(line for line in steps.splitlines() if not line.strip().startswith("#")))
    tables = ", ".join(f'"{table.name}"' for table in reversed(metadata.sorted_tables))
    return f'''"""What the kit keeps for {words_of(name)}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
{indent(body, "    ")}


def downgrade() -> None:
    for table in ({tables}):
        op.drop_table(table)
'''


def _plain(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Our own types as what they are in the database: a migration does not change with the code."""
    return f"{_PLAIN[type(item)]}()" if kind == "type" and type(item) in _PLAIN else False
