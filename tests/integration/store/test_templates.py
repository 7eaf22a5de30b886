"""Templates (MS6): shared by right, own by anybody, a hot key of one alone."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert

from shared.contract.commands import Answer, DeleteTemplate, PutTemplate
from shared.db.engine import writing
from store.templates import KEPT, templates
from tests.integration.store.shop import Json, Shop
from tests.unit.store.story import operator

pytestmark = pytest.mark.feature("MS6")

ANNA, BORIS, BOSS = UUID(int=1), UUID(int=2), UUID(int=3)


def code(answer: Answer) -> str | None:
    return None if answer.refusal is None else answer.refusal.code


async def put(shop: Shop, who: UUID | None, title: str, **said: Any) -> tuple[UUID, str | None]:
    """A template's id, and the refusal."""
    fields: dict[str, Any] = {"template_id": uuid4(), "title": title, "text": f"{title}!"} | said
    return fields["template_id"], code(await shop.ask(PutTemplate, who, **fields))


async def listed(shop: Shop, who: UUID) -> list[Json]:
    items: list[Json] = (await shop.get("/v1/templates", who))["items"]
    return items


async def people(shop: Shop) -> int:
    await shop.publish(operator(ANNA), operator(BORIS, "boris"), operator(BOSS, "boss", role="supervisor"))
    return await shop.caught_up()


async def test_own_ones_come_first_shared_need_the_right_and_anothers_are_not_there(shop: Shop) -> None:
    head = await people(shop)
    await put(shop, BOSS, "Bye", shared=True, category="ends")
    await put(shop, None, "Hello", shared=True, category="Begins")
    await put(shop, ANNA, "zebra", category="b")
    ape, _ = await put(shop, ANNA, "Ape", category="B")
    await put(shop, BORIS, "his", category="a")
    assert [one["title"] for one in await listed(shop, ANNA)] == ["Ape", "zebra", "Hello", "Bye"]
    assert [one["title"] for one in await listed(shop, BORIS)] == ["his", "Hello", "Bye"]
    row = (await shop.rows(head + 3, 1))[0]
    assert (row["entity"], row["id"], row["what"], row["before"]) == ("template", str(ape), "changed", None)
    assert row["after"]["operator_id"] == str(ANNA)
    assert row["state"] == (await listed(shop, ANNA))[0]
    assert (await shop.get("/v1/templates", status=400))["code"] == "operator_needed"
    assert (await put(shop, ANNA, "for all", shared=True))[1] == "no_right"
    ours, _ = await put(shop, BOSS, "ours", shared=True)
    mine, _ = await put(shop, ANNA, "mine")
    for shared in (True, False):
        assert (await put(shop, ANNA, "new", template_id=ours, shared=shared))[1] == "no_right"
        assert (await put(shop, BOSS, "new", template_id=mine, shared=shared))[1] == "template_not_found"
    assert code(await shop.ask(DeleteTemplate, ANNA, template_id=ours)) == "no_right"
    assert code(await shop.ask(DeleteTemplate, BOSS, template_id=mine)) == "template_not_found"
    assert code(await shop.ask(DeleteTemplate, BOSS, template_id=uuid4())) == "template_not_found"
    assert (await put(shop, None, "of whom?"))[1] == "invalid"
    titles = [one["title"] for one in await listed(shop, ANNA)]
    assert titles == ["mine", "Ape", "zebra", "ours", "Hello", "Bye"]


async def test_a_template_is_changed_shared_and_deleted(shop: Shop) -> None:
    head = await people(shop)
    boss, _ = await put(shop, BOSS, "draft")
    same = await shop.ask(PutTemplate, BOSS, template_id=boss, title="draft", text="draft!")
    assert same.result == {"events": 0}
    await put(shop, BOSS, "ready", template_id=boss, shared=True)
    assert [(one["title"], one["owner"], one["version"]) for one in await listed(shop, ANNA)] == [
        ("ready", None, 2)
    ]
    assert (await shop.ask(DeleteTemplate, BOSS, template_id=boss)).ok
    assert await listed(shop, ANNA) == []
    seen = [
        (row["what"], (row["before"] or {}).get("operator_id"), row["after"] is None)
        for row in await shop.rows(head, 10)
    ]
    assert seen == [("changed", None, False), ("changed", str(BOSS), False), ("deleted", None, True)]


async def test_a_hot_key_is_one_templates_of_its_owner_and_templates_have_an_end(shop: Shop) -> None:
    await people(shop)
    await put(shop, BOSS, "ours", shared=True, hotkey="1")
    await put(shop, ANNA, "old", hotkey="1")
    await put(shop, ANNA, "new", hotkey="1")
    keys = {one["title"]: one["hotkey"] for one in await listed(shop, ANNA)}
    assert keys == {"old": None, "new": "1", "ours": "1"}
    one = {"owner": ANNA, "category": "", "title": "old", "text": "old", "version": 1}
    async with writing(shop.engine) as conn:
        await conn.execute(
            insert(templates), [{"template_id": UUID(int=n), **one} for n in range(1, KEPT - 1)]
        )
    assert (await put(shop, ANNA, "one too many"))[1] == "invalid"
    assert (await put(shop, ANNA, "another", template_id=UUID(int=1)))[1] is None
    assert (await put(shop, BORIS, "his"))[1] is None
