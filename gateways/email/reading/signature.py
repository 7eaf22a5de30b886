"""Where the words of a reply end and its signature begins.

    -- ⏎ …        С уважением, ⏎ Анна        Sent from my iPhone        the footer of a mailing list

Only the end of a text is looked at, and only what is short: a sentence is nobody's signature.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from gateways.email.reading.html_words import Line
from gateways.email.reading.vocabulary import CLOSINGS, PROGRAMS, SENT_FROM

_LOOKED_AT: Final = 40
_MOST_AFTER_DASHES: Final = 25
_MOST_AFTER_CLOSING: Final = 12
_LONGEST_LINE: Final = 110
_TIMES: Final = 4
"""Signatures below one another: the writer's, the telephone's, the list's."""

_DASHES: Final = re.compile(r"^(?:--|—|–|__|—-|_{3})\s*$")
_RULER: Final = re.compile(r"^_{10,}\s*$")
_FOOTER: Final = re.compile(r"https?://|mailing list|unsubscribe|отписаться|рассылк|@", re.IGNORECASE)
_DEVICE: Final = re.compile(
    rf"^\W{{0,3}}(?:{SENT_FROM})\b[^.!?,;:]{{0,60}}\b(?:{PROGRAMS})\w*\b(?!,)[^.!?,]{{0,40}}"
    r"(?:[<(\[:]?\s*https?://\S+)?\.?$",
    re.IGNORECASE,
)
_DEVICE_ELSEWHERE: Final = re.compile(r"^(?:\w+から送信|发自我的.{1,20}|나의 .{1,20}에서 보냄)$")
_DEVICE_MINE: Final = re.compile(r"^sent from (?:my|a|the) [\w +\-]{2,60}$", re.IGNORECASE)
_CLOSING: Final = re.compile(rf"^\W{{0,2}}(?:{CLOSINGS})\b[\s,.!;:—-]*(?P<name>.{{0,60}})$", re.IGNORECASE)
_SENTENCE: Final = re.compile(r"[?]\s*$|^\s*>")
_DASH_NAME: Final = re.compile(r"^[-–—/~]{1,2}\s?[^\W\d_][\w.'’-]*(?: [^\W\d_][\w.'’-]*){0,2}\s*$")
_ITEM: Final = re.compile(r"^[-–—*•]\s")


def words_end(lines: Sequence[Line]) -> int:
    """How many of the lines are words; the rest is signature."""
    end = len(lines)
    for _ in range(_TIMES):
        start = _start(lines, end)
        if start is None:
            return end
        end = _with_dashes(lines, start)
    return end


def _with_dashes(lines: Sequence[Line], start: int) -> int:
    """Dashes right above a signature announce it."""
    above = start - 1
    while above > 0 and start - above < 3 and not lines[above].text.strip():
        above -= 1
    return above if above >= 0 and _DASHES.match(lines[above].text.strip()) else start


def _start(lines: Sequence[Line], end: int) -> int | None:
    """Where the last signature above `end` begins."""
    while end and not lines[end - 1].text.strip():
        end -= 1
    after = 0
    longest = 0
    asked = False
    for at in range(end - 1, max(-1, end - 1 - _LOOKED_AT), -1):
        text = lines[at].text.strip()
        if not text:
            continue
        if lines[at].role == "signature" and (at == 0 or lines[at - 1].role != "signature"):
            return at
        if not after and _is_dash_name(lines, at):
            return at
        if _begins(text, after, longest, asked=asked) or (after and _is_footer(lines, at, end, text)):
            return at
        after += 1
        longest = max(longest, len(text))
        asked = asked or _SENTENCE.search(text) is not None
    return None


def _begins(text: str, after: int, longest: int, *, asked: bool) -> bool:
    if _DASHES.match(text):
        return 0 < after <= _MOST_AFTER_DASHES
    if len(text) > _LONGEST_LINE * 2 or longest > _LONGEST_LINE or asked:
        return False
    if after <= 3 and (_DEVICE.match(text) or _DEVICE_MINE.match(text) or _DEVICE_ELSEWHERE.match(text)):
        return True
    closing = _CLOSING.match(text)
    if closing and after <= _MOST_AFTER_CLOSING:
        return bool(after or closing["name"]) and _is_name(closing["name"])
    return False


def _is_name(text: str) -> bool:
    """Or nothing; "С уважением отношусь к вам" goes on in small letters."""
    return not text or (text[0].isupper() and not text.endswith((".", "!", "?")))


def _is_dash_name(lines: Sequence[Line], at: int) -> bool:
    """ "-Anna" or "/ Anna Berg", not the last item of a list."""
    text = lines[at].text
    if len(text) > 40 or not _DASH_NAME.match(text):
        return False
    before = next(
        (line.text.strip() for line in reversed(lines[max(0, at - 5) : at]) if line.text.strip()), ""
    )
    names = text.strip(" -–—/~").split()
    return all(name[0].isupper() for name in names) and not _ITEM.match(before)


def _is_footer(lines: Sequence[Line], at: int, end: int, text: str) -> bool:
    """A ruler, below which a list says what it is."""
    return _RULER.match(text) is not None and any(_FOOTER.search(line.text) for line in lines[at + 1 : end])
