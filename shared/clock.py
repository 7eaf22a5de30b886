"""Time and ids as arguments: whoever needs "now" or a new id is given one, so tests choose both.

Every instant is an aware UTC datetime; a naive one never leaves or enters this file.
"""

import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

_MILLISECONDS_BITS: Final = 48
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """What tells the time."""

    def now(self) -> datetime:
        """The present instant, aware, UTC."""
        ...


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until it is moved."""

    def __init__(self, start: datetime) -> None:
        self._now = _utc(start)

    def now(self) -> datetime:
        return self._now

    def advance(self, step: timedelta) -> datetime:
        """Move by `step` (backwards too) and say the new instant."""
        self._now += step
        return self._now

    def set(self, instant: datetime) -> None:
        self._now = _utc(instant)


def uuid7(at: datetime | None = None) -> UUID:
    """A UUIDv7 (RFC 9562): 48 bits of milliseconds, 12 of their fraction, 62 random ones.

    Ids made in one process within the same millisecond still sort by time; nobody may depend on that.
    """
    nanoseconds = time.time_ns() if at is None else (_utc(at) - _EPOCH) // timedelta(microseconds=1) * 1000
    milliseconds, rest = divmod(nanoseconds, 1_000_000)
    if not 0 <= milliseconds < 1 << _MILLISECONDS_BITS:
        raise ValueError("a UUIDv7 holds instants of the years 1970 to 10889 only")
    fraction = rest * 4096 // 1_000_000
    value = milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | secrets.randbits(62)
    return UUID(int=value)


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError(
            "an instant without a time zone: give an aware one, for example datetime(…, tzinfo=UTC)"
        )
    return instant.astimezone(UTC)
