"""So many a second, and so many at once after a rest."""

import pytest

from gateways.kit.pace import Pace
from shared.contract.capabilities import Capabilities


def test_without_a_pace_everything_may_start() -> None:
    pace = Pace(Capabilities(), 0.0)
    assert pace.allowed(200, 0.0) == 200
    pace.started(200)
    assert pace.allowed(200, 0.0) == 200
    assert pace.wait_seconds() == 0


def test_a_burst_and_then_the_pace() -> None:
    pace = Pace(Capabilities(messages_per_second=2, burst=5), 100.0)
    assert pace.allowed(200, 100.0) == 5
    pace.started(5)
    assert pace.allowed(200, 100.0) == 0
    assert pace.wait_seconds() == pytest.approx(0.5)
    assert pace.allowed(200, 100.49) == 0
    assert pace.allowed(200, 100.5) == 1
    assert pace.allowed(200, 101.0) == 2
    pace.started(2)
    assert pace.allowed(200, 1000.0) == 5


def test_what_was_allowed_and_not_used_is_not_lost_or_doubled() -> None:
    pace = Pace(Capabilities(messages_per_second=1, burst=1), 0.0)
    for _ in range(10):
        assert pace.allowed(200, 0.0) == 1
    assert pace.allowed(0, 0.0) == 0
    pace.started(1)
    assert sum(_start(pace, tick / 10) for tick in range(1, 51)) == 5


def _start(pace: Pace, now: float) -> int:
    count = pace.allowed(200, now)
    pace.started(count)
    return count
