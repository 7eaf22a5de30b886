"""Header values as words: RFC 2047, raw letters of any charset, and both in one line.

=?koi8-r?B?8NLJ18XU?=  →  Привет        =?UTF-8?Q?=D0=BF=D1?= =?UTF-8?Q?=80=D0=B8?=  →  при
"""

from __future__ import annotations

import binascii
import re
from typing import Final

from gateways.email.reading.charsets import decode
from gateways.kit.text import clean_text

_WORD: Final = re.compile(rb"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]{0,20000})\?=")
_NOT_BASE64: Final = re.compile(rb"[^A-Za-z0-9+/]")
_CONTROLS: Final = re.compile("[\x01-\x1f\x7f\x85\u2028\u2029]+")


def decode_field(raw: bytes) -> str:
    """A value as one clean line."""
    text = _plain(raw) if b"=?" not in raw else _decoded(raw)
    return _CONTROLS.sub(" ", clean_text(text)).strip()


def _decoded(raw: bytes) -> str:
    """Neighbouring words of one charset are joined as bytes: programs cut letters in two."""
    pieces: list[str] = []
    open_charset, open_bytes = "", b""
    at = 0
    for word in _WORD.finditer(raw):
        between = raw[at : word.start()]
        charset = word[1].decode("latin-1").partition("*")[0].lower()
        content = _content(word[2], word[3])
        if open_charset == charset and not between.strip():
            open_bytes += content
        else:
            if open_charset:
                pieces.append(decode(open_bytes, open_charset)[0])
            if between.strip() or not open_charset:
                pieces.append(_plain(between))
            open_charset, open_bytes = charset, content
        at = word.end()
    if open_charset:
        pieces.append(decode(open_bytes, open_charset)[0])
    rest = raw[at:]
    if rest:
        pieces.append(_plain(rest))
    return "".join(pieces)


def _plain(raw: bytes) -> str:
    return raw.decode("ascii") if raw.isascii() and b"\x1b" not in raw else decode(raw)[0]


def _content(encoding: bytes, text: bytes) -> bytes:
    if encoding in b"qQ":
        return binascii.a2b_qp(text.replace(b" ", b"_"), header=True)
    return base64_bytes(text)


def base64_bytes(text: bytes) -> bytes:
    """As much as can be decoded: breaks, wrong letters and a missing end are forgiven."""
    try:
        return binascii.a2b_base64(text, strict_mode=False)
    except (binascii.Error, ValueError):
        pass
    letters = _NOT_BASE64.sub(b"", text)
    whole = letters[: len(letters) - (len(letters) % 4 == 1)]
    return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))
