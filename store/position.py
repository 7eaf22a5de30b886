"""Where a line stands in its dialog: microseconds since 1970, unique there, one for all time.

In order: its time, or a step after the last line where that is later, so that nothing already read moves.
A message of the client that is older than the last one heard, by the provider's sequence or else by time,
is late: it takes its time's place, or one between the lines that the provider, or else the time, puts before
and after it where those had to stand elsewhere; and it is marked.
"""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime
from typing import Final, NamedTuple

from shared.db.types import to_micros

STEP: Final = 1_000
"""Left free behind a line that could not have its time's place: what comes late may belong there."""


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


class Bounds(NamedTuple):
    """The places of the lines before and after a late message; none: there is no such line."""

    floor: int | None = None
    ceiling: int | None = None

    def narrowed(self, place: int, *, before: bool) -> Bounds:
        """With one more line that stands before the message, or after it."""
        if before:
            floor = place if self.floor is None else max(self.floor, place)
            ceiling = None if self.ceiling is not None and self.ceiling <= floor else self.ceiling
            return Bounds(floor, ceiling)
        if self.floor is not None and place <= self.floor:
            return self
        return Bounds(self.floor, place if self.ceiling is None else min(self.ceiling, place))

    def nearest(self, at: int) -> int:
        """Its time's place, or the middle between the lines where that is not between them."""
        floor, ceiling = self
        if (floor is None or at > floor) and (ceiling is None or at < ceiling):
            return at
        if floor is None:
            return at if ceiling is None else ceiling - 1
        return floor + STEP if ceiling is None else max(floor + 1, (floor + ceiling) // 2)


ANYWHERE: Final = Bounds()


def in_order(last: int, at: int) -> int:
    """The place of a line that comes in order after `last`."""
    return at if at > last else last + STEP


def free_place(at: int, taken: Container[int], bounds: Bounds = ANYWHERE) -> int:
    """The place of a late message: the nearest, or the next free one, below the ceiling if there is one."""
    start = place = bounds.nearest(at)
    while place in taken:
        place += 1
    if bounds.ceiling is None or place < bounds.ceiling:
        return place
    place = min(start, bounds.ceiling - 1)
    while place in taken:
        place -= 1
    return place
