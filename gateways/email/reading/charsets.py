"""Bytes as words, whatever the mail says of their charset: right, wrongly spelled, wrong, or nothing.

The order: what is declared, if it can be true; UTF-8, which is never valid by chance; the Cyrillic charsets
by the look of the words; a statistical guess; and last Windows-1252 with replacement marks. Nothing raises.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from charset_normalizer import from_bytes

from gateways.email.reading.cyrillic import CYRILLIC_CODECS, likely_codec

_ALIASES: Final = MappingProxyType(
    {
        "iso88591": "cp1252",  # as browsers read it: Windows has quotes where the other has nothing
        "latin1": "cp1252",
        "l1": "cp1252",
        "iso885911": "cp874",
        "iso88599": "cp1254",
        "iso88598i": "iso8859_8",
        "iso88598e": "iso8859_8",
        "iso88596i": "iso8859_6",
        "ascii": "ascii",
        "usascii": "ascii",
        "ansix341968": "ascii",
        "646": "ascii",
        "iso646us": "ascii",
        "utf8mb4": "utf-8",
        "utf8mb3": "utf-8",
        "utf8bom": "utf-8",
        "unicode11utf8": "utf-8",
        "unicode11utf7": "utf-7",
        "xunicode20utf8": "utf-8",
        "koi8r": "koi8-r",
        "koi8ru": "koi8-u",
        "koi8": "koi8-r",
        "koi": "koi8-r",
        "cskoi8r": "koi8-r",
        "gb2312": "gb18030",
        "gbk": "gb18030",
        "xgbk": "gb18030",
        "euccn": "gb18030",
        "gb231280": "gb18030",
        "ksc56011987": "cp949",
        "ksc5601": "cp949",
        "euckr": "cp949",
        "xwindows949": "cp949",
        "shiftjis": "cp932",
        "xsjis": "cp932",
        "sjis": "cp932",
        "mskanji": "cp932",
        "windows31j": "cp932",
        "iso2022jp": "iso2022_jp_ext",
        "xeucjp": "euc_jp",
        "big5": "cp950",
        "xbig5": "cp950",
        "xmaccyrillic": "mac_cyrillic",
        "macintosh": "mac_roman",
        "tis620": "cp874",
        "xuserdefined": "",
    }
)
_WINDOWS: Final = re.compile(r"^(?:x?windows|x?win|ansi|ms|x?cp|ibm|dos)(125[0-8]|8[56]\d|437|737|775|874)$")
_NO_CHARSETS: Final = frozenset(
    {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "oem", "mbcs"}
)
"""Codecs of Python that are no charsets; some take quadratic time."""
_SEVEN_BIT: Final = ("iso2022", "utf-7", "hz", "utf-16", "utf-32")
"""Charsets whose letters are pairs of ASCII bytes."""
_SINGLE_BYTE: Final = frozenset(
    {"cp1252", "cp1250", "cp1254", "iso8859-2", "iso8859-15", "ascii", *CYRILLIC_CODECS}
)
"""Charsets that are named wrongly and never complain."""
_GUESSED_BYTES: Final = 8192
_ENOUGH_LETTERS: Final = 12
"""Bytes beyond ASCII below which statistics say nothing."""
_ASCII_BYTES: Final = bytes(range(128))


@lru_cache(maxsize=512)
def codec_of(charset: str | None) -> str | None:
    """The codec for a charset as a mail names it; None for one that nobody knows."""
    name = (charset or "").strip(" \t\r\n\"';").lower().partition("*")[0][:60]
    if not name.isascii():
        return None
    key = re.sub(r"[^a-z0-9]", "", name)
    windows = _WINDOWS.match(key)
    wanted = _ALIASES.get(key) if key in _ALIASES else f"cp{windows[1]}" if windows else name
    if not wanted:
        return None
    try:
        codec = codecs.lookup(wanted)
    except (LookupError, ValueError):
        return None
    is_charset = vars(codec).get("_is_text_encoding", True)  # base64 is a codec, too
    return codec.name if is_charset and codec.name.replace("-", "_") not in _NO_CHARSETS else None


def decode(raw: bytes, declared: str | None = None) -> tuple[str, str | None]:
    """The words, and what was wrong with the charset, if anything was."""
    text, defect = _decode(raw, declared)
    return text.removeprefix("\ufeff"), defect


def _decode(raw: bytes, declared: str | None) -> tuple[str, str | None]:
    codec = codec_of(declared)
    defect = f"unknown charset {declared[:40]!r}" if declared and codec is None else None
    if raw.isascii() and not (codec and codec.startswith(_SEVEN_BIT)):
        return _ascii(raw), defect
    if codec and codec not in _SINGLE_BYTE:
        text = _strict(raw, codec)
        if text is not None:
            return text, None
        defect = f"not {declared}"
    text = _strict(raw, "utf-8")
    if text is not None:
        return text, defect or (f"UTF-8, not {declared}" if codec else None)
    return _single_byte(raw, codec, declared, defect)


def _single_byte(
    raw: bytes, codec: str | None, declared: str | None, defect: str | None
) -> tuple[str, str | None]:
    likely = likely_codec(raw, codec)
    if likely and likely != codec:
        return raw.decode(likely, "replace"), defect or (f"{likely}, not {declared}" if codec else None)
    if codec:
        text = _strict(raw, codec)
        if text is not None:
            return text, defect
        if codec in {"utf-8", "ascii"}:
            return _guessed(raw, codec), defect or f"not {declared}"
        return raw.decode(codec, "replace"), defect or f"not {declared}"
    return _guessed(raw, None), defect


def _strict(raw: bytes, codec: str) -> str | None:
    try:
        return raw.decode(codec)
    except (UnicodeError, ValueError):
        return None


def _ascii(raw: bytes) -> str:
    if b"\x1b$" in raw or b"\x1b(J" in raw:
        text = _strict(raw, "iso2022_jp_ext")
        if text is not None:
            return text
    return raw.decode("ascii")


def _guessed(raw: bytes, codec: str | None) -> str:
    """Mostly UTF-8 with a few broken letters stays UTF-8: nothing else looks like it."""
    as_utf8 = raw.decode("utf-8", "replace")
    broken = as_utf8.count("\ufffd")
    whole = sum(1 for letter in as_utf8[:_GUESSED_BYTES] if letter > "\x7f") - broken
    if whole > broken or codec == "utf-8":
        return as_utf8
    sample = _sample(raw)
    if len(sample.translate(None, _ASCII_BYTES)) < max(_ENOUGH_LETTERS, len(sample) // 4):
        return raw.decode("cp1252", "replace")  # letters of the West among Latin ones
    best = from_bytes(sample).best()
    if best is not None and best.encoding not in {"utf_8", "ascii"}:
        return raw.decode(best.encoding, "replace")
    return raw.decode("cp1252", "replace")


def _sample(raw: bytes) -> bytes:
    """The place where letters beyond ASCII begin."""
    first = next((at for at, byte in enumerate(raw) if byte > 0x7F), 0)
    return raw[max(0, first - 512) : first + _GUESSED_BYTES]
