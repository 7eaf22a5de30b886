"""A gateway's database, and the router's end of its wires."""

from collections.abc import AsyncIterator, Callable

import pytest

from shared.db.migrate import upgrade
from tests.support.webchat import Router


@pytest.fixture
def mailbox_url(database_url: Callable[[str], str]) -> str:
    url = database_url("webchat")
    upgrade(url, "gateways.webchat")
    return url


@pytest.fixture
async def router(amqp_url: str) -> AsyncIterator[Router]:
    async with Router(amqp_url) as router:
        yield router
