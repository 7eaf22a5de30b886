"""Every act on a conversation, a note, a template, a status or a contact: the command that it becomes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from shared.clock import uuid7
from shared.contract.commands import (
    AddParticipants,
    Answer,
    AppointOperator,
    BlockContact,
    DeclineOffer,
    DeleteNote,
    DeleteTemplate,
    DescribeConversation,
    ExplainConversation,
    MoveConversations,
    OfConversation,
    OfferConversation,
    PostMessage,
    PutTemplate,
    RecallOffer,
    Refusal,
    RemoveParticipant,
    ResumeConversation,
    ReturnConversation,
    SetPreferences,
    SetStatus,
    SetStatuses,
    SignInOperator,
    SignOutOperator,
    UnblockContact,
    WriteNote,
)
from shared.contract.envelope import Data, Envelope
from shared.contract.feed import Sight
from shared.contract.statuses import STANDARD, STRICT
from tests.integration.desk.browser import Workplace
from tests.integration.desk.person import Person
from tests.integration.desk.scripted_router import ScriptedRouter, agreed
from tests.integration.desk.scripted_store import ScriptedStore, sight_of
from tests.support.waiting import eventually

SOMEBODY, THING = uuid4(), uuid4()
ONE = "/api/conversations/{conversation}"


@dataclass(frozen=True)
class Case:
    """A request, and what the command says besides who asks and of which conversation."""

    command: type[Data]
    path: str
    body: dict[str, Any] = field(default_factory=dict)
    says: dict[str, Any] | None = None
    method: str = "POST"

    @property
    def expected(self) -> dict[str, Any]:
        return self.body if self.says is None else self.says


ROWS = [one.model_dump(mode="json") for one in STRICT]
TEMPLATE = {"shared": True, "category": "greetings", "title": "Hello", "text": "Hello!", "hotkey": "1"}
CASES = [
    Case(OfferConversation, f"{ONE}/offer", {"operator_id": str(SOMEBODY), "comment": "for you"}),
    Case(OfferConversation, f"{ONE}/offer", {"group": "sales"}),
    Case(DeclineOffer, f"{ONE}/decline", {"comment": "busy"}),
    Case(RecallOffer, f"{ONE}/recall"),
    Case(AppointOperator, f"{ONE}/appoint", {"operator_id": str(SOMEBODY), "comment": "yours"}),
    Case(ReturnConversation, f"{ONE}/return", {"comment": "not mine"}),
    Case(ResumeConversation, f"{ONE}/resume"),
    Case(AddParticipants, f"{ONE}/participants", {"operators": [str(SOMEBODY)]}),
    Case(RemoveParticipant, f"{ONE}/participants/{SOMEBODY}/remove", {}, {"operator_id": str(SOMEBODY)}),
    Case(DescribeConversation, f"{ONE}/describe", {"description": "a lamp"}),
    Case(PostMessage, f"{ONE}/messages", {"text": "hi", "seen_version": 7}, {"seen_version": 7}),
    Case(WriteNote, f"{ONE}/notes", {"text": "mind him"}),
    Case(DeleteNote, f"{ONE}/notes/{THING}/delete", {}, {"note_id": str(THING)}),
    Case(SetStatus, "/api/me/status", {"status": "break"}, method="PUT"),
    Case(SetPreferences, "/api/me/preferences", {"status_on_sign_in": ""}, method="PUT"),
    Case(SetStatuses, "/api/statuses", {"statuses": ROWS}, method="PUT"),
    Case(PutTemplate, f"/api/templates/{THING}", TEMPLATE, {**TEMPLATE, "template_id": str(THING)}, "PUT"),
    Case(DeleteTemplate, f"/api/templates/{THING}/delete", {}, {"template_id": str(THING)}),
    Case(
        BlockContact, f"/api/contacts/{THING}/block", {"until": "2031-01-31T10:00:00Z", "reason": "spam"},
    ),
    Case(UnblockContact, f"/api/contacts/{THING}/unblock", {}, {"contact_id": str(THING)}),
]  # fmt: skip


@pytest.mark.feature("RT6", "RT8", "RT12", "RT13", "LC5", "LC7", "LC16", "LC20", "MS6", "MS13", "OP1", "OP3")
async def test_every_act_becomes_its_command(
    desk: Workplace, store: ScriptedStore, router: ScriptedRouter
) -> None:
    root = store.add(Person("root", "administrator"))
    conversation = store.put_conversation()
    dialog_id = store.conversations[conversation]["dialog_id"]
    router.decide = partial(agreed, events=0)
    async with await desk.signed_in(root) as browser:
        for case in CASES:
            act = str(uuid7())
            path = case.path.format(conversation=conversation)
            answered = await browser.call(case.method, path, {"id": act, **case.body})
            assert (answered.status, answered.body["pending"]) == (200, False), (case, answered.body)
            command = router.heard[-1]
            assert (str(command.id), command.type) == (act, case.command.TYPE)
            said = command.data.model_dump(mode="json")
            assert case.expected.items() <= said.items(), said
            assert said["actor"]["id"] == str(root.operator_id)
            if isinstance(command.data, OfConversation | WriteNote):
                assert (said["dialog_id"], said["conversation_id"]) == (dialog_id, str(conversation))
            if isinstance(command.data, SetStatus | SetPreferences):
                assert said["operator_id"] == str(root.operator_id)
        hidden = store.put_conversation("webchat.other")
        heard = len(router.heard)
        for case in CASES:
            if ONE in case.path:
                path = case.path.format(conversation=hidden)
                assert (await browser.call("POST", path, {"id": str(uuid7()), **case.body})).status == 404
        assert len(router.heard) == heard
        for body in ({}, {"operator_id": str(SOMEBODY), "group": "sales"}):
            path = f"{ONE}/offer".format(conversation=conversation)
            assert (await browser.call("POST", path, {"id": str(uuid7()), **body})).status == 422


@pytest.mark.feature("MS13", "MS6", "OP1")
async def test_a_note_a_template_and_a_status_are_answered_with_what_they_are(
    desk: Workplace, store: ScriptedStore, router: ScriptedRouter
) -> None:
    anna = store.add(Person("anna"))
    conversation = store.put_conversation()
    seen_by = {
        WriteNote.TYPE: ("message", sight_of(store.conversations[conversation])),
        PutTemplate.TYPE: ("template", Sight(operator_id=anna.operator_id)),
        SetStatus.TYPE: ("operator", Sight()),
    }

    def decide(command: Envelope[Data]) -> Answer:
        entity, sight = seen_by[command.type]
        id_ = {"message": command.id, "template": THING, "operator": anna.operator_id}[entity]
        store.say(entity, str(id_), after=sight, command_id=command.id, state={"made": command.type})
        return agreed(command)

    async with await desk.signed_in(anna) as browser:
        router.decide = decide
        note = await browser.call(
            "POST", f"/api/conversations/{conversation}/notes", {"id": str(uuid7()), "text": "mind him"}
        )
        template = await browser.call(
            "PUT", f"/api/templates/{THING}", {"id": str(uuid7()), **TEMPLATE, "shared": False}
        )
        status = await browser.call("PUT", "/api/me/status", {"id": str(uuid7()), "status": "break"})
        same = await browser.call("PUT", "/api/me/status", {"id": str(uuid7()), "status": "available"})
    assert [one.body["state"] for one in (note, template)] == [
        {"made": WriteNote.TYPE},
        {"made": PutTemplate.TYPE},
    ]
    assert (status.status, status.body["entity"]) == (200, "operator")
    assert (same.status, same.body["pending"]) == (200, False)


@pytest.mark.feature("RT7")
async def test_what_cannot_be_moved_is_named(
    desk: Workplace, store: ScriptedStore, router: ScriptedRouter
) -> None:
    vera = store.add(Person("vera", "supervisor"))
    moved, refused = store.put_conversation(), store.put_conversation()
    hidden = store.put_conversation("webchat.other")
    why = {
        "conversation_id": str(refused),
        "code": "limit_reached",
        "parameters": {"who": "Анна", "limit": "3"},
    }

    def decide(command: Envelope[Data]) -> Answer:
        assert isinstance(command.data, MoveConversations)
        assert [one.conversation_id for one in command.data.conversations] == [moved, refused]
        assert command.data.operator_id == SOMEBODY
        return agreed(command, moved=[str(moved)], refused=[why])

    async with await desk.signed_in(vera) as browser:
        router.decide = decide
        body = {"id": str(uuid7()), "conversations": [str(moved), str(refused), str(hidden)]}
        answered = await browser.call(
            "POST", "/api/conversations/move", {**body, "operator_id": str(SOMEBODY)},
            headers={"Accept-Language": "ru"},
        )  # fmt: skip
    assert answered.body["moved"] == [str(moved)]
    limit, unseen = answered.body["refused"]
    assert limit == {**why, "title": "У Анна уже 3 обращений, больше нельзя."}
    assert (unseen["conversation_id"], unseen["code"]) == (str(hidden), "conversation_not_found")


@pytest.mark.feature("BY3", "BY14")
async def test_why_it_waits_and_why_it_was_refused_are_passed_on(
    desk: Workplace, store: ScriptedStore, router: ScriptedRouter
) -> None:
    conversation = store.put_conversation()
    words = {"en": "has as many conversations as allowed", "ru": "уже ведёт столько, сколько разрешено"}
    anybody = {"operator_id": str(SOMEBODY), "name": "Sonya", "why": "at_limit", "load": 3, "limit": 3}
    considered = [{**anybody, "words": words}]

    def decide(command: Envelope[Data]) -> Answer:
        if command.type == ExplainConversation.TYPE:
            return agreed(command, waits="all_full", considered=considered)
        return Answer(command_id=command.id, ok=False, refusal=Refusal(code="conversation_moved_on"))

    router.decide = decide
    async with await desk.signed_in(store.add(Person("anna"))) as browser:
        explained = await browser.get(f"/api/conversations/{conversation}/explanation")
        assert explained.body["waits"] == "all_full"
        assert explained.body["considered"] == considered
        body = {"id": str(uuid7()), "text": "hello", "seen_version": 3}
        late = await browser.call("POST", f"/api/conversations/{conversation}/messages", body)
        assert (late.status, late.code) == (409, "conversation_moved_on")
        assert "something new" in late.body["title"]


@pytest.mark.feature("OP3")
async def test_signing_in_and_out_is_told_to_the_router(
    desk: Workplace, store: ScriptedStore, router: ScriptedRouter
) -> None:
    anna = store.add(Person("anna"))
    router.decide = lambda _: None
    async with await desk.signed_in(anna) as browser, await desk.signed_in(anna) as elsewhere:
        assert (await browser.call("DELETE", "/api/session")).status == 204
        await eventually(lambda: len(router.of(SignInOperator.TYPE)) == 2)
        assert router.of(SignOutOperator.TYPE) == []  # she is still there
        assert (await elsewhere.call("DELETE", "/api/session")).status == 204
        await eventually(lambda: router.of(SignOutOperator.TYPE))
    assert len(router.of(SignOutOperator.TYPE)) == 1
    for type_ in (SignInOperator.TYPE, SignOutOperator.TYPE):
        told = router.of(type_)[0]
        assert isinstance(told.data, SignInOperator | SignOutOperator)
        assert told.data.operator_id == anna.operator_id
        assert (told.data.actor.kind, told.data.actor.id) == ("operator", str(anna.operator_id))


@pytest.mark.feature("OP1", "MS6")
async def test_tables_are_the_stores(desk: Workplace, store: ScriptedStore) -> None:
    async with await desk.signed_in(store.add(Person("anna"))) as browser:
        assert (await browser.get("/api/statuses")).body["statuses"][0]["slug"] == STANDARD[0].slug
        assert (await browser.get("/api/templates")).body["items"] == [{"title": "Hello"}]
