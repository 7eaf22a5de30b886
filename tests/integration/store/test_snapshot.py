"""BY9: a snapshot taken at any moment, plus the rows of the feed after it, is what a fresh snapshot says.

For operators of different access, while conversations are offered, taken, noted in, returned, closed and
opened again, and templates come and go.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.access import Viewer, sight
from shared.contract.commands import DeleteNote, DeleteTemplate, PutTemplate, WriteNote
from shared.contract.envelope import Data, Envelope
from shared.contract.feed import Sight
from tests.integration.store.shop import Json, Shop
from tests.unit.store.story import Story, account, operator

ANNA, BORIS, CLARA = PEOPLE = UUID(int=1), UUID(int=2), UUID(int=3)


@dataclass
class Page:
    """What a page of an operator holds: each entity as of the answer or row that told it last."""

    shop: Shop
    who: UUID
    viewer: Viewer
    conversations: dict[str, tuple[int, Json]] = field(default_factory=dict)
    lines: dict[str, tuple[int, Json]] = field(default_factory=dict)
    templates: dict[str, tuple[int, Json]] = field(default_factory=dict)

    async def load(self) -> int:
        """A snapshot, answer by answer; the row of the feed that surely nothing here is older than."""
        seqs: list[int] = []
        for folder in ("all", "closed"):
            page = await self.shop.get("/v1/conversations", self.who, folder=folder, limit=100)
            seqs.append(page["seq"])
            for one in page["items"]:
                self.conversations[one["conversation_id"]] = (page["seq"], one)
        for conversation_id in list(self.conversations):
            await self.load_history(conversation_id)
        page = await self.shop.get("/v1/templates", self.who)
        self.templates = {one["template_id"]: (page["seq"], one) for one in page["items"]}
        seqs.append(page["seq"])
        return min(seqs)

    async def load_history(self, conversation_id: str) -> None:
        path = f"/v1/conversations/{conversation_id}/history"
        async with self.shop.session.get(path, headers=self.shop.headers(self.who)) as response:
            if response.status == 404:
                return  # gone meanwhile: a row of the feed says so
            found = await response.json()
        for line in found["items"]:
            if self.lines.get(line["entry_id"], (0, {}))[0] <= found["seq"]:
                self.lines[line["entry_id"]] = (found["seq"], line)

    async def apply(self, row: Json) -> None:
        held = {"conversation": self.conversations, "message": self.lines, "template": self.templates}
        seen = self.sees(row["after"])
        entities = held.get(row["entity"])
        if entities is None or (row["id"] in entities and entities[row["id"]][0] >= row["seq"]):
            return
        if seen:
            unread_yet = row["entity"] == "conversation" and row["before"] and row["id"] not in entities
            entities[row["id"]] = (row["seq"], row["state"])
            if unread_yet:
                await self.load_history(row["id"])
        else:
            entities.pop(row["id"], None)
            if row["entity"] == "conversation":
                gone = [id_ for id_, (_, line) in self.lines.items() if line["conversation_id"] == row["id"]]
                for id_ in gone:
                    del self.lines[id_]

    def sees(self, said: Json | None) -> bool:
        if said is None:
            return False
        seen_by = Sight.model_validate(said)
        if seen_by.scope is None:
            return seen_by.operator_id in (None, self.who)
        return sight(self.viewer).matches(seen_by.scope)

    def shown(self) -> Json:
        return {
            "conversations": {id_: state for id_, (_, state) in self.conversations.items()},
            "lines": {id_: state for id_, (_, state) in self.lines.items()},
            "templates": {id_: state for id_, (_, state) in self.templates.items()},
        }


@pytest.mark.feature("BY9", "AD3")
@pytest.mark.parametrize("seed", [1, 2])
async def test_a_snapshot_and_the_feed_after_it_are_a_fresh_snapshot(shop: Shop, seed: int) -> None:
    chance = random.Random(seed)
    await shop.publish(
        account("site"),
        account("shop", groups=("sales",)),
        operator(ANNA, "anna", role="supervisor"),
        operator(BORIS, "boris", without=("others.read",), groups=("sales",)),
        operator(CLARA, "clara", accounts=("webchat.site",), without=("others.read",)),
    )
    await shop.settled(5)
    pages: list[tuple[Page, int]] = []
    stories = [Story(visitor=f"v{n}", account="site" if n % 2 else "shop") for n in range(6)]
    for _ in range(10):
        async with asyncio.TaskGroup() as group:
            group.create_task(_talk(shop, stories, chance))
            pages += [await _opened(shop, who) for who in (ANNA, BORIS, CLARA)]
    head = await shop.caught_up()
    rows = [row for after in range(0, head, 500) for row in await shop.rows(after, 500)]
    assert len(rows) == head
    fresh = {who: await shop.everything(who) for who in (ANNA, BORIS, CLARA)}
    for page, since in pages:
        for row in rows[since:]:
            await page.apply(row)
        shown, wanted = page.shown(), fresh[page.who]
        assert shown["conversations"] == wanted["conversations"]
        assert shown["lines"] == wanted["lines"]
        assert shown["templates"] == wanted["templates"]


async def _opened(shop: Shop, who: UUID) -> tuple[Page, int]:
    """A page that was loaded while things happened, and the row that nothing on it is older than."""
    told = await shop.get("/v1/viewer", who)
    groups = frozenset(told["operator"]["groups"])
    viewer = Viewer(who, frozenset(told["rights"]), frozenset(told["accounts"]), groups=groups)
    page = Page(shop, who, viewer)
    return page, await page.load()


async def _talk(shop: Shop, stories: list[Story], chance: random.Random) -> None:
    """Ten things happen in these dialogs, and sometimes one or two beside them."""
    for _ in range(10):
        await shop.publish(*_next(chance.choice(stories), chance))
    if chance.random() < 0.5:
        await _beside(shop, chance.choice(stories), chance)


async def _beside(shop: Shop, story: Story, chance: random.Random) -> None:
    """A note where somebody sees the conversation; a template of somebody's, changed, shared or deleted."""
    if story.state is not None:
        said = {"dialog_id": story.ref.dialog_id, "conversation_id": story.conversation_id, "text": "hm"}
        who, note = chance.choice(PEOPLE), uuid4()
        await shop.ask(WriteNote, who, note_id=note, **said)
        if chance.random() < 0.5:
            await shop.ask(DeleteNote, who, note_id=note)
    who, template = chance.choice(PEOPLE), {"template_id": UUID(int=chance.randint(100, 104))}
    if chance.random() < 0.3:
        await shop.ask(DeleteTemplate, who, **template)
    else:
        shared, key = chance.random() < 0.5, chance.choice(("1", "2", None))
        await shop.ask(PutTemplate, who, shared=shared, title="t", text="x", hotkey=key, **template)


def _next(story: Story, chance: random.Random) -> list[Envelope[Data]]:
    if story.state is None:
        return [story.opened(), story.heard("hello")]
    if story.state.status == "closed":
        return [chance.choice((story.opened, story.reopened))(), story.heard("again")]
    assignee = story.state.assignee
    if story.state.offer is not None and chance.random() < 0.5:
        return [story.offer_ended(chance.choice(("declined", "recalled", "expired")))]
    if story.state.offer is None and chance.random() < 0.3:
        return [
            story.offered(by=assignee, **chance.choice(({"to": chance.choice(PEOPLE)}, {"group": "sales"})))
        ]
    if assignee is None:
        taker = chance.choice(PEOPLE)
        return [story.heard("well?") if chance.random() < 0.5 else story.assigned(taker)]
    acts: list[Any] = [
        lambda: story.heard("hm"),
        lambda: story.queued("yes", assignee),
        lambda: story.read(assignee),
        lambda: story.edited("m1", "better"),
        lambda: story.heard("hidden", blocked=True),
        lambda: story.joined(chance.choice(PEOPLE)),
        lambda: story.described("about something"),
        story.returned,
        lambda: story.closed(assignee),
    ]
    return [chance.choice(acts)()]
