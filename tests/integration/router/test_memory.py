"""The handler's memory is its tables: presence, accounts, contacts, and batches that build on themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from router import directory, repository, tables
from router.registry import Account
from shared.clock import uuid7
from shared.contract import commands
from shared.contract.capabilities import Capabilities
from shared.contract.events import ContactFacts
from shared.contract.people import Actor, Identity
from shared.db.engine import reading, writing
from tests.integration.router.works import DESK, Works, dialog_ref, heard
from tests.unit.router.people import NOON


@pytest.fixture
async def works(engine: AsyncEngine) -> Works:
    works = Works(engine)
    await works.start()
    return works


@pytest.mark.feature("OP5")
async def test_a_workplace_that_is_no_longer_renewed_is_absent(works: Works) -> None:
    anna = await _operator(works)
    await works.tick()
    renewed = await works.give(_renewal(works, anna, 5))
    assert [message.type for message in renewed.outgoing] == ["operator.changed.v1"]
    told = [await works.tick() for _ in range(5)]
    assert told == [[], [], [], [], ["operator.changed.v1"]]
    async with reading(works.engine) as conn:
        assert not (await conn.execute(select(tables.presence))).all()
    await works.start()
    assert await works.tick() == []


@pytest.mark.feature("OP5")
async def test_presence_survives_a_takeover_and_an_outage_of_the_broker(works: Works) -> None:
    anna = await _operator(works)
    await works.give(_renewal(works, anna, 20))
    works.clock.advance(timedelta(minutes=2))
    await works.start()
    assert await works.tick() == []
    works.wire.connected = False
    for _ in range(60):
        assert await works.tick() == []
    works.wire.connected = True
    *before, last = [await works.tick() for _ in range(31)]
    assert not any(before)
    assert last == ["operator.changed.v1"]


@pytest.mark.feature("OP5")
async def test_opened_and_closed_in_one_batch_leaves_nothing(works: Works) -> None:
    anna = await _operator(works)
    opened = _renewal(works, anna, 20)
    told = await works.give(opened, opened.model_copy(update={"operators": ()}))
    assert [message.type for message in told.outgoing] == ["operator.changed.v1"] * 2
    async with reading(works.engine) as conn:
        assert not (await conn.execute(select(tables.presence))).all()


async def _operator(works: Works) -> UUID:
    id_ = uuid7()
    console = Actor(kind="console", id="c")
    await works.give(
        commands.AddOperator(actor=console, deadline=NOON, operator_id=id_, login="anna", name="Anna")
    )
    return id_


def _renewal(works: Works, operator: UUID, seconds: int) -> commands.RenewPresence:
    return commands.RenewPresence(
        actor=DESK, deadline=works.clock.now(), desk="one", operators=(operator,), seconds=seconds
    )


async def test_two_messages_of_one_batch_follow_each_other(works: Works) -> None:
    outcome = await works.give(heard(), heard("v2"), heard())
    assert [message.type for message in outcome.outgoing] == [
        "conversation.opened.v1",
        "message.received.v1",
        "conversation.opened.v1",
        "message.received.v1",
        "message.received.v1",
    ]
    async with reading(works.engine) as conn:
        found = await repository.dialogs_by_id(conn, [dialog_ref("v1").dialog_id])
    (dialog,) = found.values()
    assert dialog.version == 3
    assert dialog.conversation is not None
    assert dialog.conversation.unread == 2


async def test_accounts_queues_are_declared_at_a_takeover_too(works: Works) -> None:
    async with writing(works.engine) as conn:
        accounts = [
            Account("webchat", name, name, Capabilities(), connected, NOON)
            for name, connected in (("site", True), ("gone", False))
        ]
        await directory.save_entities(conn, accounts)
    await works.start()
    assert works.wire.declared == ["outbound.webchat.site.v1"]


async def test_newer_facts_of_a_contact_replace_older_ones(works: Works) -> None:
    contact, manager = uuid7(), uuid7()
    address = Identity(channel="webchat", address="v1", aliases=("old",))

    def facts(version: int, **fields: Any) -> ContactFacts:
        return ContactFacts(contact_id=contact, version=version, identities=(address,), **fields)

    await works.give(facts(2, personal_manager=manager), facts(1))
    await works.give(facts(1, blocked_until=NOON))
    async with reading(works.engine) as conn:
        rows = (await conn.execute(select(tables.contact_facts).order_by("address"))).all()
    assert [(row.address, row.version, row.personal_manager, row.blocked_until) for row in rows] == [
        ("old", 2, manager, None),
        ("v1", 2, manager, None),
    ]
