"""Instants are aware UTC; a UUIDv7 carries its time."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from shared.clock import FixedClock, SystemClock, uuid7

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_the_system_clock_is_aware_utc() -> None:
    now = SystemClock().now()
    assert now.tzinfo is UTC
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_fixed_clock_moves_only_when_moved() -> None:
    clock = FixedClock(NOON.astimezone(timezone(timedelta(hours=3))))
    assert clock.now() == clock.now() == NOON
    assert clock.now().tzinfo is UTC
    assert clock.advance(timedelta(minutes=-5)) == NOON - timedelta(minutes=5)
    clock.set(NOON)
    assert clock.now() == NOON


@pytest.mark.parametrize("make", [FixedClock, uuid7], ids=["clock", "uuid7"])
def test_a_naive_instant_is_refused(make: type[FixedClock]) -> None:
    with pytest.raises(ValueError, match="time zone"):
        make(datetime(2026, 3, 1, 12))  # noqa: DTZ001  # the mistake under test


def test_uuid7_is_valid_and_carries_the_milliseconds() -> None:
    made = uuid7(NOON + timedelta(milliseconds=123))
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert made.int >> 80 == int(NOON.timestamp() * 1000) + 123


def test_uuid7s_sort_by_time_and_do_not_repeat() -> None:
    earlier, later = uuid7(NOON), uuid7(NOON + timedelta(microseconds=500))
    assert earlier < later
    assert len({uuid7(NOON) for _ in range(1000)}) == 1000
    assert abs((uuid7().int >> 80) / 1000 - datetime.now(UTC).timestamp()) < 5


def test_uuid7_refuses_what_it_cannot_hold() -> None:
    with pytest.raises(ValueError, match="1970"):
        uuid7(datetime(1969, 12, 31, tzinfo=UTC))
