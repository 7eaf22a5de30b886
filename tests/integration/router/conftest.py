"""A migrated database, a running router and the other ends of its line."""

from collections.abc import AsyncIterator, Callable

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.db.engine import open_engine
from tests.integration.router.town import Town, router


@pytest.fixture
def amqp_url(emptied_host: str) -> str:
    return emptied_host


@pytest.fixture
def router_database(migrated_url: Callable[[str], str]) -> str:
    """The address of a database of the router's, migrated."""
    return migrated_url("router")


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
