"""The tree of a mail's parts, cut out of its raw bytes (RFC 2045, 2046), tolerant of what the world writes.

    raw ──▶ Part(multipart/mixed) ─┬─ Part(multipart/alternative) ─┬─ Part(text/plain)
                                   └─ Part(application/pdf)        └─ Part(text/html)

A mail inside a mail (message/rfc822) is a leaf. The walk keeps its own stack: depth costs no recursion.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from gateways.email.reading.fields import Fields, header_block
from gateways.email.reading.parameters import Parameters, parameters
from gateways.email.reading.prescan import DEEPEST, MOST_PARTS, refusal

_LONGEST_BOUNDARY: Final = 1000
_GUESSED_BOUNDARY: Final = re.compile(
    rb"^--([^\r\n]{1,200}?)[ \t]*\r?\n(?=content-)", re.IGNORECASE | re.MULTILINE
)
_TYPE: Final = re.compile(r"^[a-z0-9!#$&^_.+-]{1,80}/[a-z0-9!#$&^_.+-]{1,120}$")


@dataclass(slots=True)
class Part:
    """One part; `content` is what stands below its headers, still encoded."""

    fields: Fields
    content: bytes
    content_type: Parameters
    disposition: Parameters
    children: list[Part] = field(default_factory=list)
    truncated: bool = False
    """A multipart whose last boundary is missing, or that has none at all."""

    @property
    def type(self) -> str:
        return self.content_type.value

    @property
    def main_type(self) -> str:
        return self.content_type.value.partition("/")[0]

    @property
    def content_id(self) -> str | None:
        return self.fields.text("content-id").strip(" <>\t") or None

    def walk(self) -> Iterator[Part]:
        """This part and all below it, in the order of the mail."""
        stack = [self]
        while stack:
            part = stack.pop()
            yield part
            stack.extend(reversed(part.children))


def structure(raw: bytes) -> Part:
    """The tree; raises `UnreadableMail` where it is deeper or wider than anybody writes."""
    if b"\n" not in raw and b"\r" in raw:
        raw = raw.replace(b"\r", b"\n")
    root = _part(raw, "text/plain", top=True)
    waiting = [(root, 1)]
    count = 1
    while waiting:
        part, depth = waiting.pop()
        if part.main_type != "multipart":
            continue
        pieces = _pieces(part)
        count += len(pieces)
        if count > MOST_PARTS:
            raise refusal("parts")
        if pieces and depth >= DEEPEST:
            raise refusal("depth")
        usual = "message/rfc822" if part.type == "multipart/digest" else "text/plain"
        part.children = [_part(piece, usual) for piece in pieces]
        if pieces:
            part.content = b""
        waiting.extend((child, depth + 1) for child in part.children)
    return root


def _part(raw: bytes, usual: str, *, top: bool = False) -> Part:
    fields, content = header_block(raw, top=top)
    content_type = parameters(fields.raw("content-type"))
    content_type.value = _type(content_type.value, usual)
    return Part(fields, content, content_type, parameters(fields.raw("content-disposition")))


def _type(written: str, usual: str) -> str:
    value = written.replace(" ", "").lower()
    if _TYPE.match(value):
        return value
    if value == "text":
        return "text/plain"
    return "text/plain" if value and not value.startswith(("image", "application")) else usual


def _pieces(part: Part) -> list[bytes]:
    """The raw bytes of each part between the boundaries; none where there is no boundary to find."""
    content = b"\n" + part.content
    boundary = part.content_type.raw("boundary")
    pieces = _split(content, boundary.rstrip(), part) if boundary else []
    if not pieces:
        guess = _GUESSED_BOUNDARY.search(part.content)
        if guess:
            pieces = _split(content, guess[1], part)
            part.truncated = True
    return pieces


def _split(content: bytes, boundary: bytes, part: Part) -> list[bytes]:
    """`content` begins with a line feed."""
    line = re.compile(rb"\n--" + re.escape(boundary[:_LONGEST_BOUNDARY]) + rb"(--)?[ \t]{0,200}\r?(?=\n|\Z)")
    pieces: list[bytes] = []
    start = -1
    for found in line.finditer(content):
        if start >= 0:
            pieces.append(_without_last_break(content, start, found.start()))
        if found[1]:
            return pieces
        start = found.end() + 1
    if start >= 0:
        part.truncated = True
        pieces.append(content[start:])
    return pieces


def _without_last_break(content: bytes, start: int, end: int) -> bytes:
    """The line break before a boundary belongs to the boundary."""
    if end > start and content[end - 1 : end] == b"\r":
        end -= 1
    return content[start:end]
