"""Who has a workplace open (OP5): a lease per operator and desk that the desk renews. Pure.

An operator is present while any desk says so. When nothing was heard for a while (a takeover, an outage,
a stall of ours) nobody is declared absent for it: every lease gets its full grace first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

GRACE: Final = timedelta(seconds=30)
"""More than a desk's pause between renewals, whatever delayed them on the way."""
SILENCE: Final = timedelta(seconds=5)
"""A pause between two looks that is longer means that we, not the desks, were away."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One operator at one desk, until when."""

    operator_id: UUID
    desk: str
    until: datetime


class Presence:
    """All seats. Changed only by its methods; `present` is what they add up to."""

    def __init__(self, seats: Iterable[Seat] = ()) -> None:
        self._seats = {(seat.operator_id, seat.desk): seat for seat in seats}
        self._looked: datetime | None = None

    def present(self) -> frozenset[UUID]:
        """Operators with at least one seat."""
        return frozenset(operator for operator, _desk in self._seats)

    def renew(self, desk: str, operators: Iterable[UUID], until: datetime) -> tuple[list[Seat], list[Seat]]:
        """The desk's seats from now on; returns those taken or renewed, and those left."""
        taken = [Seat(operator, desk, until) for operator in dict.fromkeys(operators)]
        here = {seat.operator_id for seat in taken}
        left = [seat for seat in self._seats.values() if seat.desk == desk and seat.operator_id not in here]
        self._remove(left)
        self._seats |= {(seat.operator_id, desk): seat for seat in taken}
        return taken, left

    def seat(self, operator_id: UUID, desk: str) -> Seat | None:
        """The seat as it is now."""
        return self._seats.get((operator_id, desk))

    def expire(self, now: datetime) -> list[Seat]:
        """The seats that are over, removed; none after a silence of our own."""
        silent = self._looked is None or now - self._looked > SILENCE
        self._looked = now
        if silent:
            self._seats = {
                place: Seat(seat.operator_id, seat.desk, max(seat.until, now + GRACE))
                for place, seat in self._seats.items()
            }
        over = [seat for seat in self._seats.values() if seat.until <= now]
        self._remove(over)
        return over

    def _remove(self, seats: Iterable[Seat]) -> None:
        for seat in seats:
            self._seats.pop((seat.operator_id, seat.desk), None)
