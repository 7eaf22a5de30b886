"""Migrations: up and down on both databases, whole or not at all; and who refuses to start."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from shared.db import migrate
from shared.db.engine import open_engine, reading, writing
from shared.db.schema import SchemaMismatch, newest, require_current

PACKAGE = "tests.integration.db.tiny"
ROOT = Path(__file__).parents[3]


async def rows(url: str) -> list[tuple[object, ...]]:
    engine = open_engine(url)
    async with reading(engine) as conn:
        found = [tuple(row) for row in await conn.execute(text("SELECT * FROM things"))]
    await engine.dispose()
    return found


async def test_up_and_down(database_url: Callable[[str], str]) -> None:
    url = database_url("tiny")
    assert migrate.current(url) is None
    migrate.upgrade(url, PACKAGE)
    migrate.upgrade(url, PACKAGE)
    assert migrate.current(url) == newest(PACKAGE) == "0002"
    assert await rows(url) == [(1, "one", 7)]
    migrate.downgrade(url, PACKAGE)
    assert migrate.current(url) == "0001"
    assert await rows(url) == [(1, "one")]
    migrate.downgrade(url, PACKAGE, "base")
    assert migrate.current(url) is None


async def test_a_service_refuses_another_schema(database_url: Callable[[str], str]) -> None:
    url = database_url("tiny")
    engine = open_engine(url)
    with pytest.raises(SchemaMismatch, match=f"migrate upgrade {PACKAGE}"):
        await require_current(engine, PACKAGE)
    migrate.upgrade(url, PACKAGE)
    await require_current(engine, PACKAGE)
    await engine.dispose()


async def test_what_fails_leaves_what_was(database_url: Callable[[str], str]) -> None:
    url = database_url("tiny")
    migrate.upgrade(url, PACKAGE, "0001")
    engine = open_engine(url)
    async with writing(engine) as conn:
        await conn.execute(text("INSERT INTO things (id, name) VALUES (2, NULL)"))
    await engine.dispose()
    with pytest.raises(Exception, match=r"(?i)null"):
        migrate.upgrade(url, PACKAGE)
    assert migrate.current(url) == "0001"
    assert await rows(url) == [(1, "one"), (2, None)]


async def test_two_at_once_take_turns(database_url: Callable[[str], str]) -> None:
    url = database_url("tiny")
    await asyncio.gather(*[asyncio.to_thread(migrate.upgrade, url, PACKAGE) for _ in range(3)])
    assert migrate.current(url) == "0002"


def test_the_command_line(database_url: Callable[[str], str]) -> None:
    environment = {**os.environ, "SWITCHBOARD_DATABASE_URL": database_url("tiny")}

    def run(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "shared.db.migrate", *words]
        return subprocess.run(
            command, cwd=ROOT, env=environment | more, capture_output=True, text=True, check=False
        )

    done = run("upgrade", PACKAGE)
    assert (done.returncode, done.stdout) == (0, f"{PACKAGE}: 0002\n")
    assert run("downgrade", PACKAGE).stdout == f"{PACKAGE}: 0001\n"
    refused = run("current", PACKAGE, SWITCHBOARD_DATABASE_URL="")
    assert refused.returncode == 2
    assert "SWITCHBOARD_DATABASE_URL" in refused.stderr
    assert run("upgrade", "no_such_package").returncode == 2
