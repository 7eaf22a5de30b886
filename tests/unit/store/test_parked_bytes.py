"""Whatever bytes were parked, the writer can read the delivery, and gets the same bytes."""

import pytest

from shared.bus.consumer import Delivery
from shared.topology import PARKED, ROUTER_INBOUND
from store.catalogue import CATALOGUE, MessageParked
from store.parked import readable


@pytest.mark.parametrize("body", [b"", b"hello", b"\xff\xfe\x00\x80", bytes(range(256)), b'{"id":1}'])
def test_any_bytes_are_kept(body: bytes) -> None:
    delivery = Delivery(
        queue=PARKED.name,
        tag=1,
        generation=1,
        exchange="parking",
        routing_key=ROUTER_INBOUND.name,
        body=body,
        message_id="m",
        type="inbound.message.v1",
        redelivered=False,
        headers={"x-reason": "undecodable"},
        reply_to=None,
        correlation_id=None,
        received_at=0.0,
    )
    read = readable(delivery)
    said = CATALOGUE.decode(read.body, read.type).data
    assert isinstance(said, MessageParked)
    assert said.body == body
