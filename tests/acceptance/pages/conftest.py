"""One running stack and one browser for each database; whoever asks for `place` has a site of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.acceptance.pages.place import Place, Street, sites
from tests.acceptance.sharing import Ground, shared_ground
from tests.support.broker import Broker
from tests.support.browser import open_browser
from tests.support.stack import Stack
from tests.support.tap import Tap

SITES = 21
"""As many as tests have a place; one more test asks for one more."""


@pytest.fixture(scope="package")
def ground(
    request: pytest.FixtureRequest, broker: Broker, database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ground]:
    with shared_ground(request, "pages", broker, database, tmp_path_factory) as ground:
        yield ground


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with open_browser() as browser:
        yield browser


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def tap(ground: Ground) -> AsyncIterator[Tap]:
    """Hears all that goes over the bus of the street."""
    async with Tap(ground.amqp_url) as tap:
        yield tap


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def street(ground: Ground, tap: Tap, chromium: Browser) -> AsyncIterator[Street]:
    """In the end no service may have complained, and nothing on the bus may have been wrong."""
    settings = {"log_level": "debug"}
    async with Stack(ground.amqp_url, ground.database_url, settings, sites=sites(SITES), warm=True) as stack:
        yield Street(stack, chromium, iter(stack.sites))
        assert not stack.complaints(), stack.complaints()
        assert tap.wrong == []
        assert tap.decided_twice() == []
        assert tap.parked == 0


@pytest_asyncio.fixture(loop_scope="session")
async def place(street: Street) -> AsyncIterator[Place]:
    async with street.place() as place:
        yield place


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Function) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that failed shows what the services said last."""
    report = yield
    if report.failed and isinstance(place := item.funcargs.get("place"), Place):
        report.sections.append(("what the services said last", place.stack.last_words()))
    return report
