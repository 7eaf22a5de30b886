"""The text part of a mail as lines; format=flowed (RFC 3676) undone where somebody wrote new words.

Quoted lines keep the breaks that they came with: joining them would move the marks of the quote.
"""

from __future__ import annotations

from typing import Final

from gateways.email.reading.html_words import Line
from gateways.email.reading.parameters import Parameters
from gateways.kit.text import clean_text

MOST_LINES: Final = 20_000
"""What stands below these is one piece: nobody looks for quotes there."""


def tidy(text: str) -> str:
    """Clean, with "\\n" as the only line break."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return clean_text(text)


def plain_lines(text: str, content_type: Parameters) -> list[Line]:
    lines = tidy(text).split("\n")
    if content_type.token("format") == "flowed":
        lines = _unflowed(lines, delete_space=content_type.token("delsp") == "yes")
    while lines and not lines[-1].strip():
        lines.pop()
    looked_at = [Line(line) for line in lines[:MOST_LINES]]
    return [*looked_at, Line("\n".join(lines[MOST_LINES:]))] if len(lines) > MOST_LINES else looked_at


def _unflowed(lines: list[str], *, delete_space: bool) -> list[str]:
    joined: list[str] = []
    pieces: list[str] = []
    for line in lines:
        if line.startswith(">"):
            _end(joined, pieces)
            joined.append(line)
            continue
        bare = line.removeprefix(" ")
        if not bare.endswith(" ") or bare == "-- ":
            if bare == "-- ":
                _end(joined, pieces)
            pieces.append(bare)
            _end(joined, pieces)
        else:
            pieces.append(bare[:-1] if delete_space else bare)
    _end(joined, pieces)
    return joined


def _end(joined: list[str], pieces: list[str]) -> None:
    if pieces:
        joined.append("".join(pieces))
        pieces.clear()
