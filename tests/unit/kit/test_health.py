"""The health of an account is a table: every state × every sign."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from gateways.kit.health import (
    TROUBLES,
    Delivered,
    Health,
    Passed,
    Paused,
    Probed,
    Sign,
    State,
    Stopped,
    Troubled,
    after,
)
from shared.contract.inbound import AccountHealth

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
SOON = NOON + timedelta(seconds=30)
IN = {
    "unknown": Health(troubles=TROUBLES - 1),
    "well": Health("well", troubles=TROUBLES - 1),
    "degraded": Health("degraded", "it hangs", troubles=TROUBLES),
    "down": Health("down", "the token was revoked"),
    "login_needed": Health("login_needed"),
    "throttled": Health("throttled", until=SOON),
}
SIGNS: dict[str, Sign] = {
    "probed": Probed(),
    "delivered": Delivered(),
    "third trouble": Troubled("it hangs"),
    "pause": Paused(NOON, NOON + timedelta(minutes=5)),
    "stop": Stopped("banned"),
    "log in": Stopped("login_needed"),
    "too early": Passed(NOON),
    "time passed": Passed(SOON),
}
TABLE = {
    # state: probed, delivered, third trouble, pause, stop, log in, too early, time passed
    "unknown": "well unknown degraded throttled down login_needed unknown unknown",
    "well": "well well degraded throttled down login_needed well well",
    "degraded": "degraded well degraded throttled down login_needed degraded degraded",
    "down": "well down down down down login_needed down down",
    "login_needed": "well login_needed login_needed login_needed down login_needed login_needed login_needed",
    "throttled": "throttled throttled throttled throttled down login_needed throttled well",
}


def test_the_table_is_whole() -> None:
    assert set(TABLE) == set(IN) == set(get_args(State))
    told = get_args(AccountHealth.model_fields["state"].annotation)
    assert set(told) == set(IN) - {"unknown"}


@pytest.mark.feature("BY10")
@pytest.mark.parametrize("state", IN)
def test_every_state_and_every_sign(state: str) -> None:
    became = {name: after(IN[state], sign).state for name, sign in SIGNS.items()}
    assert became == dict(zip(SIGNS, TABLE[state].split(), strict=True))


def test_one_trouble_or_two_are_none() -> None:
    health = Health("well")
    for _ in range(TROUBLES - 1):
        health = after(health, Troubled("it hangs"))
        assert health.state == "well"
        assert not health.tells(Health("well"))
    assert after(after(health, Delivered()), Troubled("it hangs")).state == "well"
    assert after(health, Troubled("it hangs")).reason == "it hangs"


def test_as_many_probes_as_troubles_end_it() -> None:
    health = IN["degraded"]
    for _ in range(TROUBLES - 1):
        health = after(health, Probed())
        assert not health.tells(IN["degraded"])
    assert after(health, Probed()) == Health("well")


def test_a_pause_is_told_once_with_its_end() -> None:
    until = NOON + timedelta(minutes=1)
    health = after(Health("well"), Paused(NOON, until))
    assert health == Health("throttled", until=until)
    assert after(health, Paused(NOON, until + timedelta(milliseconds=900))) is health
    longer = after(health, Paused(NOON, until + timedelta(seconds=2)))
    assert longer.tells(health)
    assert longer.until == until + timedelta(seconds=2)
    assert after(Health("well"), Paused(NOON, NOON + timedelta(milliseconds=900))).state == "well"


def test_who_has_to_log_in_is_told_why() -> None:
    assert after(Health("well"), Stopped("login_needed: signed out elsewhere")) == Health(
        "login_needed", "signed out elsewhere"
    )
    down = after(Health("well"), Stopped("banned"))
    assert after(down, Stopped("banned")) is down
    assert after(down, Stopped("the token was revoked")).tells(down)
