"""What gateways tell of their accounts."""

from datetime import timedelta
from typing import Any

import pytest

from router.accounts import declare, hear_health
from router.registry import Registry
from shared.contract.capabilities import Capabilities
from shared.contract.inbound import AccountDeclared, AccountHealth
from tests.unit.router.people import ACCOUNT, CHANNEL, NOON, SITE, account, number

LATER = NOON + timedelta(minutes=1)


def declared(**fields: Any) -> AccountDeclared:
    given: dict[str, Any] = {"name": "Site", "capabilities": Capabilities(), "declared_at": LATER} | fields
    return AccountDeclared(channel=CHANNEL, account=ACCOUNT, **given)


def health(state: Any, **fields: Any) -> AccountHealth:
    return AccountHealth(**({"channel": CHANNEL, "account": ACCOUNT, "state": state, "at": NOON} | fields))


def test_a_declaration_makes_an_account() -> None:
    assert declare(Registry(), declared(declared_at=NOON)) == SITE


def test_a_declaration_that_says_nothing_new_changes_nothing() -> None:
    assert declare(Registry([SITE]), declared()) is None


def test_settings_of_routing_stay_whatever_a_gateway_says() -> None:
    known = account(groups=("sales",), close_untaken=False)
    after = declare(Registry([known]), declared(connected=False, name="Other"))
    assert after is not None
    assert (after.connected, after.name, after.version) == (False, "Other", 2)
    assert (after.groups, after.routing.close_untaken) == (("sales",), False)


def test_an_older_declaration_is_passed_by() -> None:
    assert declare(Registry([SITE]), declared(name="Old", declared_at=NOON - timedelta(seconds=1))) is None


@pytest.mark.feature("BY10")
def test_health_is_told_when_it_changes() -> None:
    registry = Registry([SITE])
    down = hear_health(registry, health("down", reason="no token"))
    assert down is not None
    event = down.event(number("cause"))
    assert (event.health, event.health_reason, event.version) == ("down", "no token", 2)
    registry.put(down)
    assert hear_health(registry, health("down", reason="no token", at=LATER)) is None
    assert hear_health(registry, health("well", at=NOON - timedelta(seconds=1))) is None
    assert hear_health(registry, health("well", at=LATER)) is not None
    assert hear_health(Registry(), health("down")) is None
