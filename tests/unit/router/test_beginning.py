"""Writing first: whose dialog an address is, who may begin, and what is open already is gone on with."""

from datetime import timedelta
from typing import Any

import pytest

from router.beginning import person_of, place_of
from router.dialog import Dialog, Refused
from router.registry import Group
from shared.contract import commands, ids
from shared.contract.capabilities import Capabilities
from shared.contract.content import Address, Content, Template, Text, text_content
from shared.contract.people import Actor, DialogRef
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
    number,
    operator,
)

pytestmark = pytest.mark.feature("MS12")
ABLE = Capabilities(write_first=True, addresses="id")
PHONES = Capabilities(write_first=True, addresses="phone")
MAIL = Capabilities(write_first=True, addresses="email", threads=True)
BEGUN = ["conversation.opened.v1", "conversation.assigned.v1"]
HELLO = text_content("Добрый день")


def wish(by: Actor | None = None, **fields: Any) -> commands.StartConversation:
    given: dict[str, Any] = {"account": "webchat.site", "address": CHAT, "message_id": number("ours")}
    given |= {"actor": by or actor(ANNA), "deadline": NOON + timedelta(seconds=30), "content": HELLO}
    return commands.StartConversation(**given | fields)


def desk_of(*others: Any, capabilities: Capabilities = ABLE, **settings: Any) -> Desk:
    """Nothing was said yet in the dialog; operators as given, else Anna and Boris."""
    desk = Desk(*(others or (ANNA, BORIS)), account(capabilities=capabilities, **settings))
    desk.state = Dialog(REF)
    return desk


def start(desk: Desk, by: Any = ANNA, **fields: Any) -> commands.Answer:
    decision = desk.give(wish(actor(by), **fields))
    return next(effect for effect in decision.effects if isinstance(effect, commands.Answer))


def refused(answer: commands.Answer) -> tuple[str, dict[str, str]]:
    assert answer.refusal is not None
    return answer.refusal.code, answer.refusal.parameters


def test_the_conversation_is_its_authors_at_once() -> None:
    desk = desk_of()
    answer = start(desk, name="Вера")
    assert answer.ok
    assert desk.events() == [*BEGUN, "message.queued.v1", "outbound.message.v1"]
    _, assigned, queued, sent, _ = desk.effects
    assert (assigned.assignee, assigned.how) == (ANNA.operator_id, "started")
    assert (queued.recipient.address, queued.recipient.name) == (CHAT, "Вера")
    state = desk.conversation
    assert (state.status, state.assignee, state.last_author) == ("active", ANNA.operator_id, "us")
    assert (state.waiting_since, state.unread) == (None, 0)
    assert (sent.dialog, sent.message_id, sent.content) == (REF, number("ours"), HELLO)
    assert answer.result == {
        "events": 3,
        "version": 3,
        "message_id": str(number("ours")),
        "conversation_id": str(state.conversation_id),
        "dialog_id": str(REF.dialog_id),
        "assignee": str(ANNA.operator_id),
    }


def test_the_client_answers_into_the_same_conversation() -> None:
    desk = desk_of()
    start(desk)
    begun = desk.conversation_id
    desk.hear("Да?")
    assert desk.conversation_id == begun
    assert (desk.conversation.status, desk.conversation.unread) == ("active", 1)


@pytest.mark.parametrize(
    ("capabilities", "address", "chat", "known"),
    [
        (ABLE, " @vera ", "@vera", {}),
        (PHONES, "+7 (900) 123-45-67", "79001234567", {"phone": "+79001234567"}),
        (PHONES, "8 900 123-45-67", "79001234567", {"phone": "+79001234567"}),
        (PHONES, "0049 30 1234567", "49301234567", {"phone": "+49301234567"}),
        (MAIL, "Vera@Mail.Example", str(number("act")), {"email": "vera@mail.example"}),
    ],
)
def test_an_address_is_a_dialog(
    capabilities: Capabilities, address: str, chat: str, known: dict[str, str]
) -> None:
    desk = desk_of(capabilities=capabilities)
    command = wish(address=address)
    place = place_of(command, number("act"), desk.registry)
    assert place == DialogRef(
        dialog_id=ids.dialog_id("webchat", "site", chat), channel="webchat", account="site", chat=chat
    )
    person = person_of(command, desk.registry.accounts["webchat.site"])
    assert person.model_dump(exclude_none=True, include={"phone", "email"}) == known
    assert person.address == known.get("email", chat)


@pytest.mark.parametrize(
    ("capabilities", "address", "code"),
    [
        (PHONES, "123-45-67", "phone_wrong"),
        (PHONES, "+7 900 123-45-67 ext. 4", "phone_wrong"),
        (PHONES, "anna@mail.example", "phone_wrong"),
        (MAIL, "+79001234567", "email_wrong"),
        (MAIL, "anna@mail.example, boris@mail.example", "email_wrong"),
        (MAIL, "anna@mail.example\nBcc: all@mail.example", "email_wrong"),
        (MAIL, f"{'a' * 60}@{'b' * 300}", "email_wrong"),
        (ABLE, "  ", "address_wrong"),
        (ABLE, "one\ntwo", "address_wrong"),
        (Capabilities(), "v1", "writing_first_impossible"),
        (Capabilities(write_first=True), "v1", "writing_first_impossible"),
        (Capabilities(addresses="id"), "v1", "writing_first_impossible"),
    ],
)
def test_an_address_is_wrong(capabilities: Capabilities, address: str, code: str) -> None:
    desk = desk_of(capabilities=capabilities)
    with pytest.raises(Refused) as told:
        place_of(wish(address=address), number("act"), desk.registry)
    assert told.value.code == code


@pytest.mark.parametrize(
    ("who", "code"),
    [
        (operator("anna", without=("reply",)), "no_right"),
        (operator("anna", disabled=True), "operator_disabled"),
        (operator("anna", accounts=("webchat.other",)), "account_unseen"),
        (operator("anna", without=("take",)), "no_right"),
        (operator("anna", status="off_work"), "status_forbids"),
        (operator("anna", limit=0), "limit_reached"),
    ],
)
def test_who_may_not_begins_nothing(who: Any, code: str) -> None:
    desk = desk_of(who)
    before = desk.state
    assert refused(start(desk, who))[0] == code
    assert desk.state == before
    assert desk.events() == []


def test_an_account_out_of_sight_and_one_that_is_not_there_are_told_alike() -> None:
    desk = desk_of()
    desk.registry.put(Group("sales", "Sales"))
    desk.registry.put(account(capabilities=ABLE, groups=("sales",)))
    told = []
    for name in ("webchat.site", "webchat.nowhere"):
        with pytest.raises(Refused) as refusal:
            place_of(wish(account=name, address="\n"), number("act"), desk.registry)
        told.append((refusal.value.code, refusal.value.parameters))
    assert told == [("account_unseen", {})] * 2


def test_a_console_is_nobody_to_answer() -> None:
    with pytest.raises(Refused) as told:
        place_of(wish(CONSOLE), number("act"), desk_of().registry)
    assert told.value.code == "operator_unknown"


def test_nothing_begins_through_an_account_that_is_not_connected() -> None:
    assert refused(start(desk_of(connected=False))) == ("account_not_connected", {"account": "Site"})


def test_what_nobody_has_taken_is_taken() -> None:
    desk = desk_of()
    desk.hear()
    before = desk.conversation_id
    answer = start(desk)
    assert answer.result["conversation_id"] == str(before)
    assert desk.effects[0].how == "answered"


def test_ones_own_is_gone_on_with() -> None:
    desk = desk_of()
    start(desk)
    before = desk.conversation_id
    answer = start(desk)
    assert answer.result["conversation_id"] == str(before)
    assert desk.events() == ["message.queued.v1", "outbound.message.v1"]


def test_a_participant_goes_on_and_is_told_whose_it_is() -> None:
    desk = desk_of()
    start(desk)
    assert desk.ask(commands.AddParticipants, actor(ANNA), operators=(BORIS.operator_id,)).ok
    answer = start(desk, BORIS)
    assert answer.result["assignee"] == str(ANNA.operator_id)
    assert desk.conversation.assignee == ANNA.operator_id


@pytest.mark.parametrize("role", ["operator", "supervisor"])
def test_anothers_is_not_taken_over_but_named(role: str) -> None:
    boris = operator("boris", role=role)
    desk = desk_of(ANNA, boris)
    start(desk)
    before = desk.state
    told = {"who": "Anna", "conversation_id": str(desk.conversation_id)}
    assert refused(start(desk, boris)) == ("conversation_open", told)
    assert desk.state == before


def test_what_is_out_of_sight_is_not_named() -> None:
    boris = operator("boris", without=("others.read",))
    desk = desk_of(ANNA, boris)
    start(desk)
    assert refused(start(desk, boris)) == ("conversation_open", {})


def test_what_is_offered_to_another_is_not_taken_over() -> None:
    desk = desk_of(operator("anna", role="supervisor"), BORIS)
    desk.hear()
    assert desk.ask(commands.OfferConversation, actor(ANNA), operator_id=BORIS.operator_id).ok
    assert refused(start(desk))[1]["who"] == "Boris"
    assert start(desk, BORIS).ok
    assert desk.conversation.assignee == BORIS.operator_id


@pytest.mark.parametrize(("reopens", "same"), [("new", True), ("last", True), ("fresh", False)])
def test_a_closed_one_opens_again_or_another_begins_as_the_account_says(reopens: str, same: bool) -> None:
    desk = desk_of(reopens=reopens)
    start(desk)
    before = desk.conversation_id
    assert desk.ask(commands.CloseConversation, actor(ANNA)).ok
    assert start(desk, BORIS).ok
    assert (desk.conversation_id == before) == same
    assert (desk.conversation.status, desk.conversation.assignee) == ("active", BORIS.operator_id)
    assert desk.conversation.closed_at is None


def test_a_mail_names_whom_it_goes_to() -> None:
    desk = desk_of(capabilities=MAIL)
    copies = (Address(address="boss@mail.example"),)
    content = Content(parts=(Text(text="Ваш заказ"),), subject="Заказ 12", cc=copies)
    assert start(desk, address="Vera@Mail.Example", name=" Вера ", content=content).ok
    queued, sent = desk.effects[2], desk.effects[3]
    for said in (queued.content, sent.content):
        assert said.letter.to == (Address(address="Vera@Mail.Example", name="Вера"),)
        assert (said.subject, said.cc) == ("Заказ 12", copies)
    assert queued.dialog_title == "Заказ 12"


@pytest.mark.parametrize("beside", [{"subject": "О заказе"}, {"cc": (Address(address="a@mail.example"),)}])
def test_only_a_mail_has_a_subject_and_copies(beside: dict[str, Any]) -> None:
    content = Content(parts=(Text(text="?"),), **beside)
    assert refused(start(desk_of(), content=content)) == ("not_possible", {"capability": "threads"})


WINDOWED = Capabilities(write_first=True, addresses="id", reply_window_hours=24, templates=True)
TEMPLATE = Content(parts=(Template(name="hello", language="ru"),))


@pytest.mark.feature("MS7")
def test_only_a_template_comes_first_where_the_channel_has_a_window() -> None:
    desk = desk_of(capabilities=WINDOWED)
    assert refused(start(desk)) == ("template_first", {})
    assert start(desk, content=TEMPLATE).ok
    assert refused(start(desk))[0] == "window_over"


@pytest.mark.feature("MS7")
def test_within_the_window_of_a_closed_one_words_go() -> None:
    desk = desk_of(capabilities=WINDOWED, reopens="fresh")
    desk.hear()
    for command in (commands.AcceptConversation, commands.CloseConversation):
        assert desk.ask(command, actor(ANNA)).ok
    assert start(desk).ok
    desk.ask(commands.CloseConversation, actor(ANNA))
    desk.now += timedelta(hours=25)
    assert refused(start(desk))[0] == "window_over"
