"""What these tests ask for: replicas of one site on one database, and the router's end.

A test that wants nothing but a replica asks for `replica`: the tests of a file share it, each with visitors
of its own, and `router` tells of these alone. Whoever sets, signals or ends replicas asks for `start`, and
has database and virtual host alone.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from gateways.webchat.service import PACKAGE
from shared.db.migrate import upgrade
from tests.support.broker import Broker
from tests.support.databases import empty_databases
from tests.support.visitor import Visitor
from tests.support.waiting import eventually_blocking
from tests.support.webchat import ORIGIN, SITE_KEY, Replica, Router, environment, write_accounts

Start = Callable[..., Awaitable[Replica]]


@pytest.fixture
def accounts(tmp_path: Path) -> Path:
    return write_accounts(tmp_path)


@pytest.fixture
def mailbox_url(migrated_url: Callable[[str], str]) -> str:
    """A fresh database at the newest revision."""
    return migrated_url(PACKAGE)


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


@dataclass
class House:
    """What the tests of a file share."""

    replica: Replica
    amqp_url: str


@pytest.fixture(scope="module")
def house_accounts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The accounts file of the shared replica; blobs lie beside it."""
    return write_accounts(tmp_path_factory.mktemp("house"))


@pytest.fixture(scope="module")
def house(
    request: pytest.FixtureRequest, broker: Broker, database: str, house_accounts: Path
) -> Iterator[House]:
    virtual_host = broker.virtual_host(request.node.name)
    amqp_url = broker.node.url(virtual_host)
    folder, server = house_accounts.parent, partial(request.getfixturevalue, "postgres")
    with empty_databases(database, folder, server) as database_url:
        mailbox = database_url("webchat")
        upgrade(mailbox, PACKAGE)
        replica = Replica(environment(amqp_url, mailbox, house_accounts))
        try:
            replica.launch()
            eventually_blocking(replica.settled, seconds=20)
            eventually_blocking(lambda: replica.logged("account_declared"), seconds=15)
            yield House(replica, amqp_url)
        finally:
            replica.end()
    broker.node.delete_virtual_host(virtual_host)


@pytest.fixture
def replica(house: House) -> Iterator[Replica]:
    """Whose account is declared; no test may hurt it."""
    yield house.replica
    assert house.replica.alive, "the replica ended"


@pytest.fixture
async def router(request: pytest.FixtureRequest, visitors: list[Visitor]) -> AsyncIterator[Router]:
    def concerns(fact: dict[str, Any]) -> bool:
        return fact["data"].get("dialog", {}).get("chat") in {one.visitor for one in visitors}

    if "house" in request.fixturenames:
        router = Router(request.getfixturevalue("house").amqp_url, concerns)
    else:
        router = Router(request.getfixturevalue("amqp_url"))
    async with router:
        yield router


@pytest.fixture
async def visitors() -> AsyncIterator[list[Visitor]]:
    """Those that the test made; cut off in the end."""
    made: list[Visitor] = []
    yield made
    for one in made:
        one.cut()


@pytest.fixture
def visitor(visitors: list[Visitor]) -> Callable[..., Visitor]:
    """`visitor(replica, …)` is a visitor of the demo site, not connected yet; cut off in the end."""

    def make(*replicas: Replica, site: str = SITE_KEY, origin: str = ORIGIN, language: str = "en") -> Visitor:
        visitors.append(Visitor([one.url for one in replicas], site=site, origin=origin, language=language))
        return visitors[-1]

    return make
