"""OP5: present while any desk says so, and nobody absent for our own silence."""

from datetime import timedelta

import pytest

from router.presence import GRACE, Presence, Seat
from tests.unit.router.people import ANNA, BORIS, NOON

A, B = ANNA.operator_id, BORIS.operator_id
SECOND = timedelta(seconds=1)
pytestmark = pytest.mark.feature("OP5")


def test_present_while_any_desk_says_so() -> None:
    presence = Presence()
    presence.renew("one", [A, B, A], NOON + 25 * SECOND)
    presence.renew("two", [A], NOON + 25 * SECOND)
    assert presence.present() == {A, B}
    taken, left = presence.renew("one", [], NOON + 25 * SECOND)
    assert (taken, {seat.operator_id for seat in left}) == ([], {A, B})
    assert presence.present() == {A}


def test_a_seat_that_nobody_renews_is_over() -> None:
    presence = Presence()
    presence.renew("one", [A], NOON + 3 * SECOND)
    presence.renew("one", [A, B], NOON + 4 * SECOND)
    assert presence.expire(NOON) == []
    until = NOON + GRACE
    for second in range(1, 30):
        assert presence.expire(NOON + second * SECOND) == []
    assert {seat.operator_id for seat in presence.expire(until)} == {A, B}
    assert presence.present() == frozenset()


def test_after_a_takeover_everybody_has_the_full_grace() -> None:
    presence = Presence([Seat(A, "one", NOON - timedelta(hours=1))])
    assert presence.expire(NOON) == []
    assert presence.present() == {A}


def test_after_a_silence_of_our_own_everybody_has_the_full_grace_again() -> None:
    presence = Presence()
    presence.expire(NOON)
    presence.renew("one", [A], NOON + 5 * SECOND)
    much_later = NOON + timedelta(minutes=3)
    assert presence.expire(much_later) == []
    for second in range(1, 30):
        assert presence.expire(much_later + second * SECOND) == []
    assert presence.expire(much_later + GRACE) == [Seat(A, "one", much_later + GRACE)]
