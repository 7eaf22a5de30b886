"""What happens by itself, and many at once: given, offered on, closed by silence, moved, explained."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from router import repository
from shared.bus.handler import Outcome
from shared.clock import uuid7
from shared.contract import commands
from shared.contract.capabilities import Capabilities
from shared.contract.commands import Answer
from shared.contract.envelope import Catalogue, Data
from shared.contract.events import EVENTS, ContactFacts
from shared.contract.inbound import AccountDeclared
from shared.contract.people import Actor, Identity
from shared.db.engine import reading
from tests.integration.router.works import DESK, Works, dialog_ref, heard
from tests.unit.router.people import CONSOLE, NOON

_events = Catalogue(*EVENTS)


class Office(Works):
    """One account and operators with open workplaces."""

    async def open(self, *logins: str, **settings: Any) -> dict[str, Actor]:
        await self.start()
        await self.give(
            AccountDeclared(
                channel="webchat",
                account="site",
                name="Site",
                capabilities=Capabilities(),
                declared_at=NOON,
            )
        )
        await self.ask(commands.SetRouting, CONSOLE, account="webchat.site", **settings)
        people = {login: uuid7() for login in logins}
        for login, id_ in people.items():
            await self.ask(commands.AddOperator, CONSOLE, operator_id=id_, login=login, name=login, limit=1)
        everybody = tuple(people.values())
        await self.ask(commands.RenewPresence, DESK, desk="one", operators=everybody, seconds=120)
        return {login: Actor(kind="operator", id=str(id_)) for login, id_ in people.items()}

    async def ask(self, command: type[Any], actor: Actor, **fields: Any) -> Answer:
        outcome = await self.give(command(actor=actor, deadline=NOON + timedelta(days=1), **fields))
        return next(iter(outcome.answers.values()))

    async def about(self, chat: str) -> dict[str, UUID]:
        state = await self.state(chat)
        return {"dialog_id": dialog_ref(chat).dialog_id, "conversation_id": state.conversation_id}

    async def state(self, chat: str) -> Any:
        dialog_id = dialog_ref(chat).dialog_id
        async with reading(self.engine) as conn:
            return (await repository.dialogs_by_id(conn, [dialog_id]))[dialog_id].conversation


def told(outcome: Outcome) -> list[Data]:
    return [_events.decode(one.body, one.type).data for one in outcome.outgoing if one.exchange == "events"]


@pytest.fixture
def office(engine: AsyncEngine) -> Office:
    return Office(engine)


@pytest.mark.feature("RT3", "BY5")
async def test_a_freed_place_takes_the_next_in_the_same_transaction(office: Office) -> None:
    people = await office.open("anna", distribution="least_loaded", handover="appoint")
    await office.give(heard("v1"))
    await office.give(heard("v2"))
    anna = UUID(people["anna"].id)
    assert ((await office.state("v1")).assignee, (await office.state("v2")).status) == (anna, "new")
    closing: dict[str, Any] = {"actor": people["anna"], "deadline": NOON, **await office.about("v1")}
    closed = await office.give(commands.CloseConversation(**closing))
    assert [event.TYPE for event in told(closed)] == ["conversation.closed.v1", "conversation.assigned.v1"]
    assert (await office.state("v2")).assignee == anna


@pytest.mark.feature("BY6", "RT3")
async def test_an_offer_that_nobody_answers_goes_to_the_next(office: Office) -> None:
    await office.open("anna", "boris", distribution="least_loaded", offer_seconds=5)
    await office.give(heard("v1"))
    first = (await office.state("v1")).offer
    for _ in range(4):
        assert "conversation.offer_ended.v1" not in await office.tick()
    assert await office.tick() == ["conversation.offer_ended.v1", "conversation.offered.v1"]
    second = (await office.state("v1")).offer
    assert second.operator_id != first.operator_id
    *before, last = [await office.tick() for _ in range(5)]
    assert (before, last) == ([[]] * 4, ["conversation.offer_ended.v1"])
    assert (await office.state("v1")).status == "new"
    explained = await office.ask(commands.ExplainConversation, CONSOLE, **await office.about("v1"))
    assert explained.result["waits"] == "all_declined"


@pytest.mark.feature("LC6")
async def test_a_silent_conversation_is_closed_and_no_other(office: Office) -> None:
    people = await office.open("anna", "boris", close_after_minutes=1)
    for chat in ("v1", "v2", "v3"):
        await office.give(heard(chat))
    for chat in ("v1", "v2"):
        accepted = await office.ask(
            commands.AcceptConversation,
            people["anna" if chat == "v1" else "boris"],
            **await office.about(chat),
        )
        assert accepted.ok
    office.clock.advance(timedelta(seconds=59))
    late = heard("v2").model_copy(update={"received_at": office.clock.now(), "external_id": "m2"})
    await office.give(late)
    assert "conversation.closed.v1" in await office.tick()
    states = [(await office.state(chat)).status for chat in ("v1", "v2", "v3")]
    assert states == ["closed", "active", "new"]


@pytest.mark.feature("RT7")
async def test_many_are_moved_at_once_and_what_cannot_be_is_named(office: Office) -> None:
    people = await office.open("anna", "boris")
    await office.ask(commands.ChangeOperator, CONSOLE, operator="boris", limit="none")
    about = []
    for chat in ("v1", "v2"):
        await office.give(heard(chat))
        about.append(await office.about(chat))
    await office.ask(commands.CloseConversation, CONSOLE, **about[1])
    to = {"conversations": about, "operator_id": UUID(people["boris"].id), "comment": "Отпуск"}
    moved = await office.ask(commands.MoveConversations, CONSOLE, **to)
    first, second = (str(one["conversation_id"]) for one in about)
    assert moved.result["moved"] == [first]
    assert [(one["conversation_id"], one["code"]) for one in moved.result["refused"]] == [
        (second, "conversation_closed")
    ]
    assert str((await office.state("v1")).assignee) == people["boris"].id
    mine = await office.ask(commands.MoveConversations, people["anna"], **to)
    assert [one["code"] for one in mine.result["refused"]] == ["invalid", "conversation_closed"]


@pytest.mark.feature("BY3")
async def test_only_who_sees_it_is_told_why_it_waits(office: Office) -> None:
    people = await office.open("anna", distribution="least_loaded")
    await office.ask(commands.ChangeOperator, CONSOLE, operator="anna", accounts=())
    await office.give(heard("v1"))
    about = await office.about("v1")
    refused = await office.ask(commands.ExplainConversation, people["anna"], **about)
    assert refused.refusal is not None
    assert refused.refusal.code == "conversation_not_found"
    explained = await office.ask(commands.ExplainConversation, CONSOLE, **about)
    assert [one["why"] for one in explained.result["considered"]] == ["no_access"]
    assert explained.result["waits"] == "nobody_there"


@pytest.mark.feature("RT12")
async def test_what_a_blocked_client_writes_opens_nothing(office: Office) -> None:
    await office.open("anna")
    address = Identity(channel="webchat", address="v1")
    facts: dict[str, Any] = {"contact_id": uuid7(), "identities": (address,)}
    await office.give(ContactFacts(**facts, version=1, blocked_until=NOON + timedelta(hours=1)))
    for _ in range(2):
        (received,) = told(await office.give(heard("v1")))
        assert received.TYPE == "message.received.v1"
        assert vars(received)["blocked"]
        await office.start()
    await office.give(ContactFacts(**facts, version=2))
    opened = told(await office.give(heard("v1")))
    assert [event.TYPE for event in opened] == ["conversation.opened.v1", "message.received.v1"]
