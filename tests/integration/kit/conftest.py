"""A gateway's database, and the router's end of its wires."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from shared.db.migrate import upgrade
from tests.integration.kit.polled import Scene, scene
from tests.support.new_channel.copy import with_channels
from tests.support.webchat import Router


@pytest.fixture
def amqp_url(emptied_host: str) -> str:
    return emptied_host


@pytest.fixture
def mailbox_url(database_url: Callable[[str], str]) -> str:
    url = database_url("webchat")
    upgrade(url, "gateways.webchat")
    return url


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with a new channel of each kind in it; nobody changes it."""
    return with_channels(tmp_path_factory)


@pytest.fixture
async def acme(
    project: Path, amqp_url: str, database_url: Callable[[str], str], tmp_path: Path
) -> AsyncIterator[Scene]:
    async with scene(project, amqp_url, database_url("acme"), tmp_path) as made:
        yield made


@pytest.fixture
async def router(amqp_url: str) -> AsyncIterator[Router]:
    async with Router(amqp_url) as router:
        yield router
