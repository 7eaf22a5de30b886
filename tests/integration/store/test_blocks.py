"""Blocks (RT12): by right, of a contact that one sees, with an end and a reason; what comes is hidden."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from shared.bus.listener import Listener
from shared.contract import ids
from shared.contract.commands import Answer, BlockContact, UnblockContact
from shared.contract.content import Content, Document, File, Text
from shared.contract.envelope import Catalogue
from shared.contract.events import ContactFacts
from shared.topology import EVENTS
from tests.integration.store.shop import Shop
from tests.support.waiting import eventually
from tests.unit.store.story import Story, account, operator

pytestmark = pytest.mark.feature("RT12")

ANNA, BOSS, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)
VERA = ids.contact_id("webchat", "v1")


def code(answer: Answer) -> str | None:
    return None if answer.refusal is None else answer.refusal.code


async def people(shop: Shop, story: Story) -> None:
    await shop.publish(
        operator(ANNA), operator(BOSS, "boss", role="supervisor"),
        operator(OTHER, "other", role="supervisor", accounts=("webchat.shop",)),
        account("site"), account("shop"), story.opened(), story.heard("hello"),
    )  # fmt: skip
    await shop.caught_up()


async def test_a_contact_is_blocked_for_a_time_and_everybody_is_told(shop: Shop) -> None:
    told: list[ContactFacts] = []
    catalogue = Catalogue(ContactFacts)

    async def hear(body: bytes) -> None:
        told.append(catalogue.decode(body, ContactFacts.TYPE).data)  # type: ignore[arg-type]

    listener, story = Listener(shop.broker, [(EVENTS, ContactFacts.TYPE)], hear), Story()
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(listener.run())
        await listener.bound.wait()
        await people(shop, story)
        act = uuid4()
        assert (await shop.give(BlockContact, act, BOSS, contact_id=VERA, until=until, reason="spam")).ok
        await eventually(lambda: len(told) == 2)
        path = f"/v1/conversations/{story.conversation_id}/client"
        card = await shop.get(path, ANNA)
        assert (card["blocked_until"], card["block_reason"]) == (
            until.isoformat().replace("+00:00", "Z"),
            "spam",
        )
        assert card["blocked_by"]["id"] == str(BOSS)
        assert (await shop.ask(UnblockContact, BOSS, contact_id=VERA)).ok
        assert (await shop.ask(UnblockContact, BOSS, contact_id=VERA)).result == {"events": 0}
        await eventually(lambda: len(told) == 3)
        task.cancel()
    assert [(one.version, one.blocked_until) for one in told] == [(1, None), (2, until), (3, None)]
    card = await shop.get(path, ANNA)
    assert (card["blocked_until"], card["block_reason"], card["blocked_by"]) == (None, None, None)
    kept = (await shop.get("/v1/audit", BOSS))["items"]
    assert {(one["command"], one["subject"], one["accepted"]) for one in kept} == {
        ("contact.block.v1", f"contact:{VERA}", True),
        ("contact.unblock.v1", f"contact:{VERA}", True),
    }
    rows = {row["entity"]: row for row in await shop.rows(0, 100) if row["command_id"] == str(act)}
    assert rows.keys() == {"conversation", "audit"}
    assert (rows["conversation"]["what"], rows["conversation"]["id"]) == ("facts", str(story.conversation_id))
    assert rows["audit"]["state"]["detail"]["reason"] == "spam"


async def test_a_block_needs_the_right_the_sight_and_an_end(shop: Shop) -> None:
    story = Story()
    await people(shop, story)
    now = datetime.now(UTC)
    said = {"contact_id": VERA, "until": now + timedelta(days=1), "reason": "spam"}
    assert code(await shop.ask(BlockContact, ANNA, **said)) == "no_right"
    assert code(await shop.ask(UnblockContact, ANNA, contact_id=VERA)) == "no_right"
    assert code(await shop.ask(BlockContact, OTHER, **said)) == "contact_unknown"
    assert code(await shop.ask(BlockContact, BOSS, **said | {"contact_id": uuid4()})) == "contact_unknown"
    assert code(await shop.ask(BlockContact, BOSS, **said | {"until": now})) == "invalid"
    kept = (await shop.get("/v1/audit", BOSS))["items"]
    assert sorted(one["refusal"] for one in kept) == ["contact_unknown"] * 2 + ["invalid"] + ["no_right"] * 2
    assert (await shop.ask(BlockContact, None, **said)).ok


async def test_what_a_blocked_contact_writes_is_hidden_for_good(shop: Shop) -> None:
    story, file = (
        Story(),
        File(attachment_id=uuid4(), name="a.pdf", mime_type="application/pdf", state="stored"),
    )
    await people(shop, story)
    path = f"/v1/conversations/{story.conversation_id}"
    before = await shop.get(path, ANNA)
    spam = story.heard("", content=Content(parts=(Text(text="spam"), Document(file=file))), blocked=True)
    await shop.publish(spam, story.edited("m2", "edited spam"))
    await shop.caught_up()
    message = spam.data.message_id  # type: ignore[attr-defined]
    for place in (f"/v1/messages/{message}", f"/v1/attachments/{file.attachment_id}"):
        assert (await shop.get(place, ANNA, status=404))["code"] == "not_found"
    lines = (await shop.get(f"{path}/history", ANNA))["items"]
    assert [line["kind"] for line in lines] == ["conversation.opened", "message"]
    after = await shop.get(path, ANNA)
    assert {name for name in after if after[name] != before[name]} <= {"seq", "version"}
    assert not [row for row in shop.heard if row["id"] == str(message)]
    await shop.publish(story.heard("I am sorry"))
    await shop.caught_up()
    lines = (await shop.get(f"{path}/history", ANNA))["items"]
    texts = [line["content"]["parts"][0]["text"] for line in lines if line["content"]]
    assert texts == ["hello", "I am sorry"]
