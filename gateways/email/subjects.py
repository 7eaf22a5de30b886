"""Subjects: what stays when the marks of answers and forwards are taken away, and how ours begins. Pure."""

from __future__ import annotations

import re
from typing import Final

_ANSWER: Final = r"re|aw|sv|antw|vs|ref|rif|odp|отв|ответ|на|hа"
_FORWARD: Final = r"fwd?|wg|tr|пер|пересл|перенаправлено"
_PREFIX: Final = re.compile(
    rf"\s*(?:(?:{_ANSWER}|{_FORWARD})(?:\[\d+\]|\(\d+\))?\s*:|\[[^\]]{{1,20}}\])", re.IGNORECASE
)
_ANSWERS: Final = re.compile(
    rf"\s*(?:\[[^\]]{{1,20}}\]\s*)?(?:{_ANSWER})(?:\[\d+\]|\(\d+\))?\s*:", re.IGNORECASE
)
LONGEST: Final = 150


def bare(subject: str) -> str:
    """The subject that a thread has, for comparing: without `Re:`, `Fwd:`, `Отв:`, list tags and case."""
    rest = subject
    while found := _PREFIX.match(rest):
        rest = rest[found.end() :]
    return " ".join(rest.split()).casefold()[:LONGEST]


def answers(subject: str) -> bool:
    """Whether it begins as an answer."""
    return _ANSWERS.match(subject) is not None


def of_answer(subject: str) -> str:
    """`Re: …`, once."""
    rest = " ".join(subject.split())
    while found := _ANSWERS.match(rest):
        rest = rest[found.end() :].lstrip()
    return f"Re: {rest}" if rest else "Re:"
