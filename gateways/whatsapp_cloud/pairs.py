"""How fast one number may write to one person: a message in six seconds, 45 at once after a rest.

Source: Meta's reference of throughput, pair rate limits (2026-05). Above it Meta answers 131056.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final
from uuid import UUID

from gateways.kit.pace import Pace
from shared.contract.capabilities import Capabilities
from shared.failure import Rejected, Retryable

SECONDS: Final = 6.0
BURST: Final = 45
REMEMBERED: Final = 10_000
"""Dialogs; who has not been written to for long has all of its burst again anyway."""
MOST_TRIES: Final = 10
LONGEST_SECONDS: Final = 600.0
GIVEN_UP_WORDS: Final = "WhatsApp put it off ten times: it may go when it is sent again."

_LIMIT: Final = Capabilities(messages_per_second=1 / SECONDS, burst=BURST)


class Pairs:
    """One for each account; `now` is a clock in seconds that never goes back."""

    def __init__(self) -> None:
        self._paces: OrderedDict[UUID, Pace] = OrderedDict()

    def take(self, dialog: UUID, count: int, now: float) -> None:
        """So many messages go to the dialog now; raises `Retryable` when that is too many."""
        pace = self._paces.setdefault(dialog, Pace(_LIMIT, now))
        self._paces.move_to_end(dialog)
        if len(self._paces) > REMEMBERED:
            self._paces.popitem(last=False)
        if pace.allowed(min(count, BURST), now) < min(count, BURST):
            raise Retryable(max(pace.wait_seconds(), 1.0), "dialog")
        pace.started(count)


class Patience:
    """Pauses of one message that grow, and end: a dialog must not wait for ever for what is never taken."""

    def __init__(self) -> None:
        self._tries: OrderedDict[UUID, int] = OrderedDict()

    def judged(self, message: UUID, error: Retryable) -> Retryable | Rejected:
        """What becomes of the message after one more time."""
        if error.scope == "account":
            return error
        tries = self._tries.pop(message, 0) + 1
        if tries >= MOST_TRIES:
            return Rejected("not_taken", GIVEN_UP_WORDS)
        self._tries[message] = tries
        if len(self._tries) > REMEMBERED:
            self._tries.popitem(last=False)
        return Retryable(min(error.after * 2.0 ** (tries - 1), LONGEST_SECONDS), "dialog")

    def forget(self, message: UUID) -> None:
        self._tries.pop(message, None)
