"""The people of From, To, Cc and Reply-To, as mail programs and people write them.

    "Иванов, Пётр" <p@example.org>, team: a@example.org, b@example.org;, c@example.org (Ольга)

Letters are decoded only after the list is cut: an encoded comma separates nobody.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from gateways.email.reading.encoded_words import decode_field
from gateways.email.reading.prescan import MOST_RECIPIENTS
from gateways.kit.text import clean_line
from shared.contract.content import Address

LONGEST_NAME: Final = 300
LONGEST_ADDRESS: Final = 320

_PIECE: Final = re.compile(r'"(?:[^"\\]|\\.)*"?|<[^<>]*>?|[,;:()]|[^",;:()<]+', re.DOTALL)
_BARE: Final = re.compile(r"[^\s<>\"',;]{1,256}@[^\s<>\"',;]{0,255}[^\s<>\"',;.]")
_COMMENT: Final = re.compile(r"\([^()]{0,500}\)")
_NO_ADDRESS: Final = re.compile(r"^undisclosed.?recipients?|^[^@]*[:;]", re.IGNORECASE)
_QUOTES: Final = " \t'\"\u2018\u2019\u201c\u201d"


@dataclass(slots=True)
class _Entry:
    """What stands between two commas, still undecoded: latin-1 letters are bytes."""

    words: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    angle: str | None = None

    def name(self, before: str) -> str:
        words = _decoded("".join(self.words))
        return ", ".join(part for part in (before, words) if part) or _decoded(" ".join(self.comments))


def correspondents(values: list[bytes]) -> tuple[Address, ...]:
    """Everybody with an address, in order; groups give their members, and may have none."""
    found: list[Address] = []
    for value in values:
        waiting = ""
        for entry in _entries(value.decode("latin-1")):
            people, waiting = _people(entry, waiting)
            found += people
            if len(found) >= MOST_RECIPIENTS:
                return tuple(found[:MOST_RECIPIENTS])
    return tuple(found)


def _entries(text: str) -> list[_Entry]:
    entries = [_Entry()]
    depth, comment = 0, ""
    for piece in _PIECE.findall(text):
        if not depth and piece != "(":
            _take(entries, piece)
            continue
        depth += {"(": 1, ")": -1}.get(piece, 0)
        comment += piece
        if not depth:
            entries[-1].comments.append(comment[1:-1])
            comment = ""
    return entries


def _take(entries: list[_Entry], piece: str) -> None:
    if piece in {",", ";"}:
        entries.append(_Entry())
    elif piece == ":":
        if "@" not in "".join(entries[-1].words):
            entries[-1] = _Entry()  # the name of a group
    elif piece[0] == "<":
        if entries[-1].angle:
            entries.append(_Entry())
        entries[-1].angle = piece.strip("<>")
    elif piece[0] == '"':
        entries[-1].words.append(re.sub(r"\\(.)", r"\1", piece[1:].removesuffix('"')))
    elif piece != ")":
        entries[-1].words.append(piece)


def _people(entry: _Entry, before: str) -> tuple[list[Address], str]:
    """The person of an entry; and a name without an address, which may be the first half of the next name."""
    if entry.angle is not None:
        address = _address(entry.angle)
        name = entry.name(before)
        if "@" in name and "@" not in address:
            return _bare(name), ""
        return ([_person(address, name)] if address else []), ""
    words = " ".join(_decoded("".join(entry.words)).split()).replace(" . ", ".").replace(" .", ".")
    if "@" in words:
        return _bare(words, _decoded(" ".join(entry.comments))), ""
    return [], words


def _bare(words: str, comment: str = "") -> list[Address]:
    """An address without brackets: the rest of the words is the name."""
    found = _BARE.search(words)
    if not found:
        return []
    name = (words[: found.start()] + " " + words[found.end() :]).strip(" <>")
    return [_person(found[0], name or comment)]


def _address(angle: str) -> str:
    """What stands between < and >: without comments, a route and blanks."""
    if angle.startswith("@") and ":" in angle:
        angle = angle.partition(":")[2]
    decoded = _decoded(_COMMENT.sub("", angle))
    address = "".join(decoded.split()).strip("<>'").removeprefix("mailto:")
    return "" if _NO_ADDRESS.search(address) else address[:LONGEST_ADDRESS]


def _person(address: str, name: str) -> Address:
    name = clean_line(name, LONGEST_NAME).strip(_QUOTES)
    return Address(address=address[:LONGEST_ADDRESS], name=name or None)


def _decoded(text: str) -> str:
    return decode_field(text.encode("latin-1"))
