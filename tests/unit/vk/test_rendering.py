"""What VK is given: numbers of repeats, pieces, keyboards, places; and what its errors become."""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.vk import errors
from gateways.vk.contents import pressed_payload
from gateways.vk.keyboard import keyboard
from gateways.vk.pieces import random_id
from gateways.vk.place import Gap, Place, read_place
from gateways.vk.reactions import REACTIONS, reaction_of
from gateways.vk.render import PIECE_LENGTH, texts_of
from shared.contract.content import Button, Content, Text
from shared.failure import ChannelDown, Rejected, Retryable, Unconfirmed

pytestmark = pytest.mark.feature("CH5")

NOW = datetime(2026, 1, 31, 10, tzinfo=UTC)


@given(st.uuids(), st.integers(0, 10))
def test_a_repeat_has_the_same_number_and_vk_can_read_it(message: UUID, piece: int) -> None:
    assert 0 < random_id(message, piece) < 2**31
    assert random_id(message, piece) == random_id(message, piece)
    assert random_id(message, piece) != random_id(message, piece + 1)


@given(st.text(alphabet="aё👩‍👩‍👧 \n", max_size=9000))
def test_pieces_are_short_enough_and_lose_no_words(text: str) -> None:
    pieces = texts_of(Content(parts=(Text(text=text),)))
    assert "".join(pieces).split() == text.split()
    assert all(0 < len(piece) <= PIECE_LENGTH for piece in pieces)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (1, Unconfirmed), (10, Unconfirmed), (6, Retryable), (9, Retryable), (14, Retryable),
        (29, Retryable), (5, ChannelDown), (17, ChannelDown), (27, ChannelDown), (7, Rejected),
        (15, Rejected), (100, Rejected), (900, Rejected), (901, Rejected), (902, Rejected),
        (914, Rejected), (99999, Rejected),
    ],
)  # fmt: skip
def test_each_error_has_its_fate(code: int, kind: type[Exception]) -> None:
    failure = errors.failure_of({"error_code": code, "error_msg": "as VK says"})
    assert type(failure) is kind
    if isinstance(failure, ChannelDown):
        assert failure.reason.startswith("login_needed: ")


@pytest.mark.parametrize("error", [None, "no", {}, {"error_code": "5"}])
def test_an_error_that_nobody_can_read_tells_nothing(error: object) -> None:
    assert type(errors.failure_of(error)) is Unconfirmed


def buttons(count: int, in_a_row: int) -> list[Button]:
    return [Button(kind="press", label=f"b{n}", payload=f"p{n}", row=n // in_a_row) for n in range(count)]


def test_many_buttons_take_the_place_of_the_keyboard() -> None:
    inline, whole = keyboard(buttons(10, 5)), keyboard(buttons(40, 4))
    assert inline is not None
    assert whole is not None
    assert json.loads(inline)["inline"]
    assert json.loads(whole)["one_time"]
    assert len(json.loads(whole)["buttons"]) == 10


@pytest.mark.parametrize(
    "wrong",
    [
        buttons(41, 5),
        buttons(6, 6),
        [Button(kind="reply", label="x" * 41)],
        [Button(kind="reply", label="x", payload="y" * 255)],
        [Button(kind="reply", label="")],
    ],
)
def test_what_vk_would_refuse_is_refused_before(wrong: list[Button]) -> None:
    with pytest.raises(Rejected):
        keyboard(wrong)


@given(st.text(max_size=40))
def test_a_payload_comes_back_as_it_went(payload: str) -> None:
    shown = keyboard([Button(kind="reply", label="x", payload=payload or "x")])
    assert shown is not None
    (((button,),),) = (json.loads(shown)["buttons"],)
    sent = button["action"]["payload"]
    assert (
        pressed_payload(sent)
        == pressed_payload(json.loads(sent))
        == (payload or "x").replace("\x00", "\ufffd")
    )


@pytest.mark.parametrize("foreign", ["plain", '{"command": "start"}', "[1]"])
def test_a_foreign_payload_stays_what_it_is(foreign: str) -> None:
    assert pressed_payload(foreign) == foreign


def test_every_reaction_of_vk_has_its_number() -> None:
    assert {emoji: reaction_of(emoji) for emoji in REACTIONS.values()} == {e: n for n, e in REACTIONS.items()}
    assert reaction_of("🦄") is None


def test_a_place_is_read_as_it_was_written() -> None:
    place = Place.at_first("10", NOW)
    gap = place.gaping()
    assert gap.gap is not None
    assert gap.gap.since < place.at
    for one in (place, gap, Place("3", 4, Gap(2, (7, 8)))):
        assert read_place(one.text()) == one
    assert read_place(None) is None


def test_while_nothing_is_new_the_cursor_rarely_moves() -> None:
    place = Place.at_first("10", NOW)
    assert place.moved("10", NOW + timedelta(minutes=1)) is place
    assert place.moved("11", NOW + timedelta(minutes=1)).ts == "11"
    assert place.moved("10", NOW + timedelta(minutes=6)).at > place.at
