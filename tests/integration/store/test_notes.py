"""Notes (MS13): written by whoever sees the conversation, deleted by their author, never a message."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.contract.commands import Answer, DeleteNote, WriteNote
from tests.integration.store.shop import Json, Shop
from tests.unit.store.story import Story, account, operator

pytestmark = pytest.mark.feature("MS13")

ANNA, BORIS = UUID(int=1), UUID(int=2)


def code(answer: Answer) -> str | None:
    return None if answer.refusal is None else answer.refusal.code


def of(story: Story) -> dict[str, Any]:
    return {"dialog_id": story.ref.dialog_id, "conversation_id": story.conversation_id}


async def lines(shop: Shop, story: Story, who: UUID = ANNA) -> list[Json]:
    found: list[Json] = (await shop.get(f"/v1/conversations/{story.conversation_id}/history", who))["items"]
    return found


async def test_a_note_is_a_line_and_moves_nothing_else(shop: Shop) -> None:
    story, note = Story(), uuid4()
    await shop.publish(operator(ANNA), account("site"), story.opened(), story.heard("hello"))
    head = await shop.caught_up()
    path = f"/v1/conversations/{story.conversation_id}"
    before = await shop.get(path, ANNA)
    wrote = {"note_id": note, "text": "speaks Finnish", **of(story)}
    assert (await shop.give(WriteNote, note, ANNA, **wrote)).ok
    assert (await shop.give(WriteNote, note, ANNA, **wrote)).ok
    again = await shop.ask(WriteNote, ANNA, **wrote)
    assert (again.ok, again.result) == (True, {"events": 0})
    line = (await lines(shop, story))[-1]
    assert (line["entry_id"], line["kind"], line["direction"]) == (str(note), "note", None)
    assert (line["author"]["id"], line["content"]["parts"][0]["text"]) == (str(ANNA), "speaks Finnish")
    after = await shop.get(path, ANNA)
    assert after["last_position"] == line["position"] > before["last_position"]
    moved = {name for name in after if after[name] != before[name]}
    assert moved == {"seq", "last_position"}
    rows = await shop.rows(head, 10)
    assert [(row["entity"], row["what"], row["command_id"]) for row in rows] == [
        ("conversation", "noted", str(note)),
        ("message", "noted", str(note)),
    ]
    assert {name: line[name] for name in rows[1]["state"]} == rows[1]["state"]
    await shop.publish(story.heard("well?"))
    await shop.caught_up()
    kinds = [one["kind"] for one in await lines(shop, story)]
    assert kinds == ["conversation.opened", "message", "note", "message"]
    assert (await shop.get(f"/v1/messages/{note}", ANNA, status=404))["code"] == "not_found"


async def test_only_the_author_deletes_and_nobody_writes_where_they_see_nothing(shop: Shop) -> None:
    story, note = Story(), uuid4()
    await shop.publish(operator(ANNA), operator(BORIS, "boris"), account("site"), story.opened())
    await shop.caught_up()
    await shop.ask(WriteNote, ANNA, note_id=note, text="a secret", **of(story))
    assert code(await shop.ask(WriteNote, BORIS, note_id=note, text="mine", **of(story))) == "conflict"
    assert code(await shop.ask(DeleteNote, BORIS, note_id=note)) == "note_not_found"
    assert code(await shop.ask(DeleteNote, ANNA, note_id=uuid4())) == "note_not_found"
    assert (await shop.ask(DeleteNote, ANNA, note_id=note)).ok
    assert (await shop.ask(DeleteNote, ANNA, note_id=note)).result == {"events": 0}
    line = (await lines(shop, story, BORIS))[-1]
    assert (line["kind"], line["content"]) == ("note", None)
    assert line["deleted_at"] is not None
    row = (await shop.rows((await shop.get("/v1/feed"))["head"] - 1, 1))[0]
    assert (row["entity"], row["what"], row["state"]["content"]) == ("message", "deleted", None)
    hidden, other = Story(visitor="v2"), Story(visitor="v3")
    blind = operator(BORIS, "boris", without=("others.read",), version=2)
    await shop.publish(blind, hidden.opened(), hidden.assigned(ANNA), other.opened())
    await shop.caught_up()
    said = {"note_id": uuid4(), "text": "hm"}
    assert code(await shop.ask(WriteNote, BORIS, **said, **of(hidden))) == "conversation_not_found"
    assert code(await shop.ask(WriteNote, UUID(int=9), **said, **of(hidden))) == "no_right"
    mixed = {**of(hidden), "dialog_id": other.ref.dialog_id}
    assert code(await shop.ask(WriteNote, ANNA, **said, **mixed)) == "conversation_not_found"
    gone = {**of(hidden), "conversation_id": uuid4()}
    assert code(await shop.ask(WriteNote, ANNA, **said, **gone)) == "conversation_not_found"
    assert [one["kind"] for one in await lines(shop, hidden)] == [
        "conversation.opened",
        "conversation.assigned",
    ]
    await shop.publish(hidden.joined(BORIS))
    await shop.caught_up()
    assert (await shop.ask(WriteNote, BORIS, **said, **of(hidden))).ok
