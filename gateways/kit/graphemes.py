"""Splitting a long text for a provider with a limit: at words where it can, never inside a grapheme, which is
what people see as one character.

Joining the pieces gives the text back, character for character. A cluster of marks that is longer than the
limit by itself (nobody writes one) is cut between code points.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Final, Literal, TypeAlias

import regex

Unit: TypeAlias = Literal["characters", "utf16", "bytes"]
"""What a provider counts: code points, UTF-16 units, or bytes of UTF-8."""

_GRAPHEME: Final = regex.compile(r"\X")
_SMALLEST: Final = {"characters": 1, "utf16": 2, "bytes": 4}
"""The size of the largest code point."""


def size(text: str, unit: Unit) -> int:
    """The length of `text` as a provider counts it."""
    match unit:
        case "characters":
            return len(text)
        case "utf16":
            return len(text) + sum(1 for character in text if character > "\uffff")
        case "bytes":
            return len(text.encode("utf-8", "surrogatepass"))


def split(text: str, limit: int, unit: Unit = "characters") -> list[str]:
    """`text` in pieces of at most `limit`; no pieces of an empty text."""
    if limit < _SMALLEST[unit]:
        raise ValueError(f"a limit of {limit} {unit} does not hold every character")
    if size(text, unit) <= limit:
        return [text] if text else []
    pieces: list[str] = []
    places = borders(text)
    sizes = _sizes(text, places, unit)
    first = 0
    while first < len(places) - 1:
        last = bisect_right(sizes, sizes[first] + limit) - 1
        if last == first:
            pieces += _in_code_points(text[places[first] : places[first + 1]], limit, unit)
            first += 1
        else:
            last = best_border(text, places, first, last)
            pieces.append(text[places[first] : places[last]])
            first = last
    return pieces


def borders(text: str) -> list[int]:
    """Where graphemes begin, and the end of the text."""
    return [*(found.start() for found in _GRAPHEME.finditer(text)), len(text)]


def best_border(text: str, places: Sequence[int], first: int, last: int) -> int:
    """The best border to end a piece that begins at `places[first]` and may reach to `places[last]`.

    The end of a line in the second half, else the end of a word, else as far as it may reach.
    """
    start, end = places[first], places[last]
    if end == len(text) or text[end].isspace() or text[end - 1] == "\n":
        return last
    word = 0
    for index in range(last, first, -1):
        before = text[places[index] - 1]
        if before == "\n" and index - first > (last - first) // 2:
            return index
        if not word and before.isspace():
            word = index
    return word if word and not text[start : places[word]].isspace() else last


def _sizes(text: str, places: Sequence[int], unit: Unit) -> Sequence[int]:
    """The size of the text before each place."""
    if size(text, unit) == len(text):
        return places
    return [0, *accumulate(size(text[start:end], unit) for start, end in pairwise(places))]


def _in_code_points(text: str, limit: int, unit: Unit) -> list[str]:
    """One monstrous grapheme in pieces."""
    pieces = [""]
    room = limit
    for character in text:
        length = size(character, unit)
        if length > room:
            pieces.append("")
            room = limit
        pieces[-1] += character
        room -= length
    return pieces
