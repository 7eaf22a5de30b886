"""A channel that holds a connection gives it up last, whatever that ends with."""

import pytest

from tests.integration.kit.scripted import Scripted, gateway
from tests.support.waiting import eventually
from tests.support.webchat import Router


class Holding(Scripted):
    """`closing` happens at the close."""

    def __init__(self, closing: Exception | None) -> None:
        super().__init__()
        self.closing = closing
        self.closed = 0

    async def close(self) -> None:
        self.closed += 1
        if self.closing is not None:
            raise self.closing


@pytest.mark.parametrize("closing", [None, OSError("the connection broke")], ids=["well", "broken"])
async def test_the_connection_is_closed_once(
    amqp_url: str, mailbox_url: str, router: Router, closing: Exception | None
) -> None:
    channel = Holding(closing)
    async with gateway(amqp_url, mailbox_url, channel) as host:
        await eventually(lambda: router.of_type("inbound.account.v1"))
        message = await router.send("v1", "hello")
        await eventually(lambda: router.outcomes(message) == ["sent"])
        closed_early = channel.closed
    assert (closed_early, channel.closed) == (0, 1)
    assert not host.owner_of
