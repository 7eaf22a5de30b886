"""What every test may ask for: a real broker with an empty virtual host, and empty databases of both kinds.

Servers start when the first test asks and end with pytest; nothing is left running. Unit and channel
cases are pure: asking for a server there is an error.
"""

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.broker import Broker
from tests.support.databases import DATABASES, DatabaseCounts, Models, empty_databases
from tests.support.features import FeatureMarks
from tests.support.postgres import Postgres
from tests.support.session import Session
from tests.support.together import Together

PURE_ROOMS = ("unit", "channels", "architecture")

gc.disable()  # until everything is imported: nothing of that goes


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(DatabaseCounts(config), "database-counts")
    config.pluginmanager.register(FeatureMarks(), "feature-marks")
    config.pluginmanager.register(Together(), "together")


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: collecting garbage need not walk through it."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def servers() -> Iterator[Session]:
    """Where servers are started. What a test started and left running fails the run."""
    session = Session()
    yield session
    leaked = session.close()
    assert not leaked, "left running by tests, and ended now:\n" + "\n".join(leaked)


@pytest.fixture(scope="session")
def broker(servers: Session) -> Broker:
    """The RabbitMQ node that all tests share. A test that stops or kills a node starts its own."""
    return servers.shared_broker()


@pytest.fixture(scope="session")
def postgres(servers: Session) -> Postgres:
    """The PostgreSQL server that all tests share."""
    return servers.postgres("postgres")


@pytest.fixture
def amqp_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an empty virtual host of the test's own."""
    _refuse_in_pure_rooms(request)
    broker: Broker = request.getfixturevalue("broker")
    name = broker.virtual_host(request.node.name)
    yield broker.node.url(name)
    broker.node.delete_virtual_host(name)


@pytest.fixture(scope="session", params=DATABASES)
def database(request: pytest.FixtureRequest) -> str:
    """The kind of this run of the test; long tests choose: parametrize("database", [...], indirect=True)."""
    return str(request.param)


@pytest.fixture
def database_url(
    request: pytest.FixtureRequest, database: str, tmp_path: Path
) -> Iterator[Callable[[str], str]]:
    """`database_url("router")` is the address of one more fresh, empty database at each call."""
    _refuse_in_pure_rooms(request)
    with empty_databases(database, tmp_path, lambda: request.getfixturevalue("postgres")) as fresh:
        yield fresh


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    """What migrated databases are copied from."""
    return Models(tmp_path_factory.mktemp("models"))


@pytest.fixture
def migrated_url(
    request: pytest.FixtureRequest, database: str, models: Models, tmp_path: Path
) -> Iterator[Callable[[str], str]]:
    """`migrated_url("gateways.desk")` is the address of one more fresh database of it at each call."""
    _refuse_in_pure_rooms(request)
    with models.migrated_databases(
        database, tmp_path, lambda: request.getfixturevalue("postgres")
    ) as migrated:
        yield migrated


def _refuse_in_pure_rooms(request: pytest.FixtureRequest) -> None:
    room = request.path.relative_to(request.config.rootpath / "tests").parts[0]
    if room in PURE_ROOMS:
        pytest.fail(f"tests/{room} is pure; a test that needs a server belongs into tests/integration")
