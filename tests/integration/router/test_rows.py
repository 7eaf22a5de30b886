"""What is written is read again as it was, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from router import directory, repository, tables
from router.dialog import Dialog
from router.registry import Account, Entity, Group, Operator, Routing, Statuses, Templates
from shared.clock import uuid7
from shared.contract.capabilities import Capabilities
from shared.contract.events import ConversationState, Offer
from shared.contract.inbound import AccountHealth, KnownTemplate
from shared.contract.people import Actor
from shared.contract.statuses import STRICT
from shared.db.engine import reading, writing
from shared.db.migrate import current, downgrade, upgrade
from shared.db.schema import newest
from tests.integration.router.works import SECOND, dialog_ref
from tests.unit.router.people import NOON


async def test_a_dialog_is_read_as_it_was_written(engine: AsyncEngine) -> None:
    state = ConversationState(
        conversation_id=uuid7(),
        status="closed",
        assignee=uuid7(),
        participants=(uuid7(), uuid7()),
        offer=Offer(
            offer_id=uuid7(), kind="transfer", operator_id=uuid7(), by=uuid7(), comment="Ваш", offered_at=NOON
        ),
        description="Ждёт доставку",
        opened_at=NOON,
        assigned_at=NOON + SECOND,
        closed_at=NOON + 2 * SECOND,
        closed_by=Actor(kind="operator", id="anna", name="Анна"),
        category="спам",
        waiting_since=NOON,
        unread=3,
        marked_unread=True,
        last_message_at=NOON,
        last_author="us",
        reopened=2,
        free_text_until=NOON + SECOND,
    )
    whole = Dialog(dialog_ref("v1"), 7, {"thread": {"id": 1}}, state, "m7", 6, "client", (uuid7(),))
    bare = Dialog(dialog_ref("v2"), 1)
    async with writing(engine) as conn:
        for _ in range(2):
            await repository.save_dialogs(conn, [whole, bare], [whole])
    async with reading(engine) as conn:
        found = await repository.dialogs_by_id(conn, [whole.dialog_id, bare.dialog_id, uuid7()])
    assert found == {whole.dialog_id: whole, bare.dialog_id: bare}


async def test_many_dialogs_are_read_at_once(engine: AsyncEngine) -> None:
    many = [Dialog(dialog_ref(f"v{number}"), number) for number in range(450)]
    async with writing(engine) as conn:
        await repository.save_dialogs(conn, many, [])
        found = await repository.dialogs_by_id(conn, [dialog.dialog_id for dialog in many])
    assert list(found.values()) == sorted(
        found.values(), key=lambda dialog: list(found).index(dialog.dialog_id)
    )
    assert found == {dialog.dialog_id: dialog for dialog in many}


@pytest.mark.feature("LC1")
async def test_a_second_open_conversation_of_a_dialog_cannot_be_written(engine: AsyncEngine) -> None:
    def opened(status: Any) -> Dialog:
        state = ConversationState(conversation_id=uuid7(), status=status, opened_at=NOON)
        return Dialog(dialog_ref("v1"), 1, {}, state)

    async with writing(engine) as conn:
        await repository.save_dialogs(
            conn, [opened("new")], [opened("new"), opened("closed"), opened("closed")]
        )
    with pytest.raises(IntegrityError):
        async with writing(engine) as conn:
            await repository.save_dialogs(conn, [], [opened("active")])


async def test_the_registry_is_read_as_it_was_written(engine: AsyncEngine) -> None:
    health = AccountHealth(channel="webchat", account="site", state="throttled", until=NOON, at=NOON)
    entities: list[Entity] = [
        Operator(
            uuid7(),
            "anna",
            "Анна",
            "Аня",
            "operator",
            ("close",),
            ("webchat.site",),
            ("sales",),
            "break",
            NOON,
        ),
        Operator(
            uuid7(),
            "boris",
            "Борис",
            "Борис",
            "administrator",
            limit=3,
            disabled=True,
            version=7,
            access_version=3,
        ),
        Group("sales", "Продажи", 2),
        Account(
            *("webchat", "site", "Сайт", Capabilities(text_length=9), True, NOON, health, ("sales",)),
            routing=Routing(close_untaken=False, distribution="least_loaded", close_after_minutes=30),
            version=4,
        ),
        Account("webchat", "shop", "Shop", Capabilities(), False, NOON),
        Statuses(STRICT, 2),
        Templates(
            "webchat", "site", (KnownTemplate(name="order", language="ru", text="{{1}}", parameters=1),), NOON
        ),
    ]
    async with writing(engine) as conn:
        await directory.save_entities(conn, entities)
        await directory.save_entities(conn, entities[:1])
    async with reading(engine) as conn:
        registry = await directory.load_registry(conn, NOON)
    read: list[Entity] = [
        *registry.operators.values(),
        *registry.groups.values(),
        *registry.accounts.values(),
        *registry.templates.values(),
        registry.statuses,
    ]
    assert {one.subject: one for one in read} == {one.subject: one for one in entities}


def test_migrations_lead_there_and_back(router_database: str) -> None:
    assert current(router_database) == newest("router") == "0004"
    upgrade(router_database, "router")
    downgrade(router_database, "router", "base")
    assert current(router_database) is None
    upgrade(router_database, "router")


async def test_the_migrated_schema_is_the_tables(engine: AsyncEngine) -> None:
    def difference(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection)
        return list(compare_metadata(context, tables.metadata))

    def index(connection: Connection) -> list[Any]:
        return list(inspect(connection).get_indexes("conversations"))

    async with reading(engine) as conn:
        assert await conn.run_sync(difference) == []
        found = {one["name"]: bool(one["unique"]) for one in await conn.run_sync(index)}
    assert found == {
        "one_open_conversation_of_a_dialog": True,
        "offers_by_their_end": False,
        "active_by_last_message": False,
    }
