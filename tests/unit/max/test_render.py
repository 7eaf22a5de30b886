"""How a message of ours becomes several of MAX's, and how it is changed afterwards."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateways.max.keyboard import keyboard
from gateways.max.people import dialog
from gateways.max.render import LIMIT, edits, pieces, request
from shared.contract.content import Button, Content, Document, File, Image, Text, Voice
from shared.contract.outbound import EditMessage, SendMessage
from shared.failure import Rejected

pytestmark = pytest.mark.feature("CH13", "MS1")

NOW = datetime(2026, 1, 31, 10, tzinfo=UTC)
SEVEN = UUID(int=7)


def file(name: str, mime: str, size: int = 68) -> File:
    return File(attachment_id=UUID(int=9), name=name, mime_type=mime, size_bytes=size, state="stored")


def message(*parts: Any, **more: Any) -> SendMessage:
    return SendMessage(
        dialog=dialog("main", "182", "personal"), not_after=NOW, message_id=SEVEN, created_at=NOW,
        content=Content(parts=parts, **more),
    )  # fmt: skip


def edit(names: tuple[str, ...], *parts: Any) -> EditMessage:
    return EditMessage(
        dialog=dialog("main", "182", "personal"), not_after=NOW, message_id=SEVEN, external_ids=names,
        content=Content(parts=parts),
    )  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(st.text(alphabet="аб 😀&<\n", min_size=1, max_size=60).map(lambda word: (word * 300)[:9000]))
def test_no_part_of_a_long_text_is_too_long_and_none_is_lost(text: str) -> None:
    made = pieces(message(Text(text=text)))
    assert "".join(piece.text for piece in made).split() == text.split()
    assert all(len(piece.text.encode("utf-16-le")) <= 2 * LIMIT for piece in made)


def test_marks_are_counted_as_they_are_written() -> None:
    made = pieces(message(Text(text="*слово* & " * 500, format="marks")))
    assert all(len(piece.text) <= LIMIT and piece.formatted for piece in made)
    assert sum(piece.text.count("<b>слово</b> &amp;") for piece in made) == 500


def test_a_recording_and_files_stand_alone_behind_the_pictures() -> None:
    parts = (
        Voice(file=file("v.ogg", "audio/ogg")),
        Image(file=file("a.png", "image/png")),
        Document(file=file("b.pdf", "application/pdf")),
        Image(file=file("c.svg", "image/svg+xml")),
        Image(file=file("d.jpg", "image/jpeg", 60 * 1024 * 1024)),
    )
    made = pieces(message(*parts, buttons=(Button(kind="reply", label="Да"),)))
    assert [[one.kind for one in piece.uploads] for piece in made] == [
        ["image"], ["audio"], ["file"], ["file"], ["file"],
    ]  # fmt: skip
    assert [piece.buttons is not None for piece in made] == [False, False, False, False, True]


def test_a_person_whose_chat_is_not_known_is_written_to_by_name() -> None:
    (piece,) = pieces(message(Text(text="да")))
    assert request("user:101", piece, ()).path == "/messages?user_id=101"
    assert request("-7", piece, ()).path == "/messages?chat_id=-7"


def test_nothing_is_not_sent() -> None:
    with pytest.raises(Rejected):
        pieces(message(Text(text="")))


@pytest.mark.parametrize(
    ("names", "parts", "wanted"),
    [
        (("a",), (Text(text="x"),), ["PUT a"]),
        (("a", "b"), (Text(text="x"),), ["PUT a", "DELETE b"]),
        (("a", "b"), (Text(text="ё" * 5000),), ["PUT a", "PUT b"]),
        (("a",), (Text(text="x"), Image(file=file("a.png", "image/png"))), ["PUT a"]),
        (
            ("a", "b"),
            (Text(text="x"), Image(file=file("a.png", "image/png")), Document(file=file("b.pdf", "x/y"))),
            ["PUT a"],
        ),
        (("a",), (Image(file=file("a.png", "image/png")),), ["PUT a"]),
    ],
)
def test_an_edit_changes_the_messages_that_hold_the_words(
    names: tuple[str, ...], parts: tuple[Any, ...], wanted: list[str]
) -> None:
    made = edits(edit(names, *parts))
    assert [f"{one.method} {one.path.partition('=')[2]}" for one in made] == wanted


def test_an_edit_that_needs_more_messages_is_refused() -> None:
    with pytest.raises(Rejected, match="text_too_long"):
        edits(edit(("a",), Text(text="ё" * 5000)))


def test_a_row_of_buttons_is_as_wide_as_max_shows_it() -> None:
    row = [Button(kind="press", label=str(n)) for n in range(9)]
    shown = keyboard(
        [*row, *(Button(kind="link", label="x", url="https://a.example", row=1) for _ in range(4))]
    )
    assert [len(one) for one in shown["payload"]["buttons"]] == [7, 2, 3, 1]


@pytest.mark.parametrize(
    "button",
    [
        Button(kind="press", label=" "),
        Button(kind="press", label="x", payload="y" * 1025),
        Button(kind="link", label="x"),
    ],
)
def test_a_button_that_max_refuses_never_leaves(button: Button) -> None:
    with pytest.raises(Rejected):
        keyboard([button])
