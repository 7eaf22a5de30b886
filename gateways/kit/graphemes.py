"""Splitting a long text for a provider with a limit: at words where it can, never inside what people see as one.

Joining the pieces gives the text back, character for character. A cluster of marks that is longer than the
limit by itself (nobody writes one) is cut between code points.
"""

from __future__ import annotations

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
    rest = 0
    for end in _ends(text, limit, unit):
        pieces.append(text[rest:end])
        rest = end
    return pieces


def borders(text: str) -> list[int]:
    """Where graphemes begin, and the end of the text."""
    return [found.start() for found in _GRAPHEME.finditer(text)] + [len(text)]


def best_end(text: str, start: int, end: int) -> int:
    """The best place to cut at or before `end`, which is a border: a paragraph, a line, a sentence, a word.

    A place in the first half is not worth it, except for a word's sake.
    """
    half = start + (end - start) // 2
    if text[end : end + 1].isspace() or text[end - 1].isspace():
        return end
    for mark, least in (("\n\n", half), ("\n", half), (". ", half), ("! ", half), ("? ", half)):
        found = text.rfind(mark, least, end)
        if found >= 0:
            return found + len(mark)
    return next((at for at in range(end, start, -1) if text[at - 1].isspace()), end)
