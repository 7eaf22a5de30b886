"""The one page of the broker: every queue is a quorum queue that parks what it gives up on."""

import pytest

from shared import topology
from shared.contract.commands import ROUTER_COMMANDS, STORE_COMMANDS


def test_every_queue_is_durable_in_the_same_way() -> None:
    for queue in (*topology.QUEUES, topology.account_queue("webchat", "site")):
        assert queue.arguments["x-queue-type"] == "quorum"
        assert queue.arguments["x-delivery-limit"] == 50
        assert queue.name.endswith(".v1")
        dead = queue.arguments.get("x-dead-letter-exchange")
        assert dead == (None if queue is topology.PARKED else topology.PARKING)


def test_every_command_has_a_queue() -> None:
    bound = {key.split(".")[0]: queue for queue in topology.QUEUES for exchange, key in queue.bindings}
    for models, queue in (
        (ROUTER_COMMANDS, topology.ROUTER_COMMANDS),
        (STORE_COMMANDS, topology.STORE_COMMANDS),
    ):
        for model in models:
            assert bound[topology.command_key(model.TYPE).split(".")[0]] is queue, model


@pytest.mark.parametrize("bad", ["", "A", "site-1", "a.b", "я", "x" * 41, "#", "*"])
def test_words_of_keys_are_plain(bad: str) -> None:
    with pytest.raises(ValueError, match="no word of a routing key"):
        topology.word(bad)
