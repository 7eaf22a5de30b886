"""One gateway and one browser for each database; `mall.shop()` is a website of a test's own, `site` one as it
comes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.acceptance.sharing import Ground, shared_ground
from tests.acceptance.widget.mall import Mall, Shop, open_mall
from tests.support.broker import Broker


@pytest.fixture(scope="package")
def ground(
    request: pytest.FixtureRequest, broker: Broker, database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ground]:
    with shared_ground(request, "widget", broker, database, tmp_path_factory) as ground:
        yield ground


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def mall(ground: Ground, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Mall]:
    async with open_mall(ground, tmp_path_factory.mktemp("mall")) as mall:
        yield mall


@pytest_asyncio.fixture(loop_scope="session")
async def site(mall: Mall) -> AsyncIterator[Shop]:
    async with mall.shop() as site:
        yield site
