"""What cases cannot say of our side: what Telegram would not show, what does not fit, another way."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateways.kit.graphemes import size
from gateways.telegram_bot import changes, render, texts
from gateways.telegram_bot.answers import NO_PICTURE, NO_TOPIC
from gateways.telegram_bot.layout import FILE_BYTES, MEGABYTE
from gateways.telegram_bot.render import Step, Target
from shared.contract.content import Text
from shared.contract.ids import dialog_id
from shared.contract.outbound import DeleteMessage, EditMessage, React, SendMessage
from shared.failure import Rejected

NOW = datetime(2026, 1, 31, 10, tzinfo=UTC)
MESSAGE = UUID(int=7)

pytestmark = pytest.mark.feature("CH3")


def ref(chat: str = "42") -> dict[str, Any]:
    return {
        "dialog_id": dialog_id("telegram_bot", "main", chat),
        "channel": "telegram_bot",
        "account": "main",
        "chat": chat,
    }


def file(kind: str, mime_type: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "file": {"attachment_id": MESSAGE, "name": "a.bin", "mime_type": mime_type, **more}}


def words(text: str, format_: str = "plain") -> dict[str, Any]:
    return {"kind": "text", "text": text, "format": format_}


def plan(*parts: dict[str, Any], chat: str = "42", **content: Any) -> tuple[Step, ...]:
    provider = content.pop("provider", {})
    act = SendMessage.model_validate(
        {
            "dialog": ref(chat),
            "not_after": NOW,
            "message_id": MESSAGE,
            "created_at": NOW,
            "provider": provider,
        }
        | {"content": {"parts": parts, **content}}
    )
    return render.plan(act, changes.target_of(act), FILE_BYTES)


def asked(steps: tuple[Step, ...]) -> list[str]:
    return [step.request().path[1:] for step in steps]


@pytest.mark.parametrize(
    ("part", "method"),
    [
        (file("image", "image/png", size_bytes=10 * MEGABYTE), "sendPhoto"),
        (file("image", "image/png", size_bytes=10 * MEGABYTE + 1), "sendDocument"),
        (file("image", "image/png", width=9000, height=1001), "sendDocument"),
        (file("image", "image/png", width=2100, height=100), "sendDocument"),
        (file("image", "image/jpeg", width=2000, height=100), "sendPhoto"),
        (file("image", "image/svg+xml"), "sendDocument"),
        (file("image", "image/gif"), "sendAnimation"),
        (file("video", "video/webm"), "sendDocument"),
        (file("audio", "audio/flac"), "sendDocument"),
        (file("audio", "audio/mp4"), "sendAudio"),
        (file("voice", "audio/webm; codecs=opus"), "sendVoice"),
        (file("file", "image/png"), "sendDocument"),
        ({"kind": "sticker", "emoji": "👍"}, "sendMessage"),
        (file("sticker", "image/webp"), "sendSticker"),
        ({"kind": "contact", "name": "Olga", "emails": ["o@shop.example"]}, "sendMessage"),
    ],
)
def test_what_telegram_would_not_show_so_goes_otherwise(part: dict[str, Any], method: str) -> None:
    assert asked(plan(part)) == [method]


@pytest.mark.parametrize(
    ("parts", "methods"),
    [
        ([file("image", "image/png")] * 11, ["sendMediaGroup", "sendPhoto"]),
        ([file("file", "text/plain")] * 2 + [file("audio", "audio/mpeg")] * 2, ["sendMediaGroup"] * 2),
        ([file("voice", "audio/ogg")] * 2, ["sendVoice"] * 2),
        ([words("x" * 1025), file("image", "image/png")], ["sendMessage", "sendPhoto"]),
        ([words("😀" * 513), file("image", "image/png")], ["sendMessage", "sendPhoto"]),
        ([words("x" * 1024), file("image", "image/png")], ["sendPhoto"]),
        ([words(" \n "), file("image", "image/png")], ["sendPhoto"]),
    ],
)
def test_what_stands_together(parts: list[dict[str, Any]], methods: list[str]) -> None:
    assert asked(plan(*parts)) == methods


def test_the_words_of_other_files_stand_under_the_last_of_them() -> None:
    (step,) = plan(words("here"), file("file", "text/plain"), file("file", "text/plain"))
    assert step.captioned == 1
    assert [media.get("caption") for media in render.fields_of(step.method)["media"]] == [None, "here"]


def test_buttons_of_an_album_stand_under_words_after_it() -> None:
    album, button = [file("image", "image/png")] * 2, {"kind": "press", "label": "Yes"}
    assert asked(plan(words("?"), *album, buttons=[button])) == ["sendMediaGroup", "sendMessage"]
    with pytest.raises(Rejected, match="under an album"):
        plan(*album, buttons=[button])


@pytest.mark.parametrize(
    ("parts", "content", "code"),
    [
        ([words(" \n ")], {}, "text_empty"),
        ([words("x" * (texts.TEXT_LENGTH + 1))], {}, "text_too_long"),
        ([file("file", "text/plain", size_bytes=FILE_BYTES + 1)], {}, "too_large"),
        ([{"kind": "template", "name": "a", "language": "en"}], {}, "not_possible"),
        (
            [words("?")],
            {"buttons": [{"kind": "press", "label": "a"}, {"kind": "phone", "label": "b"}]},
            "not_possible",
        ),
        ([words("?")], {"buttons": [{"kind": "press", "label": "a", "payload": "ё" * 33}]}, "not_possible"),
        ([words("?")], {"buttons": [{"kind": "link", "label": "a"}]}, "not_possible"),
        ([words("?")], {"chat": "v1"}, "chat_unknown"),
    ],
)
def test_what_cannot_be_sent_is_refused_in_words(
    parts: list[Any], content: dict[str, Any], code: str
) -> None:
    with pytest.raises(Rejected) as refused:
        plan(*parts, **content)
    assert refused.value.code == code
    assert refused.value.words.endswith(".")


def test_buttons_that_ask_stand_in_the_place_of_the_keys() -> None:
    asks = [{"kind": "phone", "label": "Mine"}, {"kind": "location", "label": "Here", "row": 1}]
    (step,) = plan(words("Where?"), buttons=asks)
    assert render.fields_of(step.method)["reply_markup"]["keyboard"] == [
        [{"text": "Mine", "request_contact": True}],
        [{"text": "Here", "request_location": True}],
    ]


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=300), st.integers(1, 60))
def test_pieces_hold_the_words_and_their_limit(text: str, times: int) -> None:
    long = (text * times)[: texts.TEXT_LENGTH]
    if not long.replace("\x00", "x").strip():
        return
    found = texts.pieces(Text(text=long))
    assert all(size(one.text, "utf16") <= texts.PIECE and one.text.strip() for one in found)
    if len(found) == 1:
        assert found[0].text == long.replace("\x00", "\ufffd")


def edit(parts: list[dict[str, Any]], *ids: str, **content: Any) -> tuple[Step, ...]:
    act = EditMessage.model_validate(
        {"dialog": ref(), "not_after": NOW, "message_id": MESSAGE, "external_ids": ids}
        | {"content": {"parts": parts, **content}}
    )
    return changes.edits(act, Target(42))


def test_edits_fit_to_the_messages_that_there_are() -> None:
    picture = file("image", "image/png")
    assert asked(edit([words("b"), picture], "70")) == ["editMessageCaption"]
    assert asked(edit([words("b"), picture], "70", "71")) == ["editMessageText"]
    (step,) = edit([words("b"), file("file", "a/b"), file("file", "a/b")], "70", "71")
    assert render.fields_of(step.method) == {"chat_id": 42, "message_id": 71, "caption": "b"}
    (step,) = edit([words("*b*", "marks")], "-1007:7", buttons=[{"kind": "press", "label": "Yes"}])
    fields = render.fields_of(step.method)
    assert (fields["chat_id"], fields["message_id"], fields["parse_mode"]) == (-1007, 7, "HTML")
    assert fields["reply_markup"]["inline_keyboard"]


@pytest.mark.parametrize(
    ("parts", "ids"),
    [([words("x" * 5000)], ["70"]), ([file("file", "a/b")], ["70"]), ([words("a")], ["70", "71"])],
)
def test_edits_that_do_not_fit_are_refused(parts: list[dict[str, Any]], ids: list[str]) -> None:
    with pytest.raises(Rejected) as refused:
        edit(parts, *ids)
    assert refused.value.code == "not_possible"


def test_a_refusal_has_another_way() -> None:
    (step,) = plan(words("here"), file("image", "image/png"), chat="-1007", provider={"message_thread_id": 5})
    general = render.otherwise(step, NO_TOPIC)
    assert general is not None
    assert "message_thread_id" not in render.fields_of(general.method)
    document = render.otherwise(step, NO_PICTURE)
    assert document is not None
    assert document.request().path == "/sendDocument"
    assert render.fields_of(document.method) == {
        "chat_id": -1007, "message_thread_id": 5, "caption": "here", "document": "attach://f0",
    }  # fmt: skip
    assert render.otherwise(step, "contact_blocked") is None
    assert render.otherwise(general, NO_TOPIC) is None


def test_a_quoted_message_knows_its_topic() -> None:
    (step,) = plan(
        words("yes"), quote={"external_id": "-100:7"}, chat="-1007", provider={"message_thread_id": 5}
    )
    fields = render.fields_of(step.method)
    assert "message_thread_id" not in fields
    assert fields["reply_parameters"] == {
        "message_id": 7,
        "chat_id": -100,
        "allow_sending_without_reply": True,
    }


def test_a_notice_that_is_no_message_of_telegrams_is_not_quoted() -> None:
    (step,) = plan(words("yes"), quote={"external_id": "update:7"})
    assert "reply_parameters" not in render.fields_of(step.method)


def test_a_business_deletes_all_at_once_and_does_not_react() -> None:
    target = Target(42, "BC1")
    deletion = DeleteMessage.model_validate(
        {"dialog": ref(), "not_after": NOW, "message_id": MESSAGE, "external_ids": ["7", "8"]}
    )
    (step,) = changes.deletions(deletion, target)
    assert render.fields_of(step.method) == {"business_connection_id": "BC1", "message_ids": [7, 8]}
    with pytest.raises(Rejected):
        changes.reaction(react("👍"), target)
    assert render.fields_of(changes.reaction(react(), Target(42)).method)["reaction"] == []


def react(*emoji: str) -> React:
    return React.model_validate({"dialog": ref(), "not_after": NOW, "external_id": "7", "emoji": emoji})
