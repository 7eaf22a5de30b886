"""What an answer of an SMTP server means for a mail that it surely has not taken. Pure.

421 4.3.2 Closing     451 4.7.1 Greylisted     550 5.1.1 No such person     535 5.7.8 Wrong password
"""

from __future__ import annotations

from typing import Final

from gateways.email.login import BRINGS_DOWN, REFUSED_WORDS
from gateways.kit.text import clean_line
from shared.failure import ChannelDown, Failure, Rejected, Retryable

CLOSING_SECONDS: Final = 30.0
GREYLISTED_SECONDS: Final = (300.0, 600.0, 900.0)
"""By how often the mail was put off."""
TOO_BIG_WORDS: Final = "The mail server does not take a mail of this size."
_TOO_BIG: Final = (552, 523)
_LOG_IN: Final = (530, 534, 535, 538)


def judged(code: int, words: str, refusals: int = 0) -> Failure:
    """The failure of a connector; `refusals`: how often the mail was put off before."""
    said = clean_line(words, 300)
    if code == 421:
        return Retryable(CLOSING_SECONDS, "account")
    if code in _LOG_IN:
        return ChannelDown(BRINGS_DOWN + REFUSED_WORDS)
    if code in _TOO_BIG or "5.3.4" in said:
        return Rejected("too_big", f"{TOO_BIG_WORDS} ({code} {said})")
    if 400 <= code < 500:
        return Retryable(GREYLISTED_SECONDS[min(refusals, len(GREYLISTED_SECONDS) - 1)], "dialog")
    return Rejected("refused", f"The mail server refuses it: {code} {said}")
