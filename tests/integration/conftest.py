"""A virtual host that a former test has left empty, for rooms whose tests never look at what is declared."""

from collections.abc import Iterator

import pytest

from tests.support.broker import Broker
from tests.support.virtual_hosts import VirtualHosts


@pytest.fixture(scope="session")
def virtual_hosts(broker: Broker) -> VirtualHosts:
    return VirtualHosts(broker)


@pytest.fixture
def emptied_host(request: pytest.FixtureRequest, virtual_hosts: VirtualHosts) -> Iterator[str]:
    """Its address; such a room's `amqp_url` is this one."""
    name = virtual_hosts.lend(request.node.name)
    yield virtual_hosts.url(name)
    virtual_hosts.take_back(name)
