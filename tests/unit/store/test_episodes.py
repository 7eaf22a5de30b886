"""What events do to the store, in memory: lines, state if newer, what waits, what the feed is told."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from shared.contract.content import Content, File, Image, Text
from shared.contract.envelope import Data, Envelope
from shared.contract.events import (
    DIALOG_EVENTS,
    CallHappened,
    ConversationClosed,
    MessageQueued,
    MessageReceived,
)
from store.attachments import files
from store.contacts import People
from store.edits import CHANGES
from store.episodes import TOLD, apply
from store.feed import FeedLog
from store.ledger import Ledger
from store.views import LineView
from tests.unit.store.story import START, Story

ANNA = UUID(int=1)
STATE_ALONE = {"conversation.read.v1", "conversation.marked_unread.v1", "conversation.resynced.v1"}
ELSEWHERE = {"dialog.visited.v1", "dialog.identity_learned.v1", "message.delivery.v1"}
"""The page and the person; receipts move lines that are there."""


def ledger() -> Ledger:
    return Ledger(START, FeedLog(0, START), People(START, 0))


def happen(book: Ledger, *told: Envelope[Data]) -> Ledger:
    for one in told:
        apply(book, one)  # type: ignore[arg-type]  # a story tells events of dialogs
    return book


def lines(book: Ledger) -> list[LineView]:
    return sorted(book.lines.values(), key=lambda line: line.position)


def texts(book: Ledger) -> list[str]:
    return [line.content.text for line in lines(book) if line.content is not None]


def test_every_event_of_a_dialog_has_its_place_here() -> None:
    kinds = {kind.TYPE for kind in (*TOLD, *CHANGES, CallHappened, MessageReceived, MessageQueued)}
    assert {kind.TYPE for kind in DIALOG_EVENTS} == kinds | STATE_ALONE | ELSEWHERE


@pytest.mark.feature("LC14")
def test_a_conversation_is_told_line_by_line() -> None:
    story = Story()
    book = happen(
        ledger(),
        story.opened(),
        story.heard("hello"),
        story.assigned(ANNA),
        story.read(ANNA),
        story.queued("good day", ANNA),
        story.closed(ANNA),
    )
    assert [line.kind for line in lines(book)] == [
        "conversation.opened",
        "message",
        "conversation.assigned",
        "message",
        "conversation.closed",
    ]
    view = book.conversations[story.conversation_id]
    assert (view.status, view.assignee, view.last_text, view.unread) == ("closed", ANNA, "good day", 0)
    assert (view.client_name, view.client_number, view.version) == ("Vera", 1, 6)


def test_state_is_taken_only_if_newer_and_the_line_always() -> None:
    story = Story()
    first = (story.opened(), story.heard("one"))
    closing = story.closed(ANNA)
    old = story.repeat(first[1], message_id=uuid4(), external_id="other")
    book = happen(ledger(), *first, closing, old)
    assert book.conversations[story.conversation_id].status == "closed"
    assert texts(book) == ["one", "one"]


def test_a_repetition_of_state_is_no_line_and_no_change() -> None:
    story = Story()
    book = happen(ledger(), story.opened(), story.heard("one"))
    before = len(book.feed.changes)
    happen(book, story.resynced())
    assert len(book.feed.changes) == before
    assert len(book.lines) == 2


@pytest.mark.feature("BY2")
def test_the_same_id_of_the_provider_is_the_same_message() -> None:
    story = Story()
    book = happen(ledger(), story.opened(), story.heard("one"))
    happen(book, story.repeat(story.told[-1], message_id=uuid4()), story.repeat(story.told[-1]))
    assert texts(book) == ["one"]


@pytest.mark.feature("BY11")
def test_a_late_message_takes_its_times_place_and_is_marked() -> None:
    story = Story()
    book = happen(ledger(), story.opened(), story.heard("one"), story.heard("three"))
    between = story.told[1].data.sent_at + timedelta(milliseconds=500)  # type: ignore[attr-defined]
    happen(book, story.heard("two", sequence=None, sent_at=between, external_id="late", backfill=True))
    assert texts(book) == ["one", "two", "three"]
    assert [line.late for line in lines(book) if line.kind == "message"] == [False, True, False]
    assert book.conversations[story.conversation_id].last_text == "three"


@pytest.mark.feature("MS9")
def test_receipts_move_forward_only_and_name_the_message_by_either_id() -> None:
    story = Story()
    book = happen(
        ledger(), story.opened(), story.heard("hi"), story.assigned(ANNA), story.queued("yes", ANNA)
    )
    message_id = story.told[-1].data.message_id  # type: ignore[attr-defined]
    happen(
        book,
        story.delivery("sent", message_id=message_id, external_id="p1", external_ids=("p2",)),
        story.delivery("read", external_id="p2"),
        story.delivery("delivered", external_id="p1"),
    )
    line = book.lines[message_id]
    assert (line.state, line.external_id) == ("read", "p1")


@pytest.mark.feature("MS9")
def test_a_receipt_for_everything_up_to_a_message_leaves_what_was_never_sent() -> None:
    story = Story()
    book = happen(ledger(), story.opened(), story.heard("hi"), story.assigned(ANNA))
    ids: list[UUID] = []
    for number, state in enumerate(("sent", "failed", "sent", "sent")):
        happen(book, story.queued(str(number), ANNA))
        ids.append(story.told[-1].data.message_id)  # type: ignore[attr-defined]
        happen(book, story.delivery(state, message_id=ids[-1], external_id=f"p{number}"))
    happen(book, story.delivery("read", up_to="p2"))
    assert [book.lines[one].state for one in ids] == ["read", "failed", "read", "sent"]


@pytest.mark.feature("MS9", "MS10")
def test_what_comes_before_its_message_waits_for_it() -> None:
    story = Story()
    opened, message = story.opened(), story.heard("first words")
    queued = story.queued("yes", ANNA)
    message_id = queued.data.message_id  # type: ignore[attr-defined]
    early = (
        story.edited("m1", "second words"),
        story.reacted("m1", "👍"),
        story.delivery("delivered", external_id="p1"),
        story.delivery("sent", message_id=message_id, external_id="p1"),
    )
    book = happen(ledger(), opened, *early, message, queued)
    said = book.lines[message.data.message_id]  # type: ignore[attr-defined]
    assert said.content is not None
    assert said.original is not None
    assert (said.content.text, said.original.text) == ("second words", "first words")
    assert [(one.by, one.emoji) for one in said.reactions] == [("v1", ("👍",))]
    assert book.lines[message_id].state == "delivered"
    assert book.conversations[story.conversation_id].last_text == "yes"


@pytest.mark.feature("MS10")
def test_an_edit_and_a_deletion_show_in_the_list_and_keep_the_original() -> None:
    story = Story()
    book = happen(ledger(), story.opened(), story.heard("secnod"), story.edited("m1", "second"))
    assert book.conversations[story.conversation_id].last_text == "second"
    stale = story.edited("m1", "older", edited_at=START - timedelta(days=1))
    happen(book, stale, story.deleted("m1"))
    (line,) = [line for line in lines(book) if line.content is not None]
    assert line.content is not None
    assert line.original is not None
    assert (line.content.text, line.original.text) == ("second", "secnod")
    assert line.deleted_at is not None
    assert book.conversations[story.conversation_id].last_kind == "deleted"


@pytest.mark.feature("MS10")
def test_an_edited_caption_leaves_its_picture_as_it_was() -> None:
    story = Story()
    picture = File(attachment_id=UUID(int=5), name="a.png")

    def said(words: str) -> Content:
        return Content(parts=(Text(text=words), Image(file=picture)))

    heard = story.heard("", content=said("a cta"))
    message_id = heard.data.message_id  # type: ignore[attr-defined]
    book = happen(ledger(), story.opened(), heard, story.stored(message_id, picture.attachment_id))
    happen(book, story.edited("m1", "", content=said("a cat")))
    content = book.lines[message_id].content
    assert content is not None
    assert content.text == "a cat"
    assert [file.state for _, file in files(content)] == ["stored"]


def test_the_feed_says_who_could_see_it_before_and_after() -> None:
    story = Story()
    book = happen(ledger(), story.opened(), story.heard("hi"), story.assigned(ANNA), story.closed(ANNA))
    told = [one for one in book.feed.changes if one.entity == "conversation"]
    assert [one.seq for one in book.feed.changes] == list(range(1, len(book.feed.changes) + 1))
    assert told[0].before is None
    befores = [json.loads(one.before or "{}").get("status") for one in told[1:]]
    afters = [json.loads(one.after or "{}").get("status") for one in told]
    assert befores == ["new", "new", "active"]
    assert afters == ["new", "new", "active", "closed"]
    assert told[-1].command_id == story.told[-1].data.cause  # type: ignore[attr-defined]
    assert told[-1].traceparent is not None
    assert ConversationClosed.TYPE.split(".")[1] == told[-1].what
