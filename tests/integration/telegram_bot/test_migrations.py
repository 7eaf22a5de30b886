"""The schema of the bot's gateway leads there and back, and is that of its tables."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from gateways.telegram_bot.tables import METADATA
from shared.db.engine import open_engine
from shared.db.migrate import current, downgrade, upgrade
from shared.db.schema import newest

PACKAGE = "gateways.telegram_bot"


@pytest.mark.feature("CH3")
async def test_there_and_back_and_the_same_as_the_tables(migrated_url: Callable[[str], str]) -> None:
    url = migrated_url(PACKAGE)

    def difference(connection: sa.Connection) -> list[Any]:
        return list(compare_metadata(MigrationContext.configure(connection), METADATA))

    engine = open_engine(url)
    async with engine.connect() as conn:
        assert await conn.run_sync(difference) == []
    await engine.dispose()
    downgrade(url, PACKAGE, "base")
    assert current(url) is None
    upgrade(url, PACKAGE)
    assert current(url) == newest(PACKAGE)
