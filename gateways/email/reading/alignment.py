"""What the HTML of a mail knows of its text part: both have the same words, and only the HTML names roles."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from gateways.email.reading.html_words import Line, Role

_NO_LETTER: Final = re.compile(r"[\W_]+")


def informed(plain: Sequence[Line], html: Sequence[Line]) -> list[Line]:
    """The lines of the text with the roles of the HTML, as far as both say the same letters and digits."""
    if all(line.role == "words" for line in html):
        return list(plain)
    letters = [(_letters(line.text), line.role) for line in html]
    spoken = "".join(words for words, _ in letters)
    borders = _borders(letters)
    told: list[Line] = []
    at, role = 0, "words"
    lost = False
    for line in plain:
        words = _letters(line.text)
        lost = lost or not spoken.startswith(words, at)
        if words and not lost:
            role = _role_at(borders, at)
        told.append(Line(line.text, role if not lost else _after(role)))  # type: ignore[arg-type]
        at += len(words)
    return told


def _letters(text: str) -> str:
    return _NO_LETTER.sub("", text).lower()


def _borders(letters: Sequence[tuple[str, Role]]) -> list[tuple[int, Role]]:
    """Where in the letters of the HTML each run of one role begins."""
    borders: list[tuple[int, Role]] = []
    at = 0
    for words, role in letters:
        if words and (not borders or borders[-1][1] != role):
            borders.append((at, role))
        at += len(words)
    return borders


def _role_at(borders: Sequence[tuple[int, Role]], at: int) -> Role:
    found: Role = "words"
    for start, role in borders:
        if start > at:
            break
        found = role
    return found


def _after(role: str) -> Role:
    """Where the two part: in a quote the rest is quoted, elsewhere nobody knows."""
    return "quote" if role == "quote" else "words"
