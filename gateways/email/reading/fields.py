"""The headers of a mail or of one of its parts: names in small letters, values unfolded and still raw."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from gateways.email.reading.encoded_words import decode_field
from gateways.email.reading.prescan import HEADER_BYTES, MOST_FIELDS, refusal

_FIELD: Final = re.compile(rb"([!-9;-~]{1,200})[ \t]*:[ \t]*(.*)", re.DOTALL)
_KNOWN: Final = re.compile(
    rb"^(?:from|to|cc|subject|date|message-id|mime-version|content-type|content-transfer-encoding"
    rb"|content-disposition|received|return-path|reply-to|delivered-to)[ \t]*:",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Fields:
    """Values in the order of the mail."""

    rows: list[tuple[str, bytes]] = field(default_factory=list)

    def raw(self, name: str) -> bytes:
        """The first value of this name, or nothing."""
        return next((value for known, value in self.rows if known == name), b"")

    def every(self, name: str) -> list[bytes]:
        return [value for known, value in self.rows if known == name]

    def has(self, name: str) -> bool:
        return any(known == name for known, _ in self.rows)

    def text(self, name: str) -> str:
        """The first value of this name as words: decoded, clean, on one line."""
        return decode_field(self.raw(name))


def header_block(raw: bytes, *, top: bool = False) -> tuple[Fields, bytes]:
    """The fields, and what stands below them; a line that is no field ends them."""
    found: list[tuple[str, list[bytes]]] = []
    at = _after_envelope(raw) if top else 0
    start = at
    while at < len(raw):
        end = raw.find(b"\n", at, at + HEADER_BYTES + 1)
        if end < 0 and len(raw) - at > HEADER_BYTES:
            break
        end = len(raw) if end < 0 else end + 1
        line = raw[at:end].rstrip(b"\r\n")
        if not line.strip() and not (found and line and _fields_follow(raw, end)):
            return _joined(found), raw[end:]
        if not _take(found, line, raw, end):
            return _joined(found), raw[at:]
        at = end
        if at - start > HEADER_BYTES:
            raise refusal("headers")
        if len(found) > MOST_FIELDS:
            raise refusal("fields")
    return _joined(found), raw[at:]


def _joined(found: list[tuple[str, list[bytes]]]) -> Fields:
    return Fields([(name, b" ".join(pieces).strip()) for name, pieces in found])


def _take(found: list[tuple[str, list[bytes]]], line: bytes, raw: bytes, end: int) -> bool:
    """False where this line is no part of the headers."""
    if line[:1] in (b" ", b"\t"):
        if found:
            found[-1][1].append(line.strip())
        return bool(found) or _fields_follow(raw, end)
    field_found = _FIELD.match(line)
    if field_found:
        found.append((field_found[1].decode("ascii").lower(), [field_found[2].strip()]))
        return True
    if not _fields_follow(raw, end):
        return False
    if found and b":" not in line:
        found[-1][1].append(line)
    return True


def _fields_follow(raw: bytes, at: int) -> bool:
    """A field that every mail has stands in one of the next lines: a line was broken, and badly indented."""
    for line in raw[at : at + 2000].split(b"\n")[:6]:
        if not line.strip():
            return False
        if _KNOWN.match(line):
            return True
    return False


def _after_envelope(raw: bytes) -> int:
    """Behind blank lines and the "From " line of a mailbox file."""
    at = 0
    while raw[at : at + 2] == b"\r\n" or raw[at : at + 1] == b"\n":
        at += 2 if raw[at : at + 2] == b"\r\n" else 1
    for envelope in (b"\xef\xbb\xbf", b"From ", b">From "):
        if raw.startswith(envelope, at):
            at = at + 3 if envelope[0] == 0xEF else raw.find(b"\n", at) + 1 or len(raw)
    return at
