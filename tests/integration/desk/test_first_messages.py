"""Writing first, and what stands on a mail beside its words: what the page asks for becomes a command."""

from __future__ import annotations

from typing import Any

import pytest

from shared.clock import uuid7
from shared.contract.commands import Answer, PostMessage, Refusal, StartConversation
from shared.contract.content import Address, Content, Letter, Template, Text
from shared.contract.envelope import Data, Envelope
from tests.integration.desk.browser import Workplace
from tests.integration.desk.person import Person
from tests.integration.desk.scripted_router import Decide, ScriptedRouter, agreed
from tests.integration.desk.scripted_store import ScriptedStore

pytestmark = pytest.mark.feature("MS12")
BOSS = {"address": "boss@mail.example", "name": "The boss"}


def unseen(command: Envelope[Data]) -> Answer:
    """Done, and nothing to wait for."""
    return agreed(command, events=0)


def refusing(why: Refusal) -> Decide:
    return lambda command: Answer(command_id=command.id, ok=False, refusal=why)


async def test_a_first_message_is_a_command_of_its_own(
    desk: Workplace, store: ScriptedStore, router: ScriptedRouter
) -> None:
    anna = store.add(Person("anna"))
    router.decide = unseen
    mail = {
        "id": str(uuid7()), "account": "email.main", "address": "vera@mail.example", "name": "Vera",
        "text": "Your lamp is here.", "subject": "Your lamp", "cc": [BOSS],
    }  # fmt: skip
    template = {
        "id": str(uuid7()), "account": "talk.main", "address": "+79001234567",
        "template": {"name": "hello", "language": "ru", "parameters": ["Vera"]},
    }  # fmt: skip
    async with await desk.signed_in(anna) as browser:
        for body in (mail, template):
            assert (await browser.call("POST", "/api/conversations", body)).status == 200
    first, second = (one.data for one in router.of(StartConversation.TYPE))
    assert isinstance(first, StartConversation)
    assert isinstance(second, StartConversation)
    assert (first.account, first.address, first.name) == ("email.main", "vera@mail.example", "Vera")
    assert str(first.message_id) == mail["id"]
    words = (Text(text="Your lamp is here."),)
    assert first.content == Content(parts=words, subject="Your lamp", cc=(Address(**BOSS),))
    assert second.content.parts == (Template(name="hello", language="ru", parameters=("Vera",)),)


WRONG: tuple[dict[str, Any], ...] = (
    {"subject": "Two\nlines"},
    {"cc": [{"address": "no address"}]},
    {"cc": [{**BOSS, "name": "Two\nlines"}]},
    {"cc": [BOSS] * 50},
    {"address": ""},
    {"address": "v" * 501},
)


async def test_a_refusal_is_told_in_words_and_what_is_open_already_is_led_to(
    desk: Workplace, store: ScriptedStore, router: ScriptedRouter
) -> None:
    known = str(uuid7())
    told = {
        422: Refusal(code="phone_wrong"),
        404: Refusal(code="account_unseen"),
        409: Refusal(code="conversation_open", parameters={"who": "Boris", "conversation_id": known}),
    }
    body = {"account": "talk.main", "address": "123", "text": "Hello"}
    async with await desk.signed_in(store.add(Person("anna"))) as browser:
        for wrong in WRONG:  # at the door
            refused = await browser.call("POST", "/api/conversations", {"id": str(uuid7()), **body, **wrong})
            assert (refused.status, refused.code) == (422, "invalid")
        assert router.of(StartConversation.TYPE) == []
        for status, refusal in told.items():
            router.decide = refusing(refusal)
            refused = await browser.call("POST", "/api/conversations", {"id": str(uuid7()), **body})
            assert (refused.status, refused.code) == (status, refusal.code)
            assert refused.body["title"] == refusal.words("en")
            led = refused.headers.get("Content-Location")
            assert led == (f"/api/conversations/{known}" if status == 409 else None)


@pytest.mark.feature("MS3")
async def test_an_answer_by_mail_says_its_subject_and_its_copies_or_leaves_them(
    desk: Workplace, store: ScriptedStore, router: ScriptedRouter
) -> None:
    router.decide = unseen
    path = f"/api/conversations/{store.put_conversation()}/messages"
    async with await desk.signed_in(store.add(Person("anna"))) as browser:
        mores: tuple[dict[str, Any], ...] = ({}, {"subject": "Another lamp", "cc": [BOSS]}, {"cc": []})
        for more in mores:
            body = {"id": str(uuid7()), "text": "Yes", **more}
            assert (await browser.call("POST", path, body)).status == 200
    plain, changed, alone = (one.data for one in router.of(PostMessage.TYPE))
    assert isinstance(plain, PostMessage)
    assert isinstance(changed, PostMessage)
    assert isinstance(alone, PostMessage)
    said = Content(parts=(Text(text="Yes"),))
    assert plain.content == said
    about = {"subject": "Another lamp", "cc": (Address(**BOSS),), "letter": Letter()}
    assert changed.content == said.model_copy(update=about)
    assert alone.content == said.model_copy(update={"letter": Letter()})
