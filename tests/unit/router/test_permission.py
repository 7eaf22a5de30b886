"""Who may do what to which conversation: what one may not see does not exist."""

from typing import Any

import pytest

from router.registry import Account, Group, Operator
from shared.contract import commands
from shared.contract.people import Actor
from tests.unit.router.people import ADMIN, ANNA, BORIS, Desk, account, actor, number, operator, words
from tests.unit.router.samples import COMMAND_SAMPLES

STRANGERS = (
    Actor(kind="client", id="v1"),
    Actor(kind="service", id="desk"),
    Actor(kind="bot", id="b"),
    Actor(kind="system", id="s"),
)


def code(answer: commands.Answer) -> str:
    assert answer.refusal is not None
    return answer.refusal.code


def desk_with(viewer: Operator, site: Account, *, taken_by: Operator | None = ANNA) -> Desk:
    desk = Desk(ANNA, ADMIN, viewer, account())
    desk.hear()
    if taken_by is not None:
        assert desk.ask(commands.AcceptConversation, actor(taken_by)).ok
    for entity in (Group("sales", "Sales"), site):
        desk.registry.put(entity)
    return desk


@pytest.mark.feature("AD3")
@pytest.mark.parametrize("name", sorted({*COMMAND_SAMPLES} - {"start"}))  # which names no conversation
@pytest.mark.parametrize(
    ("fields", "site"),
    [
        ({"accounts": ("webchat.other",)}, {}),
        ({"accounts": ()}, {}),
        ({}, {"groups": ("sales",)}),
        ({"without": ("others.read",)}, {}),
    ],
    ids=["another account", "no account", "a group's account", "others' conversations"],
)
def test_the_invisible_does_not_exist(name: str, fields: dict[str, Any], site: dict[str, Any]) -> None:
    viewer = operator("boris", **fields)
    desk = desk_with(viewer, account(**site))
    model, given = COMMAND_SAMPLES[name]
    assert code(desk.ask(model, actor(viewer), **given)) == "conversation_not_found"


@pytest.mark.feature("AD3", "LC3")
def test_members_of_the_accounts_group_see_it() -> None:
    viewer = operator("boris", groups=("sales",))
    desk = desk_with(viewer, account(groups=("sales",)), taken_by=None)
    assert desk.ask(commands.AcceptConversation, actor(viewer)).ok


@pytest.mark.feature("AD2")
def test_what_nobody_took_is_seen_without_the_right_to_read_others() -> None:
    viewer = operator("boris", without=("others.read",))
    desk = desk_with(viewer, account(), taken_by=None)
    assert desk.ask(commands.MarkUnread, actor(viewer)).ok


@pytest.mark.feature("AD2")
@pytest.mark.parametrize(
    ("name", "right"),
    [("accept", "take"), ("close", "close"), ("answer", "reply"), ("withdraw_ours", "reply")],
)
def test_each_needs_its_right(name: str, right: Any) -> None:
    viewer = operator("boris", without=(right,))
    desk = desk_with(viewer, account(), taken_by=None)
    model, given = COMMAND_SAMPLES[name]
    answer = desk.ask(model, actor(viewer), **given)
    assert answer.refusal == commands.Refusal(code="no_right", parameters={"right": right})


@pytest.mark.parametrize("name", COMMAND_SAMPLES)
@pytest.mark.parametrize("stranger", STRANGERS, ids=lambda one: one.kind)
def test_others_than_operators_and_consoles_may_nothing(name: str, stranger: Actor) -> None:
    desk = desk_with(BORIS, account())
    model, given = COMMAND_SAMPLES[name]
    assert code(desk.ask(model, stranger, **given)) == "no_right"


def test_a_disabled_or_unknown_operator_is_told_so() -> None:
    viewer = operator("boris", disabled=True)
    desk = desk_with(viewer, account())
    assert code(desk.ask(commands.AcceptConversation, actor(viewer))) == "operator_disabled"
    unknown = Actor(kind="operator", id=str(number("nobody")))
    assert code(desk.ask(commands.AcceptConversation, unknown)) == "operator_unknown"


def test_a_console_is_no_operator() -> None:
    desk = desk_with(BORIS, account(), taken_by=None)
    console = Actor(kind="console", id="root")
    assert code(desk.ask(commands.AcceptConversation, console)) == "operator_unknown"
    answer = desk.ask(commands.PostMessage, console, message_id=number("m"), content=words("Добрый день"))
    assert code(answer) == "operator_unknown"


def test_another_conversation_of_the_dialog_is_not_found() -> None:
    desk = desk_with(BORIS, account())
    other = number("another conversation")
    assert (
        code(desk.ask(commands.AcceptConversation, actor(ANNA), conversation_id=other))
        == "conversation_not_found"
    )
