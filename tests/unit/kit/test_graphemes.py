"""Long texts are split where people would split them, and nothing is lost."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.kit.graphemes import Unit, borders, size, split

UNITS: list[Unit] = ["characters", "utf16", "bytes"]
FAMILY = "👩‍👩‍👧‍👦"
WORDS = st.lists(
    st.one_of(
        st.sampled_from(
            ["a", "word", " ", "\n", "\r\n", "é", "e\u0301", "й", FAMILY, "🇩🇪", "\u200d", "\u0301", "한"]
        ),
        st.characters(),
    ),
    max_size=60,
).map("".join)


@given(text=WORDS, limit=st.integers(4, 30), unit=st.sampled_from(UNITS))
def test_nothing_is_lost_and_nothing_is_too_long(text: str, limit: int, unit: Unit) -> None:
    pieces = split(text, limit, unit)
    assert "".join(pieces) == text
    assert all(0 < size(piece, unit) <= limit for piece in pieces)


@given(text=WORDS, limit=st.integers(4, 30), unit=st.sampled_from(UNITS))
def test_what_people_see_as_one_stays_one(text: str, limit: int, unit: Unit) -> None:
    places = borders(text)
    longest = max((size(text[a:b], unit) for a, b in pairwise(places)), default=0)
    if longest <= limit:
        ends = [
            sum(map(len, split(text, limit, unit)[:count])) for count in range(len(split(text, limit, unit)))
        ]
        assert set(ends) <= set(places)


@pytest.mark.parametrize(
    ("text", "limit", "unit", "pieces"),
    [
        ("", 5, "characters", []),
        ("hello", 5, "characters", ["hello"]),
        ("hello world", 8, "characters", ["hello ", "world"]),
        ("hello world", 5, "characters", ["hello", " worl", "d"]),
        ("one two\nthree four five", 14, "characters", ["one two\n", "three four ", "five"]),
        ("a\nbbb ccc ddd eee", 12, "characters", ["a\nbbb ccc ", "ddd eee"]),
        ("abcdefghij", 4, "characters", ["abcd", "efgh", "ij"]),
        ("     abcdef", 6, "characters", ["     a", "bcdef"]),
        ("привет", 5, "bytes", ["пр", "ив", "ет"]),
        ("😀😀😀", 3, "utf16", ["😀", "😀", "😀"]),
        ("e\u0301e\u0301", 3, "characters", ["e\u0301", "e\u0301"]),
        (FAMILY * 2, 8, "characters", [FAMILY, FAMILY]),
        ("🇩🇪🇫🇷", 3, "characters", ["🇩🇪", "🇫🇷"]),
        ("ab\r\ncd", 3, "characters", ["ab", "\r\nc", "d"]),
    ],
)
def test_pieces(text: str, limit: int, unit: Unit, pieces: list[str]) -> None:
    assert split(text, limit, unit) == pieces


def test_a_limit_that_holds_nothing_is_a_mistake() -> None:
    for unit, limit in (("characters", 0), ("utf16", 1), ("bytes", 3)):
        with pytest.raises(ValueError, match="does not hold"):
            split("x", limit, unit)  # type: ignore[arg-type]  # the loop's literals


@pytest.mark.parametrize(
    "monster",
    ["a" + "\u0301" * 10_000, FAMILY[:2] * 3000, "\u200d" * 10_000, "x" * 1_000_000, "a " * 500_000],
)
def test_monsters_are_cut_in_time(monster: str) -> None:
    begun = time.process_time()
    pieces = split(monster, 4096, "utf16")
    assert "".join(pieces) == monster
    assert all(size(piece, "utf16") <= 4096 for piece in pieces)
    assert time.process_time() - begun < 3
