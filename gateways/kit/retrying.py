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
