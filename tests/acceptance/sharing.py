"""What several tests share: an empty virtual host and empty databases, for as long as their package runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from tests.support.broker import Broker
from tests.support.databases import empty_databases


@dataclass(frozen=True, slots=True)
class Ground:
    """What `amqp_url` and `database_url` are to a single test."""

    amqp_url: str
    database_url: Callable[[str], str]


@contextmanager
def shared_ground(
    request: pytest.FixtureRequest, name: str, broker: Broker, database: str, paths: pytest.TempPathFactory
) -> Iterator[Ground]:
    """For a fixture that is asked for these by name, so that it goes with each kind of database."""
    host = broker.virtual_host(f"{name}-{database}")
    folder = paths.mktemp(name)
    with empty_databases(database, folder, lambda: request.getfixturevalue("postgres")) as fresh:
        yield Ground(broker.node.url(host), fresh)
    broker.node.delete_virtual_host(host)
