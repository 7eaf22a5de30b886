"""The scene on each database, with a broker that a former test has left empty."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.integration.telegram_bot.scene import Scene, scene


@pytest.fixture
async def bots(emptied_host: str, migrated_url: Callable[[str], str], tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(emptied_host, migrated_url("gateways.telegram_bot"), tmp_path) as made:
        yield made
