"""Events and commands of one dialog in one batch: each sees what is before it, the next batch all of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.bus.consumer import Delivery
from shared.bus.handler import Incoming, Outcome
from shared.clock import FixedClock
from shared.contract.commands import BlockContact, Command, DeleteNote, WriteNote
from shared.contract.envelope import Data, Envelope, wrap
from shared.contract.events import ContactFacts
from shared.contract.people import Actor
from shared.db.engine import reading, writing
from store import feed
from store.catalogue import CATALOGUE
from store.contacts import address_id
from store.tables import contacts, conversations, history
from store.writer import StoreWriter
from tests.unit.store.story import Story, account, operator

ANNA = UUID(int=1)
NOW = datetime(2026, 3, 1, 9, 0, 30, tzinfo=UTC)


def command(kind: type[Command], **said: Any) -> Envelope[Data]:
    actor = Actor(kind="operator", id=str(ANNA), name="Anna")
    data = kind(actor=actor, deadline=NOW + timedelta(minutes=1), **said)
    return wrap(data, id=uuid4(), source="test", time=NOW, subject="test")


async def handle(engine: AsyncEngine, writer: StoreWriter, *batch: Envelope[Data]) -> Outcome:
    """One batch, without a broker; every command in it succeeds."""
    incoming = [Incoming(Delivery("q", n, 1, "", "", b"", ""), one) for n, one in enumerate(batch)]
    async with writing(engine) as conn:
        outcome = await writer.handle(conn, incoming)
    assert [answer.refusal for answer in outcome.answers.values() if not answer.ok] == []
    return outcome


@pytest.mark.feature("MS13", "RT12", "BY9")
async def test_what_happens_together_is_seen_together(engine: AsyncEngine) -> None:
    writer, story, note, gone = StoreWriter(FixedClock(NOW)), Story(), uuid4(), uuid4()
    first = (operator(ANNA, role="supervisor"), account("site"), story.opened(), story.heard("one"))
    where = {"dialog_id": story.ref.dialog_id, "conversation_id": story.conversation_id}
    vera = {
        "contact_id": address_id("webchat", story.visitor),
        "until": NOW + timedelta(days=1),
        "reason": "spam",
    }
    outcome = await handle(
        engine, writer, *first,
        command(WriteNote, note_id=note, text="a note", **where),
        command(WriteNote, note_id=gone, text="oh", **where),
        command(DeleteNote, note_id=gone),
        story.heard("two"),
        command(BlockContact, **vera),
    )  # fmt: skip
    (facts,) = [CATALOGUE.decode(one.body).data for one in outcome.outgoing]
    assert isinstance(facts, ContactFacts)
    assert (facts.version, facts.blocked_until) == (1, vera["until"])
    await handle(engine, writer, story.heard("hidden", blocked=True), story.heard("three"))
    async with reading(engine) as conn:
        found = (await conn.execute(select(history).order_by(history.c.position))).all()
        (view,) = (await conn.execute(select(conversations))).all()
        (contact,) = (await conn.execute(select(contacts))).all()
        rows = (await feed.page(conn, 0, 100)).items
    kinds = [row.kind for row in found]
    assert kinds == ["conversation.opened", "message", "note", "note", "message", "blocked", "message"]
    assert [row.entry_id for row in found if row.deleted_at] == [gone]
    assert (view.last_text, view.last_position, view.unread) == ("three", found[-1].position, 3)
    assert (contact.blocked_until, contact.block_reason) == (vera["until"], "spam")
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert str(found[5].entry_id) not in {row.id for row in rows}


def begun(story: Story, name: str) -> tuple[Envelope[Data], ...]:
    """What the router tells when Anna writes first; the name is what she says of the person."""
    said = story.client.model_copy(update={"name": name})
    opened, assigned = story.opened(), story.assigned(ANNA, how="started")
    return opened, assigned, story.queued("Good day", ANNA, recipient=said, dialog_title="A lamp")


@pytest.mark.feature("MS12", "CT1")
async def test_who_is_written_to_first_is_found_or_born_by_the_address(engine: AsyncEngine) -> None:
    heard, known, new = Story(), Story(account="other"), Story(visitor="v9", name="Oleg")
    opened = (operator(ANNA), account("site"), account("other"), heard.opened(), heard.heard("hello"))
    await handle(engine, StoreWriter(FixedClock(NOW)), *opened)
    writer = StoreWriter(FixedClock(NOW))  # with nothing in its memory
    await handle(engine, writer, *begun(known, "somebody"))
    outcome = await handle(engine, writer, *begun(new, "Oleg"), new.heard("Yes?"))
    (facts,) = [CATALOGUE.decode(one.body).data for one in outcome.outgoing]
    assert isinstance(facts, ContactFacts)
    assert (facts.name, [one.address for one in facts.identities]) == ("Oleg", ["v9"])
    async with reading(engine) as conn:
        found = (await conn.execute(select(conversations))).all()
        lines = (await conn.execute(select(history).where(history.c.direction == "out"))).all()
    views = {row.conversation_id: row for row in found}
    vera = address_id("webchat", "v1")
    shown = views[known.conversation_id]
    assert (shown.contact_id, shown.client_name, shown.title) == (vera, "Vera", "A lamp")
    assert (shown.status, shown.assignee, shown.last_text) == ("active", ANNA, "Good day")
    answered = views[new.conversation_id]
    assert (answered.contact_id, answered.client_name) == (address_id("webchat", "v9"), "Oleg")
    assert (answered.unread, answered.last_text) == (1, "Yes?")
    assert [row.state for row in lines] == ["queued", "queued"]
