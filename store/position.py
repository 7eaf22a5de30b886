"""Where a line stands in its dialog: microseconds since 1970, unique there, one for all time.

In order: its time, or one after the last line where that is later, so that nothing already read moves.
A message of the client that is older than the last one heard, by the provider's sequence or else by time,
is late: it takes its time's place, one later until a place is free, and it is marked.
"""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime
from typing import NamedTuple

from shared.db.types import to_micros


class Heard(NamedTuple):
    """How far a dialog has been heard: the last sequence, if the provider gives one, and the last time."""

    sequence: int | None
    at: int

    def is_before(self, sequence: int | None, at: int, *, backfill: bool) -> bool:
        """Whether a message came late."""
        if sequence is not None and self.sequence is not None:
            return sequence < self.sequence
        return at < self.at or (backfill and at <= self.at)

    def after(self, sequence: int | None, at: int) -> Heard:
        """With one more message heard in order."""
        return Heard(self.sequence if sequence is None else sequence, max(self.at, at))


def message_time(sent_at: datetime | None, received_at: datetime) -> int:
    """The provider's time, which cannot be later than our hearing of it (then its clock is wrong)."""
    return to_micros(received_at if sent_at is None else min(sent_at, received_at))


def in_order(last: int, at: int) -> int:
    """The place of a line that comes in order after `last`."""
    return max(at, last + 1)


def free_place(at: int, taken: Container[int], ceiling: int | None = None) -> int:
    """The place of a late message: at its time or the next free one, below `ceiling` where that is known."""
    place = at
    if ceiling is not None and place >= ceiling:
        place = ceiling - 1
    while place in taken:
        place += 1
    if ceiling is None or place < ceiling:
        return place
    place = ceiling - 1
    while place in taken:
        place -= 1
    return place
