"""The life of a conversation in memory: each act a line that says how, an offer seen by whom it is for."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest

from shared.contract.commands import STORE_COMMANDS
from shared.contract.events import Considered
from store.commands import RULES
from tests.unit.store.story import Story
from tests.unit.store.test_episodes import happen, ledger, lines, texts

ANNA, BORIS, CLARA = UUID(int=1), UUID(int=2), UUID(int=3)


def test_every_command_of_the_store_has_its_rule() -> None:
    assert set(RULES) == set(STORE_COMMANDS)


@pytest.mark.feature("LC14", "LC16", "LC20", "BY3")
def test_every_act_is_a_line_that_says_how() -> None:
    story = Story()
    considered = (
        Considered(operator_id=BORIS, why="chosen", load=1),
        Considered(operator_id=ANNA, why="at_limit", load=5, limit=5),
    )
    book = happen(
        ledger(),
        story.opened(),
        story.offered(to=BORIS, considered=considered),
        story.offer_ended("declined", "at lunch"),
        story.assigned(ANNA, how="appointed", former=BORIS, comment="you know her"),
        story.offered(group="sales", by=ANNA),
        story.offer_ended("expired"),
        story.joined(CLARA),
        story.described("wants a refund"),
        story.returned("not mine"),
        story.closed(ANNA),
    )
    kinds = [line.kind.removeprefix("conversation.") for line in lines(book)]
    assert kinds == [
        "opened", "offered", "offer_ended", "assigned", "offered", "offer_ended", "participants_changed",
        "described", "returned", "closed",
    ]  # fmt: skip
    told: list[dict[str, Any]] = [line.detail or {} for line in lines(book)]
    assert told[1]["offer"]["operator_id"] == str(BORIS)
    assert [(one["operator_id"], one["why"]) for one in told[1]["considered"]] == [
        (str(BORIS), "chosen"),
        (str(ANNA), "at_limit"),
    ]
    assert (told[2]["how"], told[2]["comment"]) == ("declined", "at lunch")
    assert (told[3]["how"], told[3]["former"], told[3]["comment"]) == (
        "appointed",
        str(BORIS),
        "you know her",
    )
    assert (told[4]["offer"]["kind"], told[4]["offer"]["group"]) == ("transfer", "sales")
    assert told[6]["added"] == [str(CLARA)]
    assert told[7] == {"description": "wants a refund"}
    assert (told[8]["former"], told[8]["comment"]) == (str(ANNA), "not mine")
    assert told[9]["how"] == "by_hand"
    view = book.conversations[story.conversation_id]
    assert (view.description, view.participants, view.offer) == ("wants a refund", (CLARA,), None)


@pytest.mark.feature("AD3", "LC3")
def test_the_feed_says_to_whom_a_conversation_is_offered() -> None:
    story = Story()
    book = happen(ledger(), story.opened(), story.assigned(ANNA), story.offered(to=BORIS, by=ANNA))
    happen(book, story.offer_ended("declined"), story.offered(group="sales"), story.assigned(CLARA))
    told = [one for one in book.feed.changes if one.entity == "conversation"][2:]
    seen = [(json.loads(one.before or "{}"), json.loads(one.after or "{}")) for one in told]
    offers = [(before.get("offered_to"), after.get("offered_to")) for before, after in seen]
    groups = [(before.get("offered_group"), after.get("offered_group")) for before, after in seen]
    assert offers == [(None, str(BORIS)), (str(BORIS), None), (None, None), (None, None)]
    assert groups == [(None, None), (None, None), (None, "sales"), ("sales", None)]


@pytest.mark.feature("RT12")
def test_what_a_blocked_contact_writes_is_kept_and_shown_to_nobody() -> None:
    story = Story()
    book = happen(ledger(), story.opened(), story.heard("hello"))
    before, known = book.conversations[story.conversation_id], len(book.feed.changes)
    spam = story.heard("spam", blocked=True)
    happen(book, spam, story.repeat(spam), story.edited("m2", "more spam"), story.reacted("m2", "👍"))
    assert texts(book) == ["hello", "more spam"]
    assert [one.entity for one in book.feed.changes[known:]] == ["conversation", "conversation"]
    view = book.conversations[story.conversation_id]
    for name in ("last_text", "last_message_id", "last_position", "unread", "waiting_since"):
        assert getattr(view, name) == getattr(before, name), name
    happen(book, story.heard("sorry"))
    assert book.conversations[story.conversation_id].last_text == "sorry"
