"""Behind a failing delivery its subject waits in order, and nobody else."""

from datetime import UTC, datetime
from uuid import UUID

from shared.bus.consumer import Delivery
from shared.bus.handler import Incoming
from shared.bus.waiting_room import WaitingRoom
from shared.contract.envelope import Data, wrap


class Thing(Data):
    TYPE = "thing.v1"


def item(n: int, subject: str, generation: int = 1) -> Incoming:
    envelope = wrap(
        Thing(), id=UUID(int=n), source="t", time=datetime(2026, 1, 1, tzinfo=UTC), subject=subject
    )
    return Incoming(Delivery("q", n, generation, "e", "k", b"", ""), envelope)


def test_a_subject_waits_in_order() -> None:
    room = WaitingRoom()
    assert room.next_due() is None
    first, second, third = item(1, "a"), item(2, "a"), item(3, "a")
    room.hold(first, 10.0)
    room.wait(second)
    room.wait(third)
    assert room.holds("a")
    assert not room.holds("b")
    assert room.due(9.9) == []
    assert room.due(10.0) == [first]
    room.hold(first, 20.0)
    assert room.next_due() == 20.0
    assert room.release("a") == [second, third]
    assert room.release("a") == []
    assert not room.holds("a")


def test_what_a_lost_channel_brought_is_forgotten() -> None:
    room = WaitingRoom()
    room.hold(item(1, "a"), 1.0)
    room.wait(item(2, "a"))
    room.hold(item(3, "b", generation=2), 1.0)
    room.wait(item(4, "b"))
    room.forget(lambda what: what.delivery.generation == 1)
    assert not room.holds("a")
    assert room.release("b") == []
