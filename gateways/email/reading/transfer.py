"""Content-Transfer-Encoding undone; what cannot be undone stays as it is and is named."""

from __future__ import annotations

import binascii
import re
from typing import Final

from gateways.email.reading.encoded_words import base64_bytes

_PLAIN: Final = frozenset({"", "7bit", "8bit", "binary", "7-bit", "8-bit", "none", "7bits", "8bits", "plain"})
_UUENCODED: Final = frozenset({"x-uuencode", "uuencode", "x-uue", "uue"})
_UU_BEGIN: Final = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} [^\r\n]*\r?\n", re.MULTILINE)
_PAD: Final = re.compile(rb"=(?=[\r\n \t]*[A-Za-z0-9+/])")


def undo(content: bytes, encoding: str) -> tuple[bytes, str | None]:
    """The bytes, and what was wrong."""
    name = encoding.partition(";")[0].strip(" \t\"'").lower()
    if name in _PLAIN:
        return content, None
    if name == "base64":
        return _base64(content)
    if name in {"quoted-printable", "quotedprintable", "quoted printable"}:
        return binascii.a2b_qp(content), None
    if name in _UUENCODED:
        return _uu(content)
    return content, f"unknown transfer encoding {name[:40]!r}"


def _base64(content: bytes) -> tuple[bytes, str | None]:
    """Padding in the middle means that pieces were encoded one by one."""
    pieces = _PAD.split(content) if _PAD.search(content) else [content]
    decoded = b"".join(base64_bytes(piece) for piece in pieces[:10_000])
    if content.strip() and not decoded:
        return content, "not base64"
    return decoded, None


def _uu(content: bytes) -> tuple[bytes, str | None]:
    begin = _UU_BEGIN.search(content)
    lines = content[begin.end() if begin else 0 :].splitlines()
    decoded: list[bytes] = []
    for line in lines:
        if line.strip() in (b"end", b"`"):
            break
        try:
            decoded.append(binascii.a2b_uu(line))
        except binascii.Error:
            length = (((line[0] - 32) & 63) * 4 + 5) // 3 if line else 0
            try:
                decoded.append(binascii.a2b_uu(line[:length]))
            except binascii.Error:
                return content, "not uuencoded"
    return b"".join(decoded), None
