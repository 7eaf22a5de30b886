"""What the client is shown of us: read, closed, a reaction; and what the visitor's own closing does (LC8)."""

from typing import Any

import pytest

from shared.contract import commands
from shared.contract.capabilities import Capabilities
from shared.contract.inbound import ChatClosed
from shared.contract.outbound import Act, CloseChat, MarkRead, React
from shared.contract.people import Actor
from tests.unit.router.people import (
    ANNA,
    BORIS,
    CHAT,
    CONSOLE,
    NOON,
    REF,
    Desk,
    account,
    actor,
    heard,
    number,
)

ABLE = Capabilities(mark_read=True, closes=True, reactions=True)
CLOSING = ChatClosed(dialog=REF, at=NOON)


def desk(capabilities: Capabilities = ABLE, **fields: Any) -> Desk:
    """A conversation of Anna's."""
    here = Desk(ANNA, BORIS, account(capabilities=capabilities, **fields))
    here.give(heard(external_id="first"))
    assert here.ask(commands.AcceptConversation, actor(ANNA)).ok
    return here


def acts(here: Desk) -> list[Act]:
    return [effect for effect in here.effects if isinstance(effect, Act)]


@pytest.mark.feature("MS9")
def test_reading_is_shown_up_to_the_clients_last_message() -> None:
    here = desk()
    here.give(heard(external_id="second"))
    here.give(heard(external_id="old", backfill=True))
    here.give(heard(external_id="ours", origin="external"))
    assert here.ask(commands.ReadConversation, actor(ANNA), up_to=3).ok
    [act] = acts(here)
    assert isinstance(act, MarkRead)
    assert (act.external_id, act.dialog) == ("second", REF)
    assert here.ask(commands.ReadConversation, actor(ANNA), up_to=3).ok
    assert acts(here) == []
    assert here.ask(commands.MarkUnread, actor(ANNA)).ok
    assert here.ask(commands.ReadConversation, actor(ANNA), up_to=3).ok
    assert acts(here) == []


def test_only_the_assignees_reading_is_shown() -> None:
    here = desk()
    for other in (actor(BORIS), CONSOLE):
        assert here.ask(commands.ReadConversation, other, up_to=1).ok
        assert acts(here) == []


@pytest.mark.parametrize("fields", [{"capabilities": Capabilities()}, {"connected": False}])
def test_a_channel_that_does_not_show_it_is_asked_nothing(fields: dict[str, Any]) -> None:
    here = desk()
    here.registry.put(account(**({"capabilities": ABLE} | fields)))
    assert here.ask(commands.ReadConversation, actor(ANNA), up_to=1).ok
    assert acts(here) == []
    assert here.ask(commands.CloseConversation, actor(ANNA)).ok
    assert acts(here) == []


@pytest.mark.parametrize("by", [actor(ANNA), CONSOLE])
def test_the_client_is_shown_that_the_conversation_was_closed(by: Actor) -> None:
    here = desk()
    assert here.ask(commands.CloseConversation, by).ok
    [act] = acts(here)
    assert isinstance(act, CloseChat)
    assert act.conversation_id == here.conversation_id


def test_a_reaction_names_the_providers_message() -> None:
    here = desk()
    answer = here.ask(
        commands.ReactToMessage, actor(ANNA), message_id=number("m1"), external_id="first", emoji=("👍",)
    )
    assert answer.ok
    [act] = acts(here)
    assert isinstance(act, React)
    assert (act.external_id, act.emoji) == ("first", ("👍",))


@pytest.mark.feature("LC8")
@pytest.mark.parametrize("taken", [True, False])
def test_the_visitor_closes_the_chat(taken: bool) -> None:
    here = desk() if taken else Desk(ANNA, account(capabilities=ABLE, close_untaken=False))
    here.hear()
    here.give(CLOSING)
    assert here.events() == ["dialog.closed_by_client.v1", "conversation.closed.v1"]
    state = here.conversation
    assert (state.status, state.unread, state.waiting_since) == ("closed", 0, None)
    assert (state.closed_by, state.closed_at) == (Actor(kind="client", id=CHAT), here.now)
    assert state.assignee == (ANNA.operator_id if taken else None)
    here.hear("Снова я")
    assert (here.conversation.status, here.conversation.reopened) == ("new", 1)


@pytest.mark.feature("LC8")
def test_a_chat_without_an_open_conversation_is_only_noted() -> None:
    here = Desk(ANNA, account())
    here.give(CLOSING)
    assert here.events() == ["dialog.closed_by_client.v1"]
    assert here.state is not None
    assert here.state.conversation is None
