"""Instants are exact and always aware."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis.strategies import integers

from shared.db.types import from_micros, to_micros


@given(integers(to_micros(datetime(1900, 1, 1, tzinfo=UTC)), to_micros(datetime(2200, 1, 1, tzinfo=UTC))))
def test_every_microsecond_survives(micros: int) -> None:
    moment = from_micros(micros)
    assert moment.tzinfo is UTC
    assert to_micros(moment) == to_micros(moment.astimezone(timezone(timedelta(hours=-9.5)))) == micros


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        to_micros(datetime(2026, 1, 1))  # noqa: DTZ001 - the wrong thing on purpose
