"""What an IMAP server says, as values, and what we say as it is spelled there. Pure.

1 FETCH (UID 7 RFC822.SIZE 4711 INTERNALDATE "21-Nov-2026 10:00:00 +0300")
1 FETCH (UID 7 BODY[] {4711}   ‹the mail›   )        or the number behind:   1 FETCH (BODY[] {4711} ‹…› UID 7)
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FETCHED: Final = re.compile(rb"^\d+ FETCH \(")
_UID: Final = re.compile(rb"\bUID (\d+)")
_COUNTED: Final = re.compile(rb"^\* (\d+) (EXISTS|EXPUNGE)\s*$", re.IGNORECASE)
_SIZE: Final = re.compile(rb"\bRFC822\.SIZE (\d+)")
_DATE: Final = re.compile(
    rb'\bINTERNALDATE "\s?(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)"'
)
_SHORT: Final = re.compile(rb'\bBODY\[(?:HEADER)?\] "((?:[^"\\]|\\.)*)"')
_PASSING: Final = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]", "[CONTACTADMIN]")
_LONGEST_WORDS: Final = 200


@dataclass(frozen=True, slots=True)
class Counted:
    """`* 23 EXISTS`: so many mails; or `* 3 EXPUNGE`: one less, and `mails` says nothing."""

    mails: int
    exist: bool


@dataclass(frozen=True, slots=True)
class Size:
    bytes: int
    at: datetime | None
    """When it came, by the server."""


def numbers(lines: Sequence[Any]) -> list[int]:
    """The answer to a search, in order; the last line is the server's words about it."""
    found = {
        int(word) for line in lines[:-1] if isinstance(line, bytes) for word in line.split() if word.isdigit()
    }
    return sorted(found)


def number(lines: Sequence[Any], name: bytes) -> int | None:
    """`UIDNEXT` and its like, from what a server says about a folder."""
    pattern = re.compile(rb"\[" + name + rb" (\d+)\]", re.IGNORECASE)
    for line in lines:
        if isinstance(line, bytes) and (found := pattern.search(line)):
            return int(found[1])
    return None


def counted(line: bytes) -> Counted | None:
    """What the server says unasked about the number of mails."""
    found = _COUNTED.match(line)
    if found is None:
        return None
    exist = found[2].upper() == b"EXISTS"
    return Counted(int(found[1]) if exist else 0, exist)


def sizes(lines: Sequence[Any]) -> dict[int, Size]:
    found: dict[int, Size] = {}
    for texts, _ in _groups(lines):
        text = b" ".join(texts)
        uid, size = _UID.search(text), _SIZE.search(text)
        if uid and size:
            found[int(uid[1])] = Size(int(size[1]), _moment(text))
    return found


def bodies(lines: Sequence[Any]) -> dict[int, bytes]:
    """The mails by their numbers, wherever in its answer the server says the number."""
    found: dict[int, bytes] = {}
    for texts, literals in _groups(lines):
        uid = next((one for text in texts if (one := _UID.search(text))), None)
        short = next((one for text in texts if (one := _SHORT.search(text))), None)
        if uid and (literals or short):
            spoken = b"" if short is None else re.sub(rb"\\(.)", rb"\1", short[1])
            found[int(uid[1])] = literals[0] if literals else spoken
    return found


def words(lines: Sequence[Any]) -> str:
    """What the server says in the end, for people."""
    last = next((line for line in reversed(lines) if isinstance(line, bytes)), b"")
    text = last.decode("utf-8", "replace")
    return "".join(one for one in text if one.isprintable())[:_LONGEST_WORDS]


def passing(said: str) -> bool:
    """Whether a refusal is about the server and not about us."""
    return any(code in said.upper() for code in _PASSING)


def day(moment: datetime) -> str:
    return f"{moment.day}-{_MONTHS[moment.month - 1]}-{moment.year}"


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def folder_name(name: str) -> str:
    """A folder's name as IMAP spells it: modified UTF-7, quoted."""
    spelled, other = "", ""
    for character in [*name, ""]:
        if character and not " " <= character <= "~":
            other += character
            continue
        if other:
            coded = base64.b64encode(other.encode("utf-16-be")).rstrip(b"=").replace(b"/", b",")
            spelled, other = f"{spelled}&{coded.decode()}-", ""
        spelled += "&-" if character == "&" else character
    return quoted(spelled)


def _groups(lines: Sequence[Any]) -> Iterator[tuple[list[bytes], list[bytes]]]:
    """The answer for each mail: its lines, and its literals."""
    texts: list[bytes] = []
    literals: list[bytes] = []
    for line in lines[:-1]:
        if isinstance(line, bytearray):
            literals.append(bytes(line))
            continue
        if _FETCHED.match(line) and texts:
            yield texts, literals
            texts, literals = [], []
        texts.append(line)
    if texts:
        yield texts, literals


def _moment(text: bytes) -> datetime | None:
    found = _DATE.search(text)
    if found is None:
        return None
    days, month, year, hours, minutes, seconds, sign, east, past = (one.decode() for one in found.groups())
    try:
        number = _MONTHS.index(month.capitalize()) + 1
        local = datetime(int(year), number, int(days), int(hours), int(minutes), int(seconds), tzinfo=UTC)
        shift = (int(east) * 3600 + int(past) * 60) * (1 if sign == "+" else -1)
        return datetime.fromtimestamp(local.timestamp() - shift, UTC)
    except (ValueError, OverflowError, OSError):
        return None
