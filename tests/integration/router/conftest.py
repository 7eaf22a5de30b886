"""A migrated database, a running router and the other ends of its line."""

from collections.abc import AsyncIterator, Callable

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.db.engine import open_engine
from shared.db.migrate import upgrade
from tests.integration.router.town import Town, router


@pytest.fixture
def router_database(database_url: Callable[[str], str]) -> str:
    """The address of a database of the router's, migrated."""
    url = database_url("router")
    upgrade(url, "router")
    return url


@pytest.fixture
async def engine(router_database: str) -> AsyncIterator[AsyncEngine]:
    opened = open_engine(router_database)
    yield opened
    await opened.dispose()


@pytest.fixture
async def town(amqp_url: str, router_database: str) -> AsyncIterator[Town]:
    """A running router with a connected account `webchat.site`."""
    async with Town.open(amqp_url) as town, router(amqp_url, router_database):
        await town.declare_account()
        yield town
