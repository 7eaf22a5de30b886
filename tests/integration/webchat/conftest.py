"""What these tests ask for: replicas of one site on one database, and the router's end."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from gateways.webchat.service import PACKAGE
from shared.db.migrate import upgrade
from tests.support.visitor import Visitor
from tests.support.webchat import ORIGIN, SITE_KEY, Replica, Router, environment, write_accounts

Start = Callable[..., Awaitable[Replica]]


@pytest.fixture
def accounts(tmp_path: Path) -> Path:
    return write_accounts(tmp_path)


@pytest.fixture
def mailbox_url(database_url: Callable[[str], str]) -> str:
    """A fresh database at the newest revision."""
    url = database_url("webchat")
    upgrade(url, PACKAGE)
    return url


@pytest.fixture
async def start(amqp_url: str, mailbox_url: str, accounts: Path) -> AsyncIterator[Start]:
    """`await start(RATE_MESSAGES="5")` is one more replica; all are killed in the end."""
    replicas: list[Replica] = []

    async def one(**settings: str) -> Replica:
        named = {f"SWITCHBOARD_{name}": value for name, value in settings.items()}
        replica = Replica(environment(amqp_url, mailbox_url, accounts, **named))
        replicas.append(replica)
        return await replica.start()

    yield one
    for replica in replicas:
        await replica.kill()


@pytest.fixture
async def router(amqp_url: str) -> AsyncIterator[Router]:
    async with Router(amqp_url) as router:
        yield router


@pytest.fixture
async def visitor() -> AsyncIterator[Callable[..., Visitor]]:
    """`visitor(replica, …)` is a visitor of the demo site, not connected yet; cut off in the end."""
    visitors: list[Visitor] = []

    def make(*replicas: Replica, site: str = SITE_KEY, origin: str = ORIGIN, language: str = "en") -> Visitor:
        visitors.append(Visitor([one.url for one in replicas], site=site, origin=origin, language=language))
        return visitors[-1]

    yield make
    for one in visitors:
        one.cut()
