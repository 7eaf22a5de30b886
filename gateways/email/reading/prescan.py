"""What a mail may be at most, and the look at its raw bytes that refuses the rest before anything is parsed.

Everything else that reading does is linear in what passes here: a bomb costs one search through its bytes.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

from gateways.email.mail import UnreadableMail

HEADER_BYTES: Final = 64 * 1024
"""Of one header block; servers refuse more, and decoding is what a bomb wants us to do."""
DEEPEST: Final = 50
"""Multiparts within one another."""
MOST_PARTS: Final = 500
MOST_FIELDS: Final = 1000
"""Of one header block."""
MOST_RECIPIENTS: Final = 2000
"""Of one field; the rest stands in the raw mail."""
MOST_ENCODED_WORDS: Final = 1000
"""Of the top header block."""

REFUSALS: Final = MappingProxyType(
    {
        "empty": ("the mail is empty", "письмо пустое"),
        "headers": ("its headers are longer than 64 KB", "заголовки письма длиннее 64 КБ"),
        "fields": ("it has more than 1000 header fields", "в письме больше 1000 полей заголовка"),
        "words": (
            "its headers have more than 1000 encoded words",
            "в заголовках больше 1000 кодированных слов",
        ),
        "depth": ("its parts lie more than 50 deep in one another", "вложенность частей письма больше 50"),
        "parts": ("it has more than 500 parts", "в письме больше 500 частей"),
        "time": ("reading it took longer than 5 seconds", "чтение письма заняло больше 5 секунд"),
        "memory": ("reading it took too much memory", "чтение письма заняло слишком много памяти"),
        "crash": (
            "reading it broke the process that read",
            "чтение письма сломало процесс, который его читал",
        ),
        "bug": ("our program failed on it", "на этом письме ошиблась наша программа"),
    }
)
"""Why a mail is not read: its one word, and the words for an operator in English and Russian."""

_END_OF_HEADERS: Final = re.compile(rb"\r?\n[ \t]*\r?\n|\r\r")
_ENCODED_WORD: Final = re.compile(rb"=\?[^?\s]{1,60}\?[bq]\?", re.IGNORECASE)


def refusal(reason: str) -> UnreadableMail:
    """`reason` is a key of `REFUSALS`."""
    return UnreadableMail(reason, REFUSALS[reason][0])


def prescan(raw: bytes) -> None:
    """Raises `UnreadableMail` for what nobody should try to parse."""
    if not raw.strip(b"\r\n\t \x00"):
        raise refusal("empty")
    end = _END_OF_HEADERS.search(raw, 0, HEADER_BYTES + 4)
    if end is None and len(raw) > HEADER_BYTES and _looks_like_headers(raw):
        raise refusal("headers")
    head = raw[: end.start()] if end else raw[:HEADER_BYTES]
    if head.count(b"\n") + head.count(b"\r") > 2 * MOST_FIELDS and head.count(b":") > MOST_FIELDS:
        raise refusal("fields")
    if sum(1 for _ in _ENCODED_WORD.finditer(head)) > MOST_ENCODED_WORDS:
        raise refusal("words")


def _looks_like_headers(raw: bytes) -> bool:
    """Words without any header may be long: they are a body."""
    return re.match(rb"(?:>?From [^\n]*\n)?[!-9;-~]{1,100}[ \t]*:", raw) is not None
