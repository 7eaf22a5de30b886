"""What cases cannot say of updates: other names of chats, errands, what is kept, and that nothing raises."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateways.kit.aliases import Alias
from gateways.kit.payload import Malformed
from gateways.max.messages import Hearing, Said
from gateways.max.parse import chats, said

pytestmark = pytest.mark.feature("CH13")

AT = 1769853600000
ANNA = {"user_id": 101, "first_name": "Анна", "is_bot": False}
BOT = {"user_id": 229, "first_name": "Лавка", "is_bot": True}
DIALOG = {"chat_id": 182, "chat_type": "dialog", "user_id": 229}
GROUP = {"chat_id": -7, "chat_type": "chat"}
NOW = datetime(2026, 1, 31, 10, tzinfo=UTC)


def message(sender: Any = None, recipient: Any = None, **body: Any) -> dict[str, Any]:
    told = {"mid": "mid.1a", "seq": 1, "text": "Добрый день"} | body
    return {
        "sender": sender or ANNA, "recipient": recipient or DIALOG, "timestamp": AT, "body": told,
    }  # fmt: skip


def update(kind: str = "message_created", **more: Any) -> dict[str, Any]:
    return {"update_type": kind, "timestamp": AT, **more}


def told(one: Said) -> list[dict[str, Any]]:
    return [json.loads(row.body) for row in one.rows]


def heard(payload: Any, **more: Any) -> Said:
    return said(payload, Hearing("main", NOW, **more))


def test_the_other_name_of_a_chat_is_learned_once() -> None:
    came = update(message=message())
    assert "user:101" in chats(came)
    assert heard(came).aliases == (Alias("user:101", "182"),)
    assert heard(came, aliases={"user:101": "182"}).aliases == ()
    group = update(message=message(recipient=GROUP))
    assert "group:-7" in chats(group)
    assert heard(group).aliases == (Alias("group:-7", "-7"),)


def test_a_press_without_its_message_finds_the_chat_by_its_other_name() -> None:
    press = {"callback_id": "f9", "payload": "yes", "user": ANNA, "timestamp": AT}
    came = update("message_callback", callback=press, message=None)
    assert chats(came) == {"user:101"}
    one = heard(came, aliases={"user:101": "182"})
    assert told(one)[0]["data"]["dialog"]["chat"] == "182"
    assert one.errands == ({"answer": "f9", "notification": "✓"},)


@pytest.mark.parametrize(
    ("sender", "recipient", "bot", "origin"),
    [
        (ANNA, DIALOG, None, "client"),
        (BOT, DIALOG | {"user_id": 101}, None, "external"),
        (BOT, GROUP, None, "external"),
        (BOT, GROUP, 229, "external"),
        (BOT, GROUP, 230, "client"),
    ],
)
def test_who_wrote_it(sender: Any, recipient: Any, bot: int | None, origin: str) -> None:
    (fact,) = told(heard(update(message=message(sender, recipient)), bot=bot))
    assert fact["data"]["origin"] == origin


def test_what_the_bot_edited_by_itself_is_no_news() -> None:
    """One long text of ours is several messages there: a part must not take the place of all."""
    assert heard(update("message_edited", message=message(BOT, DIALOG | {"user_id": 101}))) == Said()


def test_a_client_who_shares_the_card_of_their_own_is_known_by_its_number() -> None:
    vcf = "BEGIN:VCARD\r\nFN:Анна\r\nTEL:79990000001\r\nEND:VCARD"
    for owner, phone in ((ANNA, "+79990000001"), ({"user_id": 303, "first_name": "Борис"}, None)):
        shared = [{"type": "contact", "payload": {"vcf_info": vcf, "max_info": owner}}]
        (fact,) = told(heard(update(message=message(attachments=shared))))
        assert fact["data"]["content"]["parts"][1]["phones"] == ["+79990000001"]
        assert fact["data"]["sender"].get("phone") == phone


@pytest.mark.parametrize("kind", ["message_created", "message_edited"])
def test_every_file_is_fetched_once_for_each_edition(kind: str) -> None:
    attachments = [
        {"type": "image", "payload": {"url": "https://pictures.example/1", "token": "t1"}},
        {"type": "video", "payload": {"url": "https://player.example/2", "token": "t2"}},
    ]
    came = update(kind, message=message(attachments=attachments))
    (row,) = heard(came).rows
    assert [(one.reference, one.way) for one in row.files] == [
        ("https://pictures.example/1", "provider"),
        ("video:t2", "channel"),
    ]
    assert len({one.file.attachment_id for one in row.files}) == 2
    first = heard(update(message=message(attachments=attachments))).rows[0].files[0]
    assert row.files[0].message_id == first.message_id
    assert (row.files[0].file == first.file) is (kind == "message_created")


@pytest.mark.parametrize(
    ("kind", "fields", "type_", "words"),
    [
        ("bot_stopped", {}, "inbound.message.v1", "the client stopped the bot"),
        ("dialog_muted", {"muted_until": AT}, "inbound.message.v1", "the client muted the dialog"),
        ("dialog_unmuted", {}, "inbound.message.v1", "the client unmuted the dialog"),
        ("dialog_cleared", {}, "inbound.message.v1", "the client cleared the dialog's history"),
        ("dialog_removed", {}, "inbound.message.v1", "the client deleted the dialog"),
        ("bot_added", {"is_channel": False}, "inbound.message.v1", "the bot was added to the chat"),
        ("bot_removed", {"is_channel": False}, "inbound.message.v1", "the bot was removed from the chat"),
        ("user_added", {"inviter_id": 5}, "inbound.members.v1", None),
        ("user_removed", {"admin_id": None}, "inbound.members.v1", None),
        ("chat_title_changed", {"title": "Жильцы"}, "inbound.members.v1", None),
    ],
)
def test_every_update_of_a_chat_is_told_once(kind: str, fields: Any, type_: str, words: str | None) -> None:
    came = update(kind, chat_id=182, user=ANNA, **fields)
    (fact,) = told(heard(came))
    (again,) = told(heard(came))
    assert (fact["type"], fact["id"]) == (type_, again["id"])
    if words is not None:
        assert fact["data"]["content"]["technical"] is True
        assert fact["data"]["content"]["parts"][0] == {"kind": "unsupported", "raw": came, "words": words}


def test_a_chat_that_a_button_made_is_told_with_its_title() -> None:
    made = {"chat_id": -9, "type": "chat", "title": "Обсуждение"}
    came = update("message_chat_created", chat=made, message_id="mid.1a", start_payload="tea")
    changed, note = told(heard(came))
    assert changed["data"]["title"] == "Обсуждение"
    assert note["data"]["content"]["parts"][0]["raw"]["start_payload"] == "tea"


@pytest.mark.parametrize("came", [{}, [], "x", {"update_type": 7}])
def test_what_is_no_update_is_malformed(came: Any) -> None:
    with pytest.raises(Malformed):
        heard(came)


LEAVES = st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | st.text(max_size=5)
WORDS = """message body text mid seq sender recipient chat_id user_id chat_type link type attachments payload
    url token markup from length callback callback_id user chat timestamp title latitude buttons"""
UPDATES = """message_created message_edited message_removed message_callback bot_started user_added
    chat_title_changed message_chat_created dialog_muted anything"""
KEYS = st.sampled_from(WORDS.split())
KINDS = st.sampled_from(UPDATES.split())
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=20,
)


@settings(max_examples=60, deadline=None)
@given(KINDS, st.dictionaries(KEYS, ANYTHING, max_size=8))
def test_whatever_comes_is_told_or_malformed(kind: str, fields: dict[str, Any]) -> None:
    with suppress(Malformed):
        heard(fields | {"update_type": kind})
    chats(fields)
