"""winmail.dat, in which Outlook wraps a whole letter (TNEF): files, and words if there are no others."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any, Final

from tnefparse import TNEF  # type: ignore[import-untyped]
from tnefparse.properties import MAPI_ATTACH_LONG_FILENAME  # type: ignore[import-untyped]

from gateways.email.reading.charsets import decode
from gateways.kit.text import clean_line

_KINDS: Final = frozenset({"application/ms-tnef", "application/vnd.ms-tnef", "application/x-ms-tnef"})
_SIGNATURE: Final = struct.pack("<I", 0x223E9F78)
_MOST_FILES: Final = 200
_MOST_WORK: Final = 2 * 1024**3
"""Objects times bytes: the library copies the rest of the bytes for each object."""
_TITLE: Final = "_name"


@dataclass(frozen=True, slots=True)
class Winmail:
    files: tuple[tuple[str, bytes], ...]
    text: str
    html: bytes


def is_winmail(kind: str, name: str) -> bool:
    return kind in _KINDS or name.strip().lower() == "winmail.dat"


def unpacked(content: bytes) -> Winmail | None:
    """None for what is damaged or no winmail.dat at all."""
    if not content.startswith(_SIGNATURE) or _objects(content) * len(content) > _MOST_WORK:
        return None
    try:
        letter = TNEF(content, do_checksum=False)
        files = tuple((_name(file), bytes(file.data or b"")) for file in letter.attachments[:_MOST_FILES])
        return Winmail(files, _text(letter.body), _bytes(letter.htmlbody))
    except Exception:  # noqa: BLE001  the library raises whatever its arithmetic meets
        return None


def _objects(content: bytes) -> int:
    """How many there are, by the length that stands in each."""
    at, count = 6, 0
    while at + 12 < len(content):
        at += int.from_bytes(content[at + 5 : at + 9], "little") + 11
        count += 1
    return count


def _name(file: Any) -> str:
    """The short name is read past the library, which takes every charset for UTF-8."""
    long_name = next((row.data for row in file.mapi_attrs if row.name == MAPI_ATTACH_LONG_FILENAME), None)
    return clean_line(_text(long_name or vars(file)[_TITLE]), 300)


def _text(found: object) -> str:
    if isinstance(found, bytes):
        return decode(found.rstrip(b"\x00"))[0]
    return found.rstrip("\x00") if isinstance(found, str) else ""


def _bytes(found: object) -> bytes:
    if isinstance(found, str):
        return found.encode("utf-8", "replace")
    return found if isinstance(found, bytes) else b""
