"""How mail programs begin what they quote, in the languages of the people who write to us.

    On Nov 21, 2026, at 10:12, Ann <a@example.org> wrote:
    пт, 21 нояб. 2026 г. в 10:12, Анна <a@example.org>:
    21.11.2026, 10:12, "Анна" <a@example.org>:
    Пятница, 21 ноября 2026, 10:12 +03:00 от Анна <a@example.org>:
    -----Исходное сообщение-----
    От: …  ⏎  Отправлено: …  ⏎  Кому: …  ⏎  Тема: …

A date with a colon at the end is not enough: an address or the verb belongs to it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from gateways.email.reading.vocabulary import (
    FORWARD_SUBJECTS,
    FORWARDS,
    FORWARDS_OF_APPLE,
    LABELS,
    OPENINGS,
    ORIGINALS,
    VERBS,
)

_LONGEST: Final = 400
_LONGEST_VERB: Final = 40
_LINES: Final = 5
"""That one attribution may be broken into."""
_BLOCK_LINES: Final = 12

_MOMENT: Final = re.compile(
    r"\d{1,2}[:.h]\d{2}|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\b(?:19|20)\d{2}\b|\d{4}年"
    r"|\d{1,2}\.? [^\W\d]{3,9}\.? \d{4}"
)
_VERB: Final = re.compile(VERBS, re.IGNORECASE)
_VERB_LAST: Final = re.compile(rf"(?:{VERBS})(?:\s*[:：]|\s*\(a\):)?$|[:：]$", re.IGNORECASE)
_ADDRESS_LAST: Final = re.compile(
    rf"[^\s<>@,;]@[^\s<>@]{{1,200}}[>\])]{{0,3}}\"?\s*(?:{VERBS})?\s*[:：]$", re.IGNORECASE
)
_OPENING: Final = re.compile(rf"^[\s\-–—]*(?:{OPENINGS}|\d{{1,4}})\b.*\d", re.IGNORECASE)
_ORIGINAL: Final = re.compile(rf"^\s*[-_=*]{{2,}}\s*(?:{ORIGINALS})\s*[-_=*]{{2,}}\s*$", re.IGNORECASE)
_FORWARD: Final = re.compile(
    rf"^[\s>]*(?:[-_=*]{{2,}}\s*(?:{FORWARDS})\s*[-_=*]{{0,40}}\s*$|{FORWARDS_OF_APPLE})", re.IGNORECASE
)
_FORWARD_SUBJECT: Final = re.compile(rf"^\s*(?:{FORWARD_SUBJECTS})\s*(?:\[\d+\])?:", re.IGNORECASE)
_LABEL: Final = re.compile(
    r"^[\s*>_]{0,20}(?:"
    + "|".join(f"(?P<{kind}>{words})" for kind, words in LABELS.items())
    + r")\s?\*?\s?[:：]",
    re.IGNORECASE,
)
_LABEL_LENGTH: Final = 60
_RULER_LENGTH: Final = 5


def is_forwarded_subject(subject: str) -> bool:
    return _FORWARD_SUBJECT.match(subject) is not None


def is_forward(line: str) -> bool:
    """Below this stands another mail, which its sender wants us to read."""
    return len(line) < 200 and _FORWARD.match(line) is not None


def is_original(line: str) -> bool:
    return len(line) < 120 and _ORIGINAL.match(line) is not None


def is_ruler(line: str) -> bool:
    """A line of dashes or the like."""
    bare = "".join(line.split()).lstrip(">")
    return len(bare) >= _RULER_LENGTH and not bare.strip("-_=*–—")


def attribution_ending(lines: Sequence[str], last: int) -> int | None:
    """Where the attribution begins that ends in this line; None where there is none."""
    text = lines[last].strip()
    if not text or len(text) > _LONGEST or not _VERB_LAST.search(text[-_LONGEST_VERB:]):
        return None
    joined = ""
    for first in range(last, max(-1, last - _LINES), -1):
        line = lines[first].strip()
        if not line or (line[0] == ">" and line != ">:") or len(joined) + len(line) > _LONGEST:
            return None
        joined = f"{line} {joined}".strip()
        if _is_attribution(joined):
            return _whole(lines, first, joined)
    return None


def _is_attribution(text: str) -> bool:
    """A moment, and an address at the end or the verb."""
    if not _MOMENT.search(text):
        return False
    return _ADDRESS_LAST.search(text[-300:]) is not None or _VERB.search(text) is not None


def _whole(lines: Sequence[str], first: int, joined: str) -> int:
    """The line above belongs to it where that opens an attribution and this does not."""
    if _OPENING.match(joined) or first == 0:
        return first
    above = lines[first - 1].strip()
    if above and len(above) < 120 and above[-1] not in ".!?" and _OPENING.match(above):
        return first - 1
    return first


def label(line: str) -> str | None:
    """Which of the four headers of a quoted mail this line is."""
    found = _LABEL.match(line[:_LABEL_LENGTH])
    return found.lastgroup if found else None


def header_block(lines: Sequence[str], first: int) -> int | None:
    """Where the headers of a quoted mail end that begin in this line (exclusive); None where none begin."""
    kind = label(lines[first])
    if kind not in {"from", "sent"}:
        return None
    seen = {kind}
    end = first + 1
    for at in range(first + 1, min(len(lines), first + _BLOCK_LINES)):
        found = label(lines[at])
        if found:
            seen.add(found)
            end = at + 1
        elif not lines[at].strip() and at > first + 1 and len(seen) > 2:
            break
    return end if len(seen) >= 3 and "from" in seen else None
