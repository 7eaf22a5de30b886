"""What our messages become: long words, buttons, links, to whom; and pauses that grow."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.whatsapp_cloud.pairs import BURST, MOST_TRIES, Pairs, Patience
from gateways.whatsapp_cloud.render import CAPTION_LENGTH, PIECE_LENGTH, Means, requests
from shared.contract.content import Button, Content, File, Image, Part, Template, Text
from shared.contract.ids import dialog_id
from shared.contract.outbound import SendMessage
from shared.contract.people import DialogRef
from shared.failure import Rejected, Retryable

pytestmark = pytest.mark.feature("CH6")

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=9000)
NOW = datetime(2026, 1, 31, 10, tzinfo=UTC)
PICTURE = Image(file=File(attachment_id=UUID(int=9), name="a.png", mime_type="image/png", size_bytes=68))


def bodies(
    *parts: Part, buttons: tuple[Button, ...] = (), chat: str = "7999", **more: Any
) -> list[dict[str, Any]]:
    kind = more.pop("kind", "personal")
    ref = DialogRef(
        dialog_id=dialog_id("whatsapp_cloud", "main", chat),
        channel="whatsapp_cloud",
        account="main",
        chat=chat,
        kind=kind,
    )
    message = SendMessage(
        dialog=ref,
        not_after=NOW,
        message_id=UUID(int=7),
        created_at=NOW,
        content=Content(parts=parts, buttons=buttons),
        **more,
    )
    return [dict(one.json) for one in requests(message, Means({UUID(int=9): "901"}))]


def text(words: str) -> Text:
    return Text(text=words)


def press(label: str, payload: str | None = None) -> Button:
    return Button(kind="press", label=label, payload=payload)


@given(WORDS)
def test_a_long_text_is_the_same_words_in_pieces(words: str) -> None:
    made = [one["text"]["body"] for one in bodies(text(words))]
    assert "".join(made) == words
    assert all(0 < len(one) <= PIECE_LENGTH for one in made)


@pytest.mark.parametrize(
    ("length", "kinds"), [(CAPTION_LENGTH, ["image"]), (CAPTION_LENGTH + 1, ["image", "text"])]
)
def test_words_too_long_for_a_caption_follow_by_themselves(length: int, kinds: list[str]) -> None:
    assert [one["type"] for one in bodies(text("ж" * length), PICTURE)] == kinds


def test_buttons_stand_under_the_last_piece() -> None:
    made = bodies(text("ж" * 5000), buttons=(press("Да"), press("Нет")))
    assert [one["type"] for one in made] == ["text", "interactive"]
    assert len(made[-1]["interactive"]["body"]["text"]) == 5000 - PIECE_LENGTH
    assert [one["type"] for one in bodies(text("Вот"), PICTURE, buttons=(press("Да"),))] == [
        "image",
        "interactive",
    ]


def test_links_beside_other_buttons_are_lines_of_the_text() -> None:
    link = Button(kind="link", label="Сайт", url="https://shop.example")
    (made,) = bodies(text("Чай"), buttons=(press("Да"), link))
    assert made["interactive"]["body"]["text"] == "Чай\nСайт: https://shop.example"
    assert made["interactive"]["type"] == "button"
    (plain,) = bodies(text("Чай"), buttons=(link, link))
    assert plain["text"]["body"].count("https://shop.example") == 2
    (alone,) = bodies(text("Чай"), buttons=(link,))
    assert alone["interactive"]["action"]["parameters"]["url"] == "https://shop.example"


def test_a_long_label_makes_a_list_even_of_one() -> None:
    (made,) = bodies(text("?"), buttons=(press("Записаться на завтра в полдень", "p"),))
    (row,) = made["interactive"]["action"]["sections"][0]["rows"]
    assert len(row["title"]) <= 24
    assert row["description"] == "Записаться на завтра в полдень"


def test_a_place_is_asked_for_by_a_button_alone() -> None:
    where = Button(kind="location", label="Где вы?")
    (made,) = bodies(text("Куда везти?"), buttons=(where,))
    assert made["interactive"]["action"] == {"name": "send_location"}


@pytest.mark.parametrize(
    ("parts", "buttons"),
    [
        ((text("?"),), (press("a"), press("a"))),
        ((text("?"),), (Button(kind="phone", label="x"),)),
        ((text("?"),), (Button(kind="location", label="x"), press("a"))),
        ((text("?"),), (Button(kind="link", label="x"),)),
        ((PICTURE,), (press("a"),)),
        ((), ()),
        ((Template(name="t", language="ru"), PICTURE, PICTURE), ()),
    ],
)
def test_what_whatsapp_cannot_show_is_refused(parts: tuple[Part, ...], buttons: tuple[Button, ...]) -> None:
    with pytest.raises(Rejected):
        bodies(*parts, buttons=buttons)


def test_a_template_goes_with_the_file_of_its_header() -> None:
    (made,) = bodies(Template(name="t", language="ru"), PICTURE)
    assert made["template"]["components"] == [
        {"type": "header", "parameters": [{"type": "image", "image": {"id": "901"}}]}
    ]


@pytest.mark.parametrize(
    ("chat", "more", "wanted"),
    [
        ("7999", {}, {"recipient_type": "individual", "to": "7999"}),
        ("RU.1", {}, {"recipient_type": "individual", "recipient": "RU.1"}),
        ("RU.1", {"provider": {"to": "7999"}}, {"recipient_type": "individual", "to": "7999"}),
        ("7999", {"provider": {"recipient": "RU.1"}}, {"recipient_type": "individual", "recipient": "RU.1"}),
        ("G5", {"kind": "group", "provider": {"to": "7999"}}, {"recipient_type": "group", "to": "G5"}),
    ],
)
def test_to_whom(chat: str, more: dict[str, Any], wanted: dict[str, str]) -> None:
    (made,) = bodies(text("x"), chat=chat, **more)
    assert {name: made[name] for name in ("recipient_type", "to", "recipient") if name in made} == wanted


def test_one_person_gets_so_many_and_then_one_in_six_seconds() -> None:
    pairs, anna, boris = Pairs(), uuid4(), uuid4()
    for _ in range(BURST):
        pairs.take(anna, 1, 0.0)
    with pytest.raises(Retryable) as raised:
        pairs.take(anna, 1, 0.0)
    assert (raised.value.scope, round(raised.value.after)) == ("dialog", 6)
    pairs.take(boris, 1, 0.0)
    pairs.take(anna, 1, 6.1)
    with pytest.raises(Retryable):
        pairs.take(anna, 1, 6.2)


def test_pauses_of_a_message_grow_and_end() -> None:
    patience, message = Patience(), uuid4()
    found = [patience.judged(message, Retryable(6, "dialog")) for _ in range(MOST_TRIES)]
    pauses = [one.after for one in found if isinstance(one, Retryable)]
    assert pauses[:4] == [6, 12, 24, 48]
    assert max(pauses) <= 600
    assert len(pauses) == MOST_TRIES - 1
    assert isinstance(found[-1], Rejected)
    account = patience.judged(message, Retryable(5, "account"))
    assert isinstance(account, Retryable)
    assert account.after == 5
