"""What a channel cannot is refused with its code and words, and nothing is sent (CH16, BY8)."""

from typing import get_type_hints

import pytest

from shared.contract import commands
from shared.contract.capabilities import Capabilities
from shared.contract.outbound import Act
from tests.support.asking import SWITCHES, Asking, too_much
from tests.unit.router.people import ANNA, Desk, account, actor

LIMITS = {
    "text_length": 100,
    "file_bytes": 1000,
    "image_bytes": 500,
    "files_per_message": 3,
    "message_bytes": 2000,
    "file_types": ("application/octet-stream", "audio/*", "video/*", "image/*"),
}
EVERYTHING = Capabilities.model_validate(dict.fromkeys(SWITCHES, True) | LIMITS)
ASKED = [name for name, asking in SWITCHES.items() if isinstance(asking, Asking)]


def desk(capabilities: Capabilities) -> Desk:
    here = Desk(ANNA, account(capabilities=capabilities))
    here.hear()
    assert here.ask(commands.AcceptConversation, actor(ANNA)).ok
    return here


def test_every_switch_says_what_asks_for_it() -> None:
    kinds = get_type_hints(Capabilities)
    assert set(SWITCHES) == {name for name, kind in kinds.items() if kind is bool}
    limits = {name for name, kind in kinds.items() if kind in (int, tuple[str, ...]) and name != "burst"}
    assert set(too_much(EVERYTHING)) == limits == set(LIMITS)


@pytest.mark.feature("CH16", "BY8")
@pytest.mark.parametrize("name", ASKED)
def test_without_it_it_is_refused_and_with_it_it_is_not(name: str) -> None:
    asking = SWITCHES[name]
    assert isinstance(asking, Asking)
    here = desk(EVERYTHING.model_copy(update={name: False}))
    before = here.state
    refusal = here.ask(asking.command, actor(ANNA), **asking.fields).refusal
    assert refusal is not None
    assert (refusal.code, refusal.parameters) == (asking.code, asking.parameters)
    assert name in refusal.words("en")
    assert name in refusal.words("ru")
    assert here.state == before
    assert not any(isinstance(effect, Act) for effect in here.effects)
    able = desk(EVERYTHING).ask(asking.command, actor(ANNA), **asking.fields)
    assert able.ok == (name != "scheduled")


@pytest.mark.feature("CH16", "BY8")
@pytest.mark.parametrize("name", too_much(EVERYTHING))
def test_over_a_limit_it_is_refused(name: str) -> None:
    asking = too_much(EVERYTHING)[name]
    here = desk(EVERYTHING)
    refusal = here.ask(asking.command, actor(ANNA), **asking.fields).refusal
    assert refusal is not None
    assert (refusal.code, refusal.parameters) == (asking.code, asking.parameters)
    assert not any(isinstance(effect, Act) for effect in here.effects)
    unlimited = EVERYTHING.model_copy(update={name: () if name == "file_types" else 0})
    if name == "text_length":
        unlimited = EVERYTHING.model_copy(update={name: 1000})
    assert desk(unlimited).ask(asking.command, actor(ANNA), **asking.fields).ok
