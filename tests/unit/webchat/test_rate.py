"""A visitor may write so many messages in so many seconds; then is told when to go on."""

import pytest

from gateways.webchat.rate import CROWD, Rate

pytestmark = pytest.mark.feature("CH1")


def test_ten_in_ten_seconds() -> None:
    rate = Rate(10, 10)
    assert [rate.take("v", 100.0) for _ in range(10)] == [0.0] * 10
    assert rate.take("v", 100.0) == pytest.approx(1.0)
    assert rate.take("v", 100.4) == pytest.approx(0.6)
    assert rate.take("v", 101.1) == 0.0
    assert rate.take("other", 100.0) == 0.0


def test_a_clock_that_jumps_back_frees_nobody() -> None:
    rate = Rate(1, 10)
    assert rate.take("v", 100.0) == 0.0
    assert rate.take("v", 50.0) > 0


def test_idle_visitors_are_forgotten() -> None:
    rate = Rate(1, 10)
    for number in range(CROWD):
        rate.take(str(number), 0.0)
    rate.take("one more", 20.0)
    assert len(rate._buckets) == 1
