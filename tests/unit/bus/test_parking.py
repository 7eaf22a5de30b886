"""A parked message can be read and sent again, whoever parked it."""

from shared.bus.consumer import Delivery
from shared.bus.outgoing import Outgoing
from shared.bus.parking import ERROR_CHARACTERS, parking_message, parking_returned, read_parked

DELIVERY = Delivery("q.v1", 1, 1, "inbound", "a.b.c", b"\x00raw", "id-1", "thing.v1")


def delivered(message: Outgoing) -> Delivery:
    return Delivery(
        "parking.v1", 1, 1, message.exchange, message.routing_key, message.body, message.message_id,
        message.type, headers=dict(message.headers or {}),
    )  # fmt: skip


def test_all_that_is_needed_to_send_it_again() -> None:
    message = parking_message(DELIVERY, "failed", "x" * 20_000 + " at the end")
    assert (message.exchange, message.routing_key, message.persistent) == ("parking", "q.v1", True)
    read = read_parked(delivered(message))
    assert (read.queue, read.reason, read.exchange, read.routing_key) == (
        "q.v1",
        "failed",
        "inbound",
        "a.b.c",
    )
    assert (read.body, read.message_id, read.type) == (b"\x00raw", "id-1", "thing.v1")
    assert len(read.error) == ERROR_CHARACTERS
    assert read.error.endswith("at the end")


def test_parked_again_it_is_the_same_and_others_are_others() -> None:
    first = parking_message(DELIVERY, "failed", "a")
    assert parking_message(DELIVERY, "crashed", "b").message_id == first.message_id
    other = Delivery("q.v1", 1, 1, "inbound", "a.b.c", b"\x00raw", "id-2")
    assert parking_message(other, "failed", "a").message_id != first.message_id


def test_a_returned_one_of_ours() -> None:
    read = read_parked(delivered(parking_returned(Outgoing("events", "a.b", b"{}", "m"), "unroutable", "no")))
    assert (read.queue, read.exchange, read.routing_key, read.reason) == (
        "events",
        "events",
        "a.b",
        "unroutable",
    )


def test_what_the_broker_gave_up_on() -> None:
    death = {
        "queue": b"q.v1",
        "reason": b"delivery_limit",
        "exchange": b"inbound",
        "routing-keys": [b"a.b.c"],
    }
    dead = Delivery("parking.v1", 1, 1, "parking", "q.v1", b"raw", "id-1", headers={"x-death": [death]})
    read = read_parked(dead)
    assert (read.queue, read.reason, read.exchange, read.routing_key) == (
        "q.v1", "delivery_limit", "inbound", "a.b.c",
    )  # fmt: skip
    assert "delivery_limit" in read.error


def test_headers_may_be_missing() -> None:
    read = read_parked(Delivery("parking.v1", 1, 1, "parking", "q.v1", b"raw", ""))
    assert (read.queue, read.reason, read.exchange) == ("q.v1", "delivery_limit", "")
