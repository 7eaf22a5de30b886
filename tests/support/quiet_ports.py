"""Ports that stay free until they are used.

They lie outside of the range from which the system gives to who asks for any, as every connection does; and
each is reserved on the machine, by the name of a socket that nobody speaks to, until it is given back or its
process has gone. So two workers that look at the same time never find the same.
"""

import random
import socket
from collections.abc import Iterable

from deploy.local.ports import is_free

RANGE = range(10_000, 20_000)
_reserved: dict[int, socket.socket] = {}


def quiet_ports(count: int) -> list[int]:
    """So many different ones."""
    ports = (port for port in random.sample(RANGE, len(RANGE)) if _reserve(port))
    return [next(ports) for _ in range(count)]


def give_back(ports: Iterable[int]) -> None:
    """Others may have them again."""
    for port in ports:
        _reserved.pop(port).close()


def _reserve(port: int) -> bool:
    if port in _reserved:
        return False
    name = socket.socket(socket.AF_UNIX)
    try:
        name.bind(f"\0switchboard-tests-port-{port}")
    except OSError:
        name.close()
        return False
    if not is_free(port):
        name.close()
        return False
    _reserved[port] = name
    return True
