"""Content-Type and Content-Disposition: a value and parameters, written by RFC 2045, 2231 or by no rule.

attachment; filename*0*=koi8-r''%EF%D4; filename*1=".pdf"      application/pdf; name="=?koi8-r?B?79Q=?="
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote_to_bytes

from gateways.email.reading.charsets import codec_of, decode
from gateways.email.reading.encoded_words import decode_field

_MOST: Final = 200
"""Parameters of one field, continuations counted."""

_PARAMETER: Final = re.compile(
    rb';\s{0,40}([^\s=;"]{1,80})\s{0,40}=\s{0,40}(?:"((?:[^"\\]|\\.)*)"?|([^;]*))', re.DOTALL
)
_PIECE: Final = re.compile(r"^(?P<name>[^*]+)(?:\*(?P<number>\d{1,3}))?(?P<coded>\*)?$")


@dataclass(slots=True)
class Parameters:
    value: str
    rows: dict[str, bytes] = field(default_factory=dict)

    def raw(self, name: str) -> bytes:
        return self.rows.get(name, b"")

    def token(self, name: str) -> str:
        """A parameter that programs write for programs, in small letters."""
        return self.raw(name).decode("latin-1").strip().lower()

    def words(self, name: str) -> str:
        """A parameter that people read: all ways of writing letters beyond ASCII are undone."""
        coded = self._coded(name)
        return coded if coded is not None else decode_field(self.raw(name))

    def _coded(self, name: str) -> str | None:
        """RFC 2231: `name*`, or `name*0`, `name*1*`, …; None where it is not written so."""
        pieces: list[tuple[int, bool, bytes]] = []
        for written, value in self.rows.items():
            found = _PIECE.match(written)
            if found and found["name"] == name and (found["number"] or found["coded"]):
                pieces.append((int(found["number"] or 0), bool(found["coded"]), value))
        if not pieces:
            return None
        pieces.sort()
        charset, raw = None, b""
        for number, coded, value in pieces:
            letters = value
            if coded and value.count(b"'") >= 2 and number == pieces[0][0]:
                named, _, letters = value.split(b"'", 2)
                charset = named.decode("latin-1")
            raw += unquote_to_bytes(letters) if coded else letters
        if charset is None and b"=?" in raw:
            return decode_field(raw)
        if charset and codec_of(charset) is None:
            charset = None
        return decode(raw, charset)[0]


def parameters(raw: bytes) -> Parameters:
    """Of a field's raw value; a parameter given twice counts as first given."""
    head, mark, _ = raw.partition(b";")
    found = Parameters(_without_comment(head).decode("latin-1").strip(' \t"').lower())
    if not mark:
        return found
    for match in _PARAMETER.finditer(raw, len(head)):
        quoted, bare = match[2], match[3]
        value = re.sub(rb"\\([\\\"])", rb"\1", quoted) if quoted is not None else bare.strip()
        found.rows.setdefault(match[1].decode("latin-1").lower(), value)
        if len(found.rows) >= _MOST:
            break
    return found


def _without_comment(raw: bytes) -> bytes:
    return re.sub(rb"\([^()]{0,200}\)", b"", raw) if b"(" in raw else raw
