"""Writes: answered when their effect can be read; refusals in the reader's language; nothing is claimed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr
from yarl import URL

from shared.clock import uuid7
from shared.contract.commands import (
    AcceptConversation,
    Answer,
    MarkUnread,
    PostMessage,
    Refusal,
    RenewPresence,
    SignInOperator,
)
from shared.contract.envelope import Data, Envelope
from shared.contract.refusals import RefusalCode
from tests.integration.desk.browser import Workplace
from tests.integration.desk.person import Person
from tests.integration.desk.scripted_router import Decide, ScriptedRouter, agreed
from tests.integration.desk.scripted_store import ScriptedStore, sight_of
from tests.support.proxy import Mode, Proxy
from tests.support.waiting import eventually

Start = Callable[..., Awaitable[Workplace]]
RUSSIAN = {"Accept-Language": "ru"}


def accepting(store: ScriptedStore, who: Person, conversation: UUID) -> Decide:
    """A router that lets the conversation be taken, and a store that shows it."""

    def decide(command: Envelope[Data]) -> Answer:
        store.put_conversation(assignee=who.operator_id, id_=conversation, command_id=command.id)
        return agreed(command)

    return decide


def refusing(refusal: Refusal, command: Envelope[Data]) -> Answer:
    return Answer(command_id=command.id, ok=False, refusal=refusal)


def silent(_: Envelope[Data]) -> None:
    """A router that answers nothing."""


@pytest.mark.feature("LC3")
async def test_an_act_is_answered_when_it_can_be_read(
    desk: Workplace, store: ScriptedStore, router: ScriptedRouter
) -> None:
    anna = store.add(Person("anna"))
    conversation = store.put_conversation()
    router.decide = accepting(store, anna, conversation)
    async with await desk.signed_in(anna) as browser:
        act = str(uuid7())
        answered = await browser.call("POST", f"/api/conversations/{conversation}/accept", {"id": act})
        assert answered.status == 200
        assert answered.body["pending"] is False
        assert answered.body["entity"] == "conversation"
        assert answered.body["state"]["assignee"] == str(anna.operator_id)
        assert answered.body["seq"] == store.head
        again = await browser.call("POST", f"/api/conversations/{conversation}/accept", {"id": act})
        assert again.status == 200, "the same act is answered again"
        router.decide = partial(refusing, Refusal(code="conflict"))
        other = await browser.call("POST", f"/api/conversations/{conversation}/unread", {"id": act})
        assert (other.status, other.code) == (409, "conflict"), "an old row proves nothing"
    command = router.of(AcceptConversation.TYPE)[0]
    assert isinstance(command.data, AcceptConversation)
    assert str(command.id) == act
    assert command.source == "desk"
    assert command.subject == str(command.data.dialog_id) == store.conversations[conversation]["dialog_id"]
    assert command.data.actor.id == str(anna.operator_id)
    assert command.traceparent is not None


async def test_a_reply_waits_for_its_own_line(
    desk: Workplace, store: ScriptedStore, router: ScriptedRouter
) -> None:
    anna = store.add(Person("anna"))
    conversation = store.put_conversation()
    scope = sight_of(store.conversations[conversation])

    def decide(command: Envelope[Data]) -> Answer:
        store.put_conversation(assignee=anna.operator_id, id_=conversation, command_id=command.id)
        store.say("message", "another", after=scope, command_id=command.id, parent=str(conversation))
        said = {"entry_id": str(command.id), "conversation_id": str(conversation)}
        store.say(
            "message",
            str(command.id),
            after=scope,
            command_id=command.id,
            parent=str(conversation),
            state=said,
        )
        return agreed(command)

    router.decide = decide
    async with await desk.signed_in(anna) as browser:
        act = str(uuid7())
        body = {"id": act, "text": "Добрый день 🙂"}
        answered = await browser.call("POST", f"/api/conversations/{conversation}/messages", body)
    assert answered.status == 200
    assert answered.body["state"] == {"entry_id": act, "conversation_id": str(conversation)}
    (command,) = router.of(PostMessage.TYPE)
    assert isinstance(command.data, PostMessage)
    assert str(command.data.message_id) == act
    assert command.data.content.text == "Добрый день 🙂"


async def test_what_is_decided_and_not_shown_is_pending(
    desk: Workplace, store: ScriptedStore, router: ScriptedRouter
) -> None:
    conversation = store.put_conversation()
    async with await desk.signed_in(store.add(Person("anna"))) as browser:
        started = time.monotonic()
        path = f"/api/conversations/{conversation}/unread"
        answered = await browser.call("POST", path, {"id": str(uuid7())})
        assert (answered.status, answered.body["pending"]) == (202, True)
        assert 1.5 < time.monotonic() - started < 5
        router.decide = lambda command: Answer(command_id=command.id, ok=True, result={"events": 0})
        answered = await browser.call("POST", path, {"id": str(uuid7())})
        assert (answered.status, answered.body["pending"]) == (200, False), (
            "nothing changed: nothing to wait for"
        )


REFUSALS: list[tuple[RefusalCode, dict[str, str], int, str]] = [
    ("assigned_to_other", {"who": "Борис"}, 409, "Это обращение уже взял(а) Борис."),
    ("no_right", {"right": "take"}, 403, "У вас нет права на это действие: take."),
    ("conversation_not_found", {}, 404, "Такого обращения нет."),
    ("offer_not_found", {}, 409, "Предложения вам здесь нет: его приняли, отозвали или время вышло."),
]


async def test_a_refusal_is_told_in_the_readers_language(
    desk: Workplace, store: ScriptedStore, router: ScriptedRouter
) -> None:
    conversation = store.put_conversation()
    async with await desk.signed_in(store.add(Person("anna"))) as browser:
        path, act = f"/api/conversations/{conversation}/accept", {"id": str(uuid7())}
        for code, parameters, status, words in REFUSALS:
            refusal = Refusal(code=code, parameters=parameters)
            router.decide = partial(refusing, refusal)
            answered = await browser.call("POST", path, act, headers=RUSSIAN)
            assert (answered.status, answered.code, answered.body["title"]) == (status, code, words)
            assert answered.headers["Content-Type"].startswith("application/problem+json")
            assert (await browser.call("POST", path, act)).body["title"] == refusal.words("en")


async def test_a_row_proves_the_act_though_its_answer_was_lost(
    desk: Workplace, store: ScriptedStore, router: ScriptedRouter
) -> None:
    anna = store.add(Person("anna"))
    conversation = store.put_conversation()
    decide = accepting(store, anna, conversation)

    def mute(command: Envelope[Data]) -> None:
        decide(command)

    router.decide = mute
    async with await desk.signed_in(anna) as browser:
        path = f"/api/conversations/{conversation}/accept"
        answered = await browser.call("POST", path, {"id": str(uuid7())})
        assert answered.status == 200
        assert answered.body["state"]["assignee"] == str(anna.operator_id)


async def test_without_an_answer_the_page_is_told_to_repeat(
    desk: Workplace, store: ScriptedStore, router: ScriptedRouter
) -> None:
    router.decide = silent
    conversation = store.put_conversation()
    async with await desk.signed_in(store.add(Person("anna"))) as browser:
        path = f"/api/conversations/{conversation}/messages"
        answered, russian = await asyncio.gather(
            browser.call("POST", path, {"id": str(uuid7()), "text": "hello"}),
            browser.call("POST", path, {"id": str(uuid7()), "text": "hello"}, headers=RUSSIAN),
        )
    assert (answered.status, answered.code) == (503, "unavailable")
    assert "kept" in answered.body["title"]
    assert "сохранено" in russian.body["title"]
    assert int(russian.headers["Retry-After"]) > 0


async def test_a_conversation_out_of_sight_does_not_exist(
    desk: Workplace, store: ScriptedStore, router: ScriptedRouter
) -> None:
    foreign = store.put_conversation("webchat.other")
    async with await desk.signed_in(store.add(Person("anna"))) as browser:
        for verb in ("accept", "close", "unread"):
            path = f"/api/conversations/{foreign}/{verb}"
            assert (await browser.call("POST", path, {"id": str(uuid7())})).status == 404
        assert (await browser.get(f"/api/conversations/{foreign}")).status == 404
    assert {one.type for one in router.heard} <= {RenewPresence.TYPE, SignInOperator.TYPE}


BODIES: list[dict[str, Any]] = [
    {},
    {"id": "x"},
    {"id": "7f5d7ae3-31f4-4f0f-9d21-0d8a3f6f3c11", "text": "a version 4"},
    {"id": str(uuid7()), "text": 1},
    {"id": str(uuid7()), "text": "x", "actor": {"kind": "console"}},
    {"id": str(uuid7()), "text": "x", "operator_id": "someone"},
]


async def test_bodies_say_what_they_may_and_nothing_more(desk: Workplace, store: ScriptedStore) -> None:
    conversation = store.put_conversation()
    async with await desk.signed_in(store.add(Person("anna"))) as browser:
        for body in BODIES:
            answered = await browser.call("POST", f"/api/conversations/{conversation}/messages", body)
            assert answered.status == 422, body


@pytest.mark.feature("OP5")
async def test_presence_is_told_at_once_and_withdrawn_after_a_while(
    desk: Workplace, store: ScriptedStore, router: ScriptedRouter
) -> None:
    anna = store.add(Person("anna"))

    def told() -> list[tuple[UUID, ...]]:
        renewals = [one.data for one in router.of(RenewPresence.TYPE)]
        return [one.operators for one in renewals if isinstance(one, RenewPresence)]

    async with await desk.signed_in(anna) as browser:
        socket = await browser.connect()
        await socket.next("hello")
        await eventually(lambda: (anna.operator_id,) in told(), seconds=3)
        before = len(told())
        again = await browser.connect()
        await socket.close()
        await again.next("hello")
        assert all(told()[before:]), "one of two windows was closed: still here"
        await again.close()
        await eventually(lambda: told()[-1] == (), seconds=12)


@pytest.mark.timeout(120)
async def test_the_broker_away_is_told_and_over_when_it_is_back(
    amqp_url: str, start_desk: Start, store: ScriptedStore, router: ScriptedRouter
) -> None:
    address = URL(amqp_url)
    assert address.port is not None
    async with Proxy(address.port) as proxy:
        desk = await start_desk(amqp_url=SecretStr(str(address.with_port(proxy.port))))
        await desk.ready()
        conversation = store.put_conversation()
        async with await desk.signed_in(store.add(Person("anna"))) as browser:
            path, act = f"/api/conversations/{conversation}/unread", {"id": str(uuid7())}
            assert (await browser.call("POST", path, act)).status == 202
            proxy.mode = Mode.REFUSE
            assert proxy.reset() >= 2
            assert (await browser.get("/api/folders")).status == 200, "reading goes on"
            assert (await browser.sign_in("anna")).status == 200, "and so does signing in"
            async with asyncio.timeout(9):
                answered = await browser.call("POST", path, act)
            assert (answered.status, answered.code) == (503, "unavailable")
            assert proxy.refused
            proxy.mode = Mode.PASS

            async def is_over() -> bool:
                return (await browser.call("POST", path, act)).status == 202

            await eventually(is_over, seconds=20)
    assert len({one.id for one in router.of(MarkUnread.TYPE)}) == 1, "the same act throughout"
