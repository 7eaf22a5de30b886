"""Where a line stands in its dialog."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.db.types import to_micros
from store.position import STEP, Bounds, Heard, free_place, in_order, message_time
from tests.unit.store.story import START


@given(st.lists(st.integers(0, 50), min_size=1, max_size=50))
def test_places_in_order_rise_whatever_the_times_are(times: list[int]) -> None:
    last, places = 0, []
    for at in times:
        last = in_order(last, at)
        places.append(last)
    assert places == sorted(set(places))
    assert all(place >= at for place, at in zip(places, times, strict=True))


@given(st.integers(0, 30), st.sets(st.integers(0, 40)), st.none() | st.integers(1, 40))
def test_a_late_place_is_free_and_below_the_next_of_the_provider(
    at: int, taken: set[int], ceiling: int | None
) -> None:
    place = free_place(at, taken, Bounds(None, ceiling))
    assert place not in taken
    assert ceiling is None or place < ceiling
    if ceiling is None or at not in taken:
        assert place == (at if ceiling is None or at < ceiling else place) or place > at


def test_a_late_place_is_its_times_place_when_that_is_free_and_else_between_its_neighbours() -> None:
    assert free_place(7, {5, 6, 8}) == 7
    assert free_place(7, {7, 8}) == 9
    assert free_place(9, set(), Bounds(None, 8)) == 7
    assert free_place(6, {6, 7}, Bounds(None, 8)) == 5
    assert free_place(6, {10, 20}, Bounds(10, 20)) == 15
    assert free_place(6, {10, 15, 20}, Bounds(10, 20)) == 16
    assert free_place(30, {10, 20}, Bounds(10, 20)) == 15
    assert free_place(6, {10}, Bounds(10)) == 10 + STEP


@given(st.permutations(range(8)), st.lists(st.integers(0, 12), max_size=6), st.booleans())
def test_messages_stand_in_the_providers_order_however_late_each_comes(
    arriving: list[int], spoken_at: list[int], counted: bool
) -> None:
    """Others speak meanwhile, and their lines do not move: what comes later stands behind them or between."""
    last, heard, places, taken = 0, Heard(None, 0), dict[int, int](), set[int]()
    for turn, number in enumerate(arriving):
        if turn in spoken_at:
            last = in_order(last, 100 + turn)
            taken.add(last)
        sequence = number if counted else None
        at = 10 + number
        if heard.is_before(sequence, at, backfill=False):
            bounds = Bounds()
            for other in sorted(places):
                if other < number:
                    bounds = bounds.narrowed(places[other], before=True)
            for other in places:
                if other > number:
                    bounds = bounds.narrowed(places[other], before=False)
            places[number] = free_place(at, taken, bounds)
            last = max(last, places[number])
        else:
            places[number] = last = in_order(last, at)
            heard = heard.after(sequence, at)
        taken.add(places[number])
    assert sorted(places, key=lambda number: places[number]) == list(range(8))
    assert len(set(places.values())) == 8


@pytest.mark.feature("BY11")
def test_sequence_decides_what_is_late_and_time_where_there_is_none() -> None:
    heard = Heard(5, 100)
    assert heard.is_before(4, 200, backfill=False)
    assert not heard.is_before(6, 50, backfill=False)
    assert heard.is_before(None, 99, backfill=False)
    assert not heard.is_before(None, 100, backfill=False)
    assert heard.is_before(None, 100, backfill=True)
    assert Heard(None, 0).after(3, 7).after(None, 5) == Heard(3, 7)


def test_a_message_cannot_have_been_sent_after_it_was_heard() -> None:
    later = START + timedelta(hours=5)
    assert message_time(later, START) == to_micros(START)
    assert message_time(START, later) == to_micros(START)
    assert message_time(None, START) == to_micros(START)
