"""A message in, events and acts out; who takes it, who is told what."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from shared.clock import uuid7
from shared.contract import commands
from shared.contract.capabilities import Capabilities
from shared.contract.commands import Answer
from shared.contract.content import text_content
from shared.contract.people import Actor
from tests.integration.router.town import DESK, Town, ref
from tests.support.waiting import eventually


async def _new(town: Town, text: str = "Где мой заказ?") -> dict[str, Any]:
    """A conversation in New; what a command about it says."""
    await town.hear(text)
    opened = await town.event("conversation.opened.v1")
    return {"dialog_id": ref().dialog_id, "conversation_id": opened.data.conversation.conversation_id}


async def _answer(town: Town, by: Actor, about: dict[str, Any], text: str, **fields: Any) -> Answer:
    said: dict[str, Any] = {"message_id": uuid7(), "content": text_content(text)} | fields
    return await town.ask(commands.PostMessage, by, **about, **said)


@pytest.mark.feature("LC1", "LC12", "LC13")
async def test_a_message_opens_and_the_next_continues(town: Town) -> None:
    first = await town.hear("Где мой заказ?")
    await town.hear("Ау?")
    await town.event("message.received.v1", 2)
    opened, received, again = town.of_dialog()

    assert [one.type for one in (opened, received, again)] == [
        "conversation.opened.v1",
        "message.received.v1",
        "message.received.v1",
    ]
    assert [one.data.version for one in (opened, received, again)] == [1, 2, 3]
    assert received.data.message_id == first.data.message_id
    assert received.data.content.text == "Где мой заказ?"
    assert received.data.cause == first.id
    state = again.data.conversation
    assert (state.status, state.unread, state.last_author) == ("new", 2, "client")
    assert state.waiting_since == first.data.received_at
    assert state.conversation_id == opened.data.conversation.conversation_id


@pytest.mark.feature("LC1")
async def test_a_repeated_fact_changes_nothing(town: Town) -> None:
    said = await town.hear("Раз")
    await town.publish(said)
    await town.publish(said)
    await town.hear("Два")
    await town.event("message.received.v1", 2)
    assert [one.data.version for one in town.of_dialog()] == [1, 2, 3]


@pytest.mark.feature("LC3")
async def test_two_accept_at_once_and_the_loser_is_told_who(town: Town) -> None:
    anna, boris = await town.operator("anna"), await town.operator("boris")
    about = await _new(town)
    answers = await asyncio.gather(
        *(town.ask(commands.AcceptConversation, by, **about) for by in (anna, boris))
    )
    winner, loser = sorted(answers, key=lambda answer: not answer.ok)
    assert winner.ok
    assert loser.refusal is not None
    assert loser.refusal.code == "assigned_to_other"
    names = {anna.id: "Anna Ivanova", boris.id: "Boris Ivanova"}
    assigned = await town.event("conversation.assigned.v1")
    assert loser.refusal.parameters == {"who": names[str(assigned.data.assignee)]}
    assert len(town.of("conversation.assigned.v1")) == 1


@pytest.mark.feature("LC4", "OP7")
async def test_answering_takes_and_the_message_goes_out(town: Town) -> None:
    anna = await town.operator("anna")
    about = await _new(town)
    message_id = uuid7()
    answer = await _answer(town, anna, about, "Уже едет", message_id=message_id)
    assert answer.ok
    queued = await town.event("message.queued.v1")
    assigned = town.of("conversation.assigned.v1")[0]
    assert (assigned.data.how, str(assigned.data.assignee)) == ("answered", anna.id)
    assert queued.data.message_id == message_id
    assert queued.data.conversation.waiting_since is None
    assert answer.result["version"] == queued.data.version
    assert answer.result["events"] == 2

    await town.event("message.queued.v1")
    act = await _first_act(town)
    assert act.type == "outbound.message.v1"
    assert (act.data.message_id, act.data.author_name) == (message_id, "Anna")
    assert act.data.dialog == ref()
    assert act.data.content.text == "Уже едет"


async def _first_act(town: Town) -> Any:
    await eventually(lambda: town.acts)
    return town.acts[0]


async def test_a_repeated_command_gets_the_same_answer(town: Town) -> None:
    anna, boris = await town.operator("anna"), await town.operator("boris")
    about = await _new(town)
    id_ = uuid7()
    first = await town.ask(commands.AcceptConversation, anna, id_=id_, **about)
    again = await town.ask(commands.AcceptConversation, anna, id_=id_, **about)
    other = await town.ask(commands.AcceptConversation, boris, id_=id_, **about)
    assert first.ok
    assert again == first
    assert other.refusal is not None
    assert other.refusal.code == "conflict"
    await _answer(town, anna, about, "Здравствуйте")
    assert len(town.of("conversation.assigned.v1")) == 1


@pytest.mark.feature("LC6", "LC7")
async def test_closed_by_hand_and_new_again_when_the_client_writes(town: Town) -> None:
    anna = await town.operator("anna")
    about = await _new(town)
    assert (await town.ask(commands.AcceptConversation, anna, **about)).ok
    assert (await town.ask(commands.CloseConversation, anna, **about, category="доставка")).ok
    closed = (await town.event("conversation.closed.v1")).data.conversation
    assert (closed.status, closed.category, closed.closed_by.id) == ("closed", "доставка", anna.id)

    refused = await _answer(town, anna, about, "Ещё вопросы?")
    assert refused.refusal is not None
    assert refused.refusal.code == "conversation_closed"

    await town.hear("Не пришёл!")
    state = (await town.event("conversation.reopened.v1")).data.conversation
    assert (state.conversation_id, state.status) == (about["conversation_id"], "new")
    assert (state.assignee, state.category, state.reopened) == (None, None, 1)


@pytest.mark.feature("OP1")
async def test_who_is_not_available_takes_nothing(town: Town) -> None:
    anna = await town.operator("anna")
    about = await _new(town)
    assert (await town.ask(commands.SetStatus, anna, operator_id=anna.id, status="off_work")).ok
    for answer in (
        await town.ask(commands.AcceptConversation, anna, **about),
        await _answer(town, anna, about, "Здравствуйте"),
    ):
        assert answer.refusal is not None
        assert answer.refusal.code == "status_forbids"
    changed = town.of("operator.changed.v1")[-1]
    assert (changed.data.available, changed.data.version) == (False, 2)
    assert (await town.ask(commands.SetStatus, anna, operator_id=anna.id, status="available")).ok
    assert (await town.ask(commands.AcceptConversation, anna, **about)).ok


@pytest.mark.feature("OP5")
async def test_presence_is_told_when_it_changes(town: Town) -> None:
    anna = await town.operator("anna")
    renew: dict[str, Any] = {"desk": "desk-1", "seconds": 5}
    for _ in range(2):
        assert (await town.ask(commands.RenewPresence, DESK, operators=(anna.id, uuid4()), **renew)).ok
    assert (await town.event("operator.changed.v1", 2)).data.present
    assert (await town.ask(commands.RenewPresence, DESK, operators=(), **renew)).ok
    gone = await town.event("operator.changed.v1", 3)
    assert (gone.data.present, gone.data.version) == (False, 3)
    refused = await town.ask(commands.RenewPresence, anna, operators=(anna.id,), **renew)
    assert refused.refusal is not None
    assert refused.refusal.code == "no_right"


async def test_an_account_that_is_gone_sends_nothing(town: Town) -> None:
    anna = await town.operator("anna")
    about = await _new(town)
    await town.declare_account(connected=False)
    await town.event("account.changed.v1", 2)
    answer = await _answer(town, anna, about, "Здравствуйте")
    assert answer.refusal is not None
    assert answer.refusal.code == "account_not_connected"


@pytest.mark.feature("MS12", "LC1")
async def test_written_first_answered_and_gone_on_with(town: Town) -> None:
    anna, boris = await town.operator("anna"), await town.operator("boris")
    await town.declare_account(capabilities=Capabilities(write_first=True, addresses="id"))
    said: dict[str, Any] = {
        "account": "webchat.site",
        "address": "v7",
        "content": text_content("Добрый день"),
    }
    act: dict[str, Any] = {"id_": uuid7(), "message_id": uuid7()}
    begun = await town.ask(commands.StartConversation, anna, **act, **said)
    assert begun.result["dialog_id"] == str(ref("v7").dialog_id)
    assert await town.ask(commands.StartConversation, anna, **act, **said) == begun
    await town.hear("Да?", chat="v7")
    received = await town.event("message.received.v1", chat="v7")
    state = received.data.conversation
    assert str(state.conversation_id) == begun.result["conversation_id"]
    assert (state.status, str(state.assignee), state.unread) == ("active", anna.id, 1)

    again = await town.ask(commands.StartConversation, anna, message_id=uuid7(), **said)
    assert again.result["conversation_id"] == begun.result["conversation_id"]
    other = await town.ask(commands.StartConversation, boris, message_id=uuid7(), **said)
    assert other.refusal is not None
    assert (other.refusal.code, other.refusal.parameters["who"]) == ("conversation_open", "Anna Ivanova")
    assert [one.data.version for one in town.of_dialog("v7")] == [1, 2, 3, 4, 5]
    await eventually(lambda: len(town.acts) == 2)
    assert town.acts[0].data.dialog == ref("v7")
