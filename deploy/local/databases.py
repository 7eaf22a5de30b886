"""Where each service keeps its data: a SQLite file each, or with DATABASE_URL a PostgreSQL database each.

DATABASE_URL names a PostgreSQL database that the user may connect to; the services' own stand beside it,
named `<that one>_router`, `<that one>_store`, ...; they are made if missing, so the user needs CREATEDB.
"""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from deploy.local.refusal import NotPossibleError


def addresses(names: Iterable[str], folder: Path, server_url: str | None) -> dict[str, str]:
    """The address of each one's database, which exists when this returns (SQLite makes its files itself)."""
    if server_url is None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return {name: f"sqlite:///{folder / f'{name}.db'}" for name in names}
    beside = {name: _beside(server_url, name) for name in names}
    try:
        asyncio.run(_create_missing(server_url, beside.values()))
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise NotPossibleError(f"the server of DATABASE_URL: {error!r}") from None
    return beside


def _beside(server_url: str, name: str) -> str:
    parts = urlsplit(server_url)
    if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        raise NotPossibleError("DATABASE_URL must look like postgresql://user:password@host/name")
    return parts._replace(scheme="postgresql", path=f"{parts.path}_{name}").geturl()


async def _create_missing(server_url: str, wanted: Iterable[str]) -> None:
    connection = await asyncpg.connect(server_url, timeout=10)
    try:
        for url in wanted:
            name = urlsplit(url).path.strip("/")
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
                await connection.execute(f'CREATE DATABASE "{name.replace(chr(34), "")}"')
    finally:
        await connection.close()
