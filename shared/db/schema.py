"""Whether a database is at the revision that a package was written for, asked without Alembic at every start.

The scripts in `<package>/migrations/versions` are named after their revisions, `0001_first.py`, and follow
one another in that order. What changes a schema is in shared/db/migrate.py.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.db.engine import reading
from shared.failure import Unavailable


class SchemaMismatch(Exception):
    """The database is not at the revision that this code was written for; the words say what to run."""


def versions_folder(package: str) -> Path:
    """Where the package's scripts lie; raises `SchemaMismatch` when there is no such package."""
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise SchemaMismatch(f"there is no package {package}")
    return Path(found.submodule_search_locations[0]) / "migrations" / "versions"


def newest(package: str) -> str | None:
    """The revision that the code of the package is written for."""
    names = [file.name for file in versions_folder(package).glob("[0-9]*_*.py")]
    return max(names).partition("_")[0] if names else None


def revision(connection: Connection) -> str | None:
    """The revision that the database is at; None before the first migration."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


async def require_current(engine: AsyncEngine, package: str) -> None:
    """Raises `SchemaMismatch`, with the command to run, unless the database is at the newest revision."""
    async with reading(engine) as conn:
        found = await conn.run_sync(revision)
    if found != newest(package):
        raise SchemaMismatch(
            f"the database of {package} is at revision {found or 'none'} and must be at {newest(package)}: "
            f"run `python -m shared.db.migrate upgrade {package}` with the same settings"
        )


def upgrade_and_tell(url: str, package: str) -> int:
    """The `migrate` of a service's command line; its exit code, 1 with the reason on stderr."""
    from shared.db.migrate import upgrade  # noqa: PLC0415 - Alembic is a tenth of a second of every start

    try:
        upgrade(url, package)
    except (SchemaMismatch, Unavailable) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"the database of {package} is at this version\n")
    return 0
