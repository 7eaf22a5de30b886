"""The answer to a Range header (RFC 9110 §14): one part, the whole, or "there is no such part".

    byte_range("bytes=500-", 1200) → Part(206, 500, 1200, 1200)
    byte_range("lines=1-2", 1200) → Part(200, 0, 1200, 1200)

A header that we do not understand, and one that asks for several parts, is answered with the whole: that is
allowed, and players ask for one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_ONE: Final = re.compile(r"bytes[ \t]*=[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes from `start` up to, without, `end`, of `size`; with status 416 none."""

    status: int
    start: int
    end: int
    size: int

    @property
    def headers(self) -> dict[str, str]:
        shown = {"Accept-Ranges": "bytes", "Content-Length": str(self.end - self.start)}
        if self.status == 206:
            shown["Content-Range"] = f"bytes {self.start}-{self.end - 1}/{self.size}"
        if self.status == 416:
            shown["Content-Range"] = f"bytes */{self.size}"
        return shown


def byte_range(header: str | None, size: int) -> Part:
    """The part of a file of `size` bytes that the header asks for."""
    whole = Part(200, 0, size, size)
    asked = _ONE.fullmatch(header) if header else None
    if asked is None:
        return whole
    first, last = asked.groups()
    if not first and not last:
        return whole
    if not first:
        return _part(max(0, size - int(last)), size, size)
    if last and int(last) < int(first):
        return whole
    return _part(int(first), min(int(last) + 1, size) if last else size, size)


def _part(start: int, end: int, size: int) -> Part:
    return Part(206, start, end, size) if start < end else Part(416, 0, 0, size)
