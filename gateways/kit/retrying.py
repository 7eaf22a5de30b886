"""Sends that are tried again because the other side is in trouble, not because it asked us to be slow."""

from __future__ import annotations

from typing import Literal

from shared.failure import Retryable, Unconfirmed


class Troubling(Retryable):
    """Again, later; the account's health hears of it. `words` are for operators."""

    def __init__(self, after: float, words: str, scope: Literal["dialog", "account"] = "dialog") -> None:
        super().__init__(after, scope)
        self.words = words


class Repeatable(Unconfirmed):
    """Nobody knows whether it was sent, and a repeat is dropped as yet: again, `after` so many seconds."""

    def __init__(self, after: float, words: str) -> None:
        super().__init__(words)
        self.after = after


class InPart(Retryable):
    """Again, as `why` says; a part of the message is with the provider already, and is not sent again."""

    def __init__(self, why: Retryable) -> None:
        super().__init__(why.after, why.scope)
        self.why: Retryable = why.why if isinstance(why, InPart) else why


def later_after(sent: int, why: Retryable) -> Retryable:
    """The wait of a message of which so many requests were taken before."""
    return InPart(why) if sent else why
