"""The fields of multipart/form-data by their places in the whole body: nothing is copied to find them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_string
from email.message import Message
from mmap import mmap
from typing import Final, TypeAlias

from gateways.kit.payload import Malformed

Bytes: TypeAlias = bytes | mmap

MOST_FIELDS: Final = 40
_HEAD_BYTES: Final = 8192
_BOUNDARY: Final = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")
_CHUNK: Final = 256 * 1024
_PLAIN: Final = frozenset({"", "7bit", "8bit", "binary"})


@dataclass(frozen=True, slots=True)
class Field:
    """Bytes `start` up to `end` of the body."""

    name: str
    filename: str
    start: int
    end: int

    def chunks(self, body: Bytes) -> Iterator[bytes]:
        for at in range(self.start, self.end, _CHUNK):
            yield body[at : min(at + _CHUNK, self.end)]

    def value(self, body: Bytes) -> bytes:
        return body[self.start : self.end]


def fields(body: Bytes, boundary: str) -> dict[str, Field]:
    """The fields by name; raises `Malformed` for what is no form, or names one twice."""
    if not _BOUNDARY.fullmatch(boundary):
        raise Malformed("form")
    mark = b"--" + boundary.encode()
    at = 0 if body[: len(mark)] == mark else _found(body, b"\r\n" + mark, 0) + 2
    found: dict[str, Field] = {}
    while True:
        at += len(mark)
        if body[at : at + 2] == b"--":
            return found
        head = _found(body, b"\r\n", at, at + 200) + 2
        if body[at : head - 2].strip(b" \t"):
            raise Malformed("form")
        start = _found(body, b"\r\n\r\n", head, head + _HEAD_BYTES) + 4
        end = _found(body, b"\r\n" + mark, start)
        field = _field(body[head : start - 4], start, end)
        if field.name in found or len(found) == MOST_FIELDS:
            raise Malformed("form")
        found[field.name] = field
        at = end + 2


def _found(body: Bytes, wanted: bytes, start: int, end: int | None = None) -> int:
    at = body.find(wanted, start, len(body) if end is None else min(end + len(wanted), len(body)))
    if at < 0:
        raise Malformed("form")
    return at


def _field(head: bytes, start: int, end: int) -> Field:
    said: Message = message_from_string(head.decode("utf-8", "replace") + "\r\n\r\n")
    name = said.get_param("name", header="content-disposition")
    kind = said.get_content_disposition()
    coded = str(said.get("Content-Transfer-Encoding", "")).strip().lower()
    if kind != "form-data" or not isinstance(name, str) or not name or coded not in _PLAIN:
        raise Malformed("form")
    return Field(name, said.get_filename("") or "", start, end)
