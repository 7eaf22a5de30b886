"""Virtual hosts of the shared node that are emptied and lent again: a tenth of the cost of new ones.

Emptied is: nobody is connected, no queue but the fixed ones of the topology is there, and these hold nothing.
What a test may see of a former one is that the topology is declared. Whoever tests that asks for a new one.
"""

from __future__ import annotations

from typing import Final

from shared.topology import QUEUES
from tests.support.broker import Broker
from tests.support.waiting import eventually_blocking

FIXED: Final = ", ".join(f'<<"{queue.name}">>' for queue in QUEUES)
LEAVING_SECONDS: Final = 0.3


class VirtualHosts:
    """Each is lent to one test at a time."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._free: list[str] = []

    def lend(self, test: str) -> str:
        """Its name."""
        return self._free.pop() if self._free else self._broker.virtual_host(test)

    def url(self, name: str) -> str:
        return self._broker.node.url(name)

    def take_back(self, name: str) -> None:
        """When everybody has left it; one that is still in use or not empty is deleted."""
        try:
            eventually_blocking(lambda: self._left(name) and self._emptied(name), seconds=LEAVING_SECONDS)
        except AssertionError:
            self._broker.node.delete_virtual_host(name)
        else:
            self._free.append(name)

    def _left(self, name: str) -> bool:
        """No connection is open, and no channel of a closed one still works off what it was sent."""
        return (
            self._broker.node.evaluate(
                f'Host = <<"{name}">>, length(rabbit_connection_tracking:list(Host)) + '
                "length([Channel || Channel <- rabbit_channel:list_local(), "
                "(catch rabbit_channel:info(Channel, [vhost])) =:= [{vhost, Host}]])"
            )
            == "0"
        )

    def _emptied(self, name: str) -> bool:
        """Without queues of accounts, and with nothing in the fixed ones."""
        rest = self._broker.node.evaluate(
            f'Host = <<"{name}">>, Fixed = [{FIXED}], '
            "lists:foreach(fun(Queue) -> "
            "case lists:member(element(4, amqqueue:get_name(Queue)), Fixed) of "
            "true -> rabbit_amqqueue:purge(Queue); "
            'false -> rabbit_amqqueue:delete(Queue, false, false, <<"test">>) end '
            "end, rabbit_amqqueue:list(Host)), "
            "lists:sum([lists:sum([Count || {_, Count} <- Info]) || "
            "Info <- rabbit_amqqueue:info_all(Host, [messages, consumers])])"
        )
        return rest == "0"
