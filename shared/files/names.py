"""What a file is called when somebody saves it (MS3).

    "C:\\\\fakepath\\\\отчёт за май.pdf" → "отчёт_за_май.pdf"        "con.txt" → "_con.txt"

At most 100 characters: letters, digits, dot, underscore, tilde; each other character becomes `_`. The name is
never a path of ours: bytes lie under an id, and two equal names are two files.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

LONGEST: Final = 100
_LONGEST_BYTES: Final = 240
_LONGEST_SUFFIX: Final = 16
_KEPT: Final = frozenset("._~")
_NAMELESS: Final = "file"

_BLANK_LETTERS: Final = frozenset("\u115f\u1160\u3164\uffa0")
"""Letters by their class that show as nothing."""

_DEVICES: Final = re.compile(
    r"(con|prn|aux|nul|conin|conout|clock|com[0-9]|lpt[0-9])(?![^._])", re.IGNORECASE
)
"""Windows opens a device under these names, whatever the ending."""


def safe_name(name: str) -> str:
    """`name` as every system may save it; "file" where nothing is left of it."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name).rstrip("/\\"))[-1]
    bare = last.strip().rstrip(". ")
    safe = "".join(character if _allowed(character) else "_" for character in bare)
    if safe.startswith("."):
        safe = "_" + safe[1:]
    if not any(character.isalnum() for character in safe):
        return _NAMELESS
    if _DEVICES.match(safe):
        safe = "_" + safe
    return _shortened(safe)


def suffix_of(name: str) -> str:
    """The ending of a name in small letters, without its dot; empty where there is none."""
    stem, dot, suffix = name.rpartition(".")
    return suffix.lower() if stem and dot and 0 < len(suffix) <= _LONGEST_SUFFIX else ""


def _allowed(character: str) -> bool:
    if character in _KEPT:
        return True
    kind = unicodedata.category(character)
    return (kind.startswith("L") or kind == "Nd") and character not in _BLANK_LETTERS


def _shortened(name: str) -> str:
    """The ending stays: by it a system chooses the program."""
    suffix = suffix_of(name)
    ending = name[len(name) - len(suffix) - 1 :] if suffix else ""
    stem = name[: len(name) - len(ending)][: LONGEST - len(ending)]
    while len((stem + ending).encode()) > _LONGEST_BYTES:
        stem = stem[:-1]
    return stem + ending
