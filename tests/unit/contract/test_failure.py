"""The table of fates, row by row."""

import asyncio

import pytest

from shared import failure
from shared.failure import MAX_ATTEMPTS, Fate, fate

ROWS = [
    (None, 1, Fate.DONE),
    (failure.Unavailable("broker"), 99, Fate.WAIT),
    (failure.LeaseLost(), 1, Fate.STAND_BY),
    (failure.Retryable(3, "account"), 1, Fate.PAUSE),
    (failure.ChannelDown("banned"), 1, Fate.STOP_ACCOUNT),
    (failure.Rejected("too_long", "too long"), 1, Fate.FAILED),
    (failure.Unconfirmed("no answer"), 1, Fate.UNCONFIRMED),
    (failure.Unroutable("outbound", "a.b"), 1, Fate.PARK),
    (failure.Undecodable("body: no JSON"), 1, Fate.PARK),
    (ValueError("our bug"), 1, Fate.RETRY),
    (ValueError("our bug"), MAX_ATTEMPTS - 1, Fate.RETRY),
    (ValueError("our bug"), MAX_ATTEMPTS, Fate.PARK),
    (asyncio.CancelledError(), 1, Fate.RETURN),
]


@pytest.mark.parametrize(("error", "attempt", "expected"), ROWS, ids=lambda value: type(value).__name__)
def test_each_row(error: BaseException | None, attempt: int, expected: Fate) -> None:
    assert fate(error, attempt) is expected


def test_every_failure_has_a_row() -> None:
    assert {type(error) for error, _, _ in ROWS} >= {
        kind for kind in failure.Failure.__subclasses__() if kind.__module__ == failure.__name__
    }
