"""Ports that stay free until they are used: outside of the range from which the system gives to who asks for
any, as every connection does."""

import random

from deploy.local.ports import is_free

RANGE = range(10_000, 20_000)


def quiet_ports(count: int) -> list[int]:
    """So many different ones."""
    ports = (port for port in random.sample(RANGE, len(RANGE)) if is_free(port))
    return [next(ports) for _ in range(count)]
