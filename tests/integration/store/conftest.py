"""A migrated database of the store, and a store at work on it."""

from collections.abc import AsyncIterator, Callable

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.db.engine import open_engine
from tests.integration.store.shop import Shop, writer


@pytest.fixture
def amqp_url(emptied_host: str) -> str:
    return emptied_host


@pytest.fixture
def store_database(migrated_url: Callable[[str], str]) -> str:
    """The address of an empty database of the store, migrated."""
    return migrated_url("store")


@pytest.fixture
async def engine(store_database: str) -> AsyncIterator[AsyncEngine]:
    """The database, opened."""
    opened = open_engine(store_database)
    yield opened
    await opened.dispose()


@pytest.fixture
async def idle_shop(amqp_url: str, store_database: str) -> AsyncIterator[Shop]:
    """Everything but a writer."""
    async with Shop.open(amqp_url, store_database) as shop:
        yield shop


@pytest.fixture
async def shop(amqp_url: str, idle_shop: Shop) -> AsyncIterator[Shop]:
    """With one writer."""
    async with writer(amqp_url, idle_shop.engine):
        yield idle_shop
