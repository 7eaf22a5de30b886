"""What cases cannot say of reading: nothing raises, names follow a chat, repeats are the same."""

import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateways.kit.aliases import Alias
from gateways.kit.payload import Malformed
from gateways.kit.spool import SpoolRow
from gateways.telegram_bot import events, kinds, messages, parse, poll
from gateways.telegram_bot.facts import Ear
from gateways.telegram_bot.names import Names
from tests.support.telegram_bot_provider import AT, chat, message, person

NOW = datetime(2026, 1, 31, 10, tzinfo=UTC)
BUSINESS = {"business_connection_id": "BC1"}

pytestmark = pytest.mark.feature("CH3")


def told(event: dict[str, Any], number: int = 1) -> dict[str, Any]:
    return {"update_id": number, **event}


def heard(event: dict[str, Any], aliases: dict[str, str] | None = None) -> Sequence[SpoolRow]:
    return parse.heard(told(event), Ear("main", NOW, Names(aliases or {}))).rows


def data(row: SpoolRow) -> dict[str, Any]:
    return dict(json.loads(row.body)["data"])


SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text()
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_MORE = (
    "photo sticker voice document contact location venue animation from chat date edit_date text quote "
    "reply_to_message forward_origin entities reply_markup media_group_id web_app_data new_chat_members "
    "left_chat_member migrate_to_chat_id user_chat_id user new_chat_member message_ids data message"
)
FIELDS = st.sampled_from([*kinds.SHOWN, *kinds.SERVICE, *_MORE.split()])
_KINDS = [*messages.NEW, *messages.EDITED, *events.READERS, "poll_answer", "invented"]
EVENTS = st.sampled_from(_KINDS)


@settings(max_examples=150, deadline=None)
@given(kind=EVENTS, fields=st.dictionaries(FIELDS, JSON, max_size=4))
def test_whatever_a_field_holds_it_is_heard_or_kept(kind: str, fields: dict[str, Any]) -> None:
    """A fact, or the one exception after which the kit keeps what came; the same for its repeat."""
    update = told({kind: message(7, "hello")["message"] | {"id": "9", "new_reaction": []} | fields})
    try:
        rows = parse.facts(update, "main", NOW)
    except Malformed:
        return
    assert [row.fact_id for row in parse.facts(update, "main", NOW)] == [row.fact_id for row in rows]
    assert all(row.body for row in rows)
    parse.chats(update)


@settings(max_examples=100, deadline=None)
@given(JSON)
def test_what_is_no_update_is_said_to_be_none(payload: Any) -> None:
    with suppress(Malformed):
        parse.facts(payload, "main", NOW)
    parse.chats(payload)


def test_a_group_that_moved_keeps_its_dialog_and_its_order() -> None:
    aliases = {"-1007000000000000": "-7"}
    before, after = heard(message(900, "old", -7)), heard(message(3, "new", -1007000000000000), aliases)
    assert before[0].dialog_id == after[0].dialog_id
    assert data(after[0])["external_id"] == "-1007000000000000:3"
    assert data(after[0])["sequence"] > data(before[0])["sequence"]
    answered = message(
        4, "yes", -1007000000000000, reply_to_message=message(3, "new", -1007000000000000)["message"]
    )
    assert data(heard(answered, aliases)[0])["content"]["quote"]["external_id"] == "-1007000000000000:3"


@pytest.mark.parametrize(
    ("event", "alias"),
    [
        (message(1, None, -7, migrate_to_chat_id=-1007), Alias("-1007", "-7")),
        (message(1, None, -1007, migrate_from_chat_id=-7), Alias("-1007", "-7")),
        (
            {
                "business_connection": {
                    "id": "BC1",
                    "user": person(777),
                    "user_chat_id": 777,
                    "date": AT,
                    "is_enabled": True,
                }
            },
            Alias("business:BC1", "business:777"),
        ),
    ],
)
def test_names_are_learned(event: dict[str, Any], alias: Alias) -> None:
    assert parse.heard(told(event), Ear("main", NOW)).aliases == (alias,)


def test_a_business_that_connects_anew_keeps_its_dialogs() -> None:
    known = {"business:BC1": "business:777", "business:BC2": "business:777"}
    first, second = (
        heard({"business_message": message(5, "hi")["message"] | {"business_connection_id": name}}, known)[0]
        for name in ("BC1", "BC2")
    )
    assert first.dialog_id == second.dialog_id
    assert data(first)["dialog"]["chat"] == "business:777:42"
    assert first.dialog_id != heard(message(5, "hi"))[0].dialog_id


def test_names_that_may_be_aliases_are_found() -> None:
    assert parse.chats(told({"business_message": message(5, "hi", -7)["message"] | BUSINESS})) == {
        "-7",
        "business:BC1",
    }
    assert parse.chats(told({"callback_query": {"message": message(5, "?", -7)["message"]}})) == {"-7"}
    assert parse.chats(told(message(5, "hi"))) == set()


def test_what_an_update_of_a_page_teaches_holds_for_the_next() -> None:
    moved = told(message(1, None, -7, migrate_to_chat_id=-1007), 10)
    page = poll.page([moved, told(message(2, "hi", -1007), 11), {"no": "update"}], "main", {}, NOW)
    assert (page.cursor, page.aliases, page.more) == ("12", (Alias("-1007", "-7"),), False)
    assert [data(row)["dialog"]["chat"] for row in page.rows] == ["-7", "-7", "unreadable"]


def test_a_press_is_to_be_answered() -> None:
    query = {"id": "43", "from": person(42), "chat_instance": "1", "data": "yes"}
    assert parse.heard(told({"callback_query": query}), Ear("main", NOW)).errands == (
        {"answer_callback_query": "43"},
    )


def test_an_edited_caption_names_the_file_that_was_fetched() -> None:
    photo: dict[str, Any] = {"photo": [{"file_id": "F", "file_unique_id": "u", "width": 9, "height": 9}]}
    new = heard(message(7, None, caption="a", **photo))[0]
    edited = heard({"edited_message": message(7, None, caption="b", edit_date=AT + 9, **photo)["message"]})[0]
    other: dict[str, Any] = {"photo": [{"file_id": "G", "file_unique_id": "w", "width": 9, "height": 9}]}
    changed = heard({"edited_message": message(7, None, edit_date=AT + 9, **other)["message"]})[0]
    assert new.files[0].file.attachment_id == edited.files[0].file.attachment_id
    assert new.files[0].message_id == changed.files[0].message_id
    assert changed.files[0].file.attachment_id != new.files[0].file.attachment_id
    assert changed.files[0].reference == "G"


def test_who_came_and_went_as_administrators_are_told() -> None:
    changes = {"chat": chat(-7), "from": person(1), "date": AT}
    states = {"old_chat_member": {"status": "left", "user": person(5)}}
    new = {"new_chat_member": {"status": "member", "user": person(5)}}
    (row,) = heard({"chat_member": changes | states | new})
    assert [one["address"] for one in data(row)["joined"]] == ["5"]
