"""How fast one visitor may write: a bucket that fills again, per visitor, in memory of one replica."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

CROWD: Final = 50_000
"""Visitors remembered; above it those whose bucket is full are forgotten."""


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Rate:
    """At most `messages` in any `seconds`, for each visitor."""

    def __init__(self, messages: int, seconds: float) -> None:
        self.messages = messages
        self.seconds = seconds
        self._each = seconds / messages
        self._buckets: dict[str, _Bucket] = {}

    def take(self, visitor: str, now: float) -> float:
        """0 when the visitor may write now, else in how many seconds; `now` is any monotonic time."""
        bucket = self._buckets.get(visitor)
        if bucket is None:
            if len(self._buckets) >= CROWD:
                self._forget_idle(now)
            bucket = self._buckets[visitor] = _Bucket(float(self.messages), now)
        bucket.left = min(float(self.messages), bucket.left + max(0.0, now - bucket.at) / self._each)
        bucket.at = now
        if bucket.left < 1:
            return (1 - bucket.left) * self._each
        bucket.left -= 1
        return 0.0

    def _forget_idle(self, now: float) -> None:
        full = [visitor for visitor, bucket in self._buckets.items() if now - bucket.at >= self.seconds]
        for visitor in full:
            del self._buckets[visitor]
