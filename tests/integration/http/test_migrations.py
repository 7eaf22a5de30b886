"""The schema of the open channel leads there and back, and is that of the tables."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from gateways.http.channel import CONNECTOR
from gateways.http.tables import METADATA
from shared.db.engine import open_engine
from shared.db.migrate import current, downgrade, upgrade
from shared.db.schema import newest


async def test_tables_and_migration_agree_and_lead_back(migrated_url: Callable[[str], str]) -> None:
    url = migrated_url(CONNECTOR.package)

    def difference(connection: sa.Connection) -> list[Any]:
        return list(compare_metadata(MigrationContext.configure(connection), METADATA))

    engine = open_engine(url)
    async with engine.connect() as conn:
        assert await conn.run_sync(difference) == []
    await engine.dispose()
    downgrade(url, CONNECTOR.package, "base")
    assert current(url) is None
    upgrade(url, CONNECTOR.package)
    assert current(url) == newest(CONNECTOR.package)
