"""How fast an account may send, from its capabilities: a bucket that fills steadily up to the burst."""

from __future__ import annotations

import math
from typing import Final

from shared.contract.capabilities import Capabilities

_ALMOST: Final = 1e-9


class Pace:
    """`now` is a clock in seconds that never goes back. A new one has its whole burst."""

    def __init__(self, capabilities: Capabilities, now: float) -> None:
        self._per_second = capabilities.messages_per_second
        self._burst = float(capabilities.burst)
        self._held = self._burst
        self._at = now

    def allowed(self, wanted: int, now: float) -> int:
        """How many of `wanted` may start now."""
        if self._per_second is None:
            return wanted
        self._held = min(self._burst, self._held + (now - self._at) * self._per_second)
        self._at = now
        return min(wanted, math.floor(self._held + _ALMOST))

    def started(self, count: int) -> None:
        """So many were started."""
        if self._per_second is not None:
            self._held -= count

    def wait_seconds(self) -> float:
        """How long after the last look until one more may start."""
        if self._per_second is None or self._held + _ALMOST >= 1:
            return 0.0
        return (1 - self._held) / self._per_second
