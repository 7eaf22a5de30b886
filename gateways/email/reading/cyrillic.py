"""Which of the Cyrillic charsets makes words of some bytes: mails declare them wrongly, or not at all.

    CP1251 read as KOI8-R: "Счет" → "яВЕР"        KOI8-R read as CP1251: "Счет" → "уЮЕФ"

Every charset decodes everything; people write words of small letters of which some are frequent.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

CYRILLIC_CODECS: Final = ("cp1251", "koi8-r", "koi8-u", "iso8859-5", "cp866")
_CANDIDATES: Final = ("cp1251", "koi8-r", "iso8859-5", "cp866")
_SAMPLE_BYTES: Final = 3000
_ENOUGH: Final = 3.0
"""Mean weight of a letter from which on the bytes are Cyrillic words."""
_CLEARLY: Final = 1.6
"""How much better another charset must fit than the declared one."""

_WEIGHTS: Final = MappingProxyType(
    {
        letter: weight
        for letters, weight in (
            ("оеаи", 9.0),
            ("нтсрвлі", 6.5),
            ("кмдпу", 4.5),
            ("яыьгзб", 3.0),
            ("чйхжшюцщэфъёєїґў", 1.5),
        )
        for letter in letters
    }
)
_PAIRS: Final = frozenset(
    pair
    for pairs in (
        "ст но то на ен ов ни ра во ко го по пр ре ро не ос ер ал ли ть от ка ан ет за ом ор ел до",
        "те ит ле да ол ва ат ме ти об та ны ив ве ин ак ик ес бе сь де ди ри мо ла ло ис ск вы ам",
        "ем ед чт ці ів ня",
    )
    for pair in pairs.split()
)
"""Frequent neighbours: what tells words from letters where all are capitals."""
_PAIR_WEIGHT: Final = 3.0
_HARMLESS: Final = frozenset("«»–—№“”„‘’…\xa0•©®°")
_HIGH: Final = re.compile(rb"[\x80-\xff]")
_HIGH_RUN: Final = re.compile(rb"[\xa1-\xff\x80-\x9f]{2}")
"""A word of two letters; lone bytes are blanks and quotes of the West."""


def likely_codec(raw: bytes, declared: str | None) -> str | None:
    """The charset whose words look right; None where none does, or the declared one may be meant."""
    sample = _sample(raw)
    if not _HIGH_RUN.search(sample):
        return None
    scores = {codec: _score(sample.decode(codec, "replace")) for codec in _CANDIDATES}
    best = max(scores, key=lambda codec: scores[codec])
    if scores[best] < _ENOUGH:
        return None
    if declared in CYRILLIC_CODECS:
        own = scores.get("koi8-r" if declared == "koi8-u" else declared, 0.0)
        return best if scores[best] > max(own, 0.5) * _CLEARLY else None
    return best


def _sample(raw: bytes) -> bytes:
    first = _HIGH.search(raw)
    start = max(0, first.start() - 1) if first else 0
    return raw[start : start + _SAMPLE_BYTES]


def _score(text: str) -> float:
    """The mean weight of what is beyond ASCII."""
    total, count = 0.0, 0
    before = " "
    for letter in text:
        if letter > "\x7f" and letter not in _HARMLESS:
            count += 1
            total += _weight(letter, before)
        elif letter.isalpha() and _is_cyrillic(before):
            total -= 6.0  # a Latin letter in a Cyrillic word
        before = letter
    return total / count if count else 0.0


def _weight(letter: str, before: str) -> float:
    if not _is_cyrillic(letter):
        return -6.0
    if before.isascii() and before.isalpha():
        return -6.0
    pair = _PAIR_WEIGHT if (before + letter).lower() in _PAIRS else 0.0
    weight = _WEIGHTS.get(letter.lower(), -2.0) + pair
    if letter.islower():
        return weight
    if not before.isalpha():
        return weight * 0.8
    return -6.0 if before.islower() else weight * 0.7


def _is_cyrillic(letter: str) -> bool:
    return "\u0400" <= letter <= "\u04ff"
