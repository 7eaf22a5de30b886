"""One rule for words from outside: nothing is lost, and nothing breaks a database or an encoder.

NUL and lone surrogates become U+FFFD, which people see as a replacement mark; everything else stays as it
came, right-to-left marks, zero-width joiners and combining marks too.
"""

from __future__ import annotations

import re
from typing import Final

REPLACEMENT: Final = "\ufffd"

_BROKEN: Final = re.compile("[\x00\ud800-\udfff]")


def clean_text(text: str) -> str:
    """`text` as PostgreSQL, SQLite and UTF-8 can hold it; of the same length in code points."""
    if text.isascii() and "\x00" not in text:
        return text
    return _BROKEN.sub(REPLACEMENT, text)


def clean_line(text: str, longest: int) -> str:
    """A name, title or address as one clean line of at most `longest` characters."""
    return " ".join(clean_text(text).split())[:longest]
