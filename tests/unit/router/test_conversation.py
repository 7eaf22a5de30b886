"""Stories of one conversation: opened, taken, answered, read, closed, reopened."""

from datetime import timedelta

import pytest

from shared.contract import commands
from shared.contract.events import DialogEvent
from shared.contract.outbound import SendMessage
from shared.contract.people import Actor
from tests.unit.router.people import (
    ADMIN,
    ANNA,
    BORIS,
    CONSOLE,
    NOON,
    REF,
    Desk,
    account,
    actor,
    heard,
    number,
    operator,
    words,
)


def answered(desk: Desk, by: Actor, text: str = "Добрый день") -> commands.Answer:
    return desk.ask(commands.PostMessage, by, message_id=number("ours"), content=words(text))


def refusal(answer: commands.Answer) -> tuple[str, dict[str, str]]:
    assert answer.refusal is not None
    return answer.refusal.code, answer.refusal.parameters


@pytest.mark.feature("LC1")
def test_the_first_message_opens_and_later_ones_continue() -> None:
    desk = Desk()
    desk.hear("Раз")
    assert desk.events() == ["conversation.opened.v1", "message.received.v1"]
    first = desk.conversation_id
    desk.hear("Два")
    assert desk.events() == ["message.received.v1"]
    assert desk.conversation_id == first
    assert desk.conversation.unread == 2


@pytest.mark.feature("LC13")
def test_the_client_waits_from_the_first_unanswered_message() -> None:
    desk = Desk()
    desk.hear()
    since = desk.conversation.waiting_since
    desk.hear()
    assert desk.conversation.waiting_since == since
    assert desk.ask(commands.AcceptConversation, actor(ANNA)).ok
    assert desk.conversation.waiting_since == since
    assert answered(desk, actor(ANNA)).ok
    assert desk.conversation.waiting_since is None
    desk.hear()
    assert desk.conversation.waiting_since > since


@pytest.mark.feature("LC13")
def test_an_answer_written_elsewhere_ends_the_waiting() -> None:
    desk = Desk()
    desk.hear()
    desk.hear("Ответили с телефона", origin="external")
    assert (desk.conversation.waiting_since, desk.conversation.last_author) == (None, "us")
    assert desk.effects[0].actor.kind == "operator"


@pytest.mark.feature("LC1")
def test_what_was_fetched_from_the_past_opens_nothing() -> None:
    desk = Desk()
    desk.hear("Давно", backfill=True)
    assert desk.events() == ["message.received.v1"]
    assert desk.effects[0].backfill
    assert desk.effects[0].conversation is None


@pytest.mark.feature("LC3")
def test_the_first_to_accept_has_it_and_the_second_is_told_who() -> None:
    desk = Desk()
    desk.hear()
    assert desk.ask(commands.AcceptConversation, actor(ANNA)).ok
    assert refusal(desk.ask(commands.AcceptConversation, actor(BORIS))) == (
        "assigned_to_other",
        {"who": "Anna"},
    )
    again = desk.ask(commands.AcceptConversation, actor(ANNA))
    assert again.ok
    assert again.result["events"] == 0


@pytest.mark.feature("LC4")
def test_answering_takes() -> None:
    desk = Desk()
    desk.hear()
    answer = answered(desk, actor(ANNA))
    assert answer.ok
    assigned, queued, act, _ = desk.effects
    assert (assigned.TYPE, assigned.how) == ("conversation.assigned.v1", "answered")
    assert queued.TYPE == "message.queued.v1"
    assert isinstance(act, SendMessage)
    assert act.not_after == desk.now + timedelta(hours=24)
    assert act.content == queued.content
    assert refusal(answered(desk, actor(BORIS))) == ("assigned_to_other", {"who": "Anna"})


@pytest.mark.feature("LC4", "AD2")
def test_answering_takes_only_for_those_who_may_take() -> None:
    desk = Desk(operator("guest", without=("take",)), account())
    desk.hear()
    assert refusal(answered(desk, actor(operator("guest")))) == ("no_right", {"right": "take"})
    assert desk.conversation.status == "new"


@pytest.mark.feature("OP1")
def test_only_who_is_available_takes() -> None:
    desk = Desk(operator("anna", status="off_work"), account())
    desk.hear()
    refused = ("status_forbids", {"status": "Off work"})
    assert refusal(desk.ask(commands.AcceptConversation, actor(ANNA))) == refused
    assert refusal(answered(desk, actor(ANNA))) == refused


@pytest.mark.feature("LC12")
def test_only_the_assignees_reading_counts() -> None:
    desk = Desk()
    desk.hear()
    assert desk.ask(commands.ReadConversation, actor(ANNA), up_to=1).result["events"] == 0
    assert desk.conversation.unread == 1
    assert desk.ask(commands.AcceptConversation, actor(ANNA)).ok
    assert desk.ask(commands.ReadConversation, actor(ADMIN), up_to=1).ok
    assert desk.ask(commands.ReadConversation, CONSOLE, up_to=1).ok
    assert desk.conversation.unread == 1
    assert desk.ask(commands.ReadConversation, actor(ANNA), up_to=1).ok
    assert desk.events() == ["conversation.read.v1"]
    assert desk.conversation.unread == 0


@pytest.mark.feature("LC12")
def test_marked_unread_until_it_is_read() -> None:
    desk = Desk()
    desk.hear()
    assert desk.ask(commands.AcceptConversation, actor(ANNA)).ok
    assert desk.ask(commands.ReadConversation, actor(ANNA), up_to=1).ok
    assert desk.ask(commands.MarkUnread, actor(BORIS)).result["events"] == 1
    assert desk.ask(commands.MarkUnread, actor(BORIS)).result["events"] == 0
    assert desk.conversation.marked_unread
    assert desk.ask(commands.ReadConversation, actor(ANNA), up_to=1).ok
    assert not desk.conversation.marked_unread


@pytest.mark.feature("LC6")
def test_closing_settles_what_was_unread_and_waiting() -> None:
    desk = Desk()
    desk.hear()
    assert desk.ask(commands.AcceptConversation, actor(ANNA)).ok
    assert refusal(desk.ask(commands.CloseConversation, actor(BORIS)))[0] == "assigned_to_other"
    assert desk.ask(commands.CloseConversation, actor(ANNA), category="спам").ok
    state = desk.conversation
    assert (state.status, state.unread, state.waiting_since, state.category) == ("closed", 0, None, "спам")
    assert (state.closed_by, state.closed_at, state.assignee) == (actor(ANNA), desk.now, ANNA.operator_id)


@pytest.mark.feature("LC6")
@pytest.mark.parametrize("allowed", [True, False])
def test_closing_one_that_nobody_took_is_a_setting(allowed: bool) -> None:
    desk = Desk(ANNA, account(close_untaken=allowed))
    desk.hear()
    answer = desk.ask(commands.CloseConversation, actor(ANNA))
    assert answer.ok == allowed
    if not allowed:
        assert refusal(answer)[0] == "closing_untaken_forbidden"


@pytest.mark.feature("LC6")
def test_a_console_closes_anybodys() -> None:
    desk = Desk()
    desk.hear()
    assert desk.ask(commands.AcceptConversation, actor(ANNA)).ok
    assert desk.ask(commands.CloseConversation, CONSOLE).ok
    assert refusal(desk.ask(commands.AcceptConversation, CONSOLE))[0] == "conversation_closed"


@pytest.mark.feature("LC7")
def test_a_closed_one_is_new_again_when_the_client_writes() -> None:
    desk = Desk()
    desk.hear()
    same = desk.conversation_id
    assert desk.ask(commands.AcceptConversation, actor(ANNA)).ok
    assert desk.ask(commands.CloseConversation, actor(ANNA)).ok
    assert refusal(answered(desk, actor(ANNA)))[0] == "conversation_closed"
    desk.hear("Снова я")
    assert desk.events() == ["conversation.reopened.v1", "message.received.v1"]
    state = desk.conversation
    assert (state.conversation_id, state.status, state.assignee, state.reopened) == (same, "new", None, 1)
    assert (state.closed_at, state.closed_by, state.unread) == (None, None, 1)


def test_each_event_raises_the_version_and_carries_the_state_then() -> None:
    desk = Desk()
    desk.hear()
    opened, received = desk.effects
    assert (opened.version, received.version) == (1, 2)
    assert (opened.conversation.unread, received.conversation.unread) == (0, 1)
    assert received.actor == Actor(kind="client", id="v1", name="Вера")
    assert all(isinstance(effect, DialogEvent) and effect.dialog == REF for effect in desk.effects)


def test_what_a_newer_gateway_added_travels_on() -> None:
    desk = Desk()
    desk.give(heard(mood="cross", provider={"thread": 7}))
    received = desk.effects[-1]
    assert received.unknown() == {"mood": "cross"}
    assert answered(desk, actor(ANNA)).ok
    assert desk.effects[2].provider == {"thread": 7}


def test_a_reordered_message_does_not_turn_time_back() -> None:
    desk = Desk()
    desk.hear()
    last = desk.conversation.last_message_at
    desk.give(heard(at=NOON - timedelta(hours=1), external_id="late"))
    assert desk.conversation.last_message_at == last
