"""The channel over a fresh database: of each kind, or only SQLite."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.integration.vk.desk import Desk, opened
from tests.support.databases import Models
from tests.support.postgres import Postgres


@pytest.fixture
async def desk(migrated_url: Callable[[str], str], tmp_path: Path) -> AsyncIterator[Desk]:
    async with opened(migrated_url("gateways.vk"), tmp_path) as made:
        yield made


@pytest.fixture
async def kept(models: Models, tmp_path: Path) -> AsyncIterator[Desk]:
    """The same on SQLite: for what is about VK and not about the database."""
    with models.migrated_databases("sqlite", tmp_path, _no_server) as migrated:
        async with opened(migrated("gateways.vk"), tmp_path) as made:
            yield made


def _no_server() -> Postgres:
    raise AssertionError("SQLite needs no server")
