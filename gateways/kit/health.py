"""How an account does (BY10), as a table. Pure: the signs come with their times.

=================  ======================================================  ==================================
sign               what it means                                           becomes
=================  ======================================================  ==================================
`Probed`           the account was asked, and works                        well; of degraded, a trouble less
`Delivered`        the provider took something                             well, if it was degraded
`Troubled`         no answer, or a broken one: the third in a row          degraded
`Paused(until)`    we have to be quiet, for a second or more               throttled
`Stopped(reason)`  the account cannot work until somebody acts             down, login_needed
`Passed(now)`      time has passed                                         well, when the pause is over
=================  ======================================================  ==================================

Who is down or has to log in stays so until a probe is well: what was on its way while it went down proves
nothing. A reason that begins with `login_needed` asks the operator to log in again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

State: TypeAlias = Literal["unknown", "well", "degraded", "down", "login_needed", "throttled"]

TROUBLES: Final = 3
SHORTEST_PAUSE: Final = timedelta(seconds=1)
"""A shorter pause, or one that ends so little later than the last, is not worth telling."""
LOGIN_NEEDED: Final = "login_needed"


@dataclass(frozen=True, slots=True)
class Probed:
    """A probe was well."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """The provider took a message, or gave some."""


@dataclass(frozen=True, slots=True)
class Troubled:
    reason: str


@dataclass(frozen=True, slots=True)
class Paused:
    now: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Stopped:
    reason: str


@dataclass(frozen=True, slots=True)
class Passed:
    now: datetime


Sign: TypeAlias = Probed | Delivered | Troubled | Paused | Stopped | Passed


@dataclass(frozen=True, slots=True)
class Health:
    """`troubles` in a row are not told to anybody."""

    state: State = "unknown"
    reason: str | None = None
    until: datetime | None = None
    troubles: int = 0

    @property
    def stopped(self) -> bool:
        """Whether nothing may be sent until a probe is well."""
        return self.state in ("down", "login_needed")

    def tells(self, before: Health) -> bool:
        """Whether this is news after `before`."""
        return (self.state, self.reason, self.until) != (before.state, before.reason, before.until)


WELL: Final = Health("well")


def after(health: Health, sign: Sign) -> Health:
    """The health after a sign; the same object where nothing changes."""
    match sign:
        case Probed():
            return _probed(health)
        case Delivered():
            quiet = replace(health, troubles=0) if health.troubles else health
            return WELL if health.state == "degraded" else quiet
        case Troubled(reason=reason):
            return _troubled(health, reason)
        case Paused(now=now, until=until):
            return _paused(health, now, until)
        case Stopped(reason=reason):
            return _unless_same(health, _stopped(reason))
        case Passed(now=now):
            over = health.state == "throttled" and health.until is not None and health.until <= now
            return WELL if over else health


def _probed(health: Health) -> Health:
    if health.state in ("well", "throttled"):
        return health
    if health.state == "degraded" and health.troubles > 1:
        return replace(health, troubles=health.troubles - 1)
    return WELL


def _troubled(health: Health, reason: str) -> Health:
    if health.stopped or health.state == "throttled":
        return health
    count = min(TROUBLES, health.troubles + 1)
    if count < TROUBLES or health.state == "degraded":
        return replace(health, troubles=count)
    return Health("degraded", reason, troubles=count)


def _paused(health: Health, now: datetime, until: datetime) -> Health:
    known = health.until if health.state == "throttled" and health.until is not None else now
    if health.stopped or until - known < SHORTEST_PAUSE:
        return health
    return Health("throttled", until=until)


def _stopped(reason: str) -> Health:
    word, _, rest = reason.partition(":")
    if word.strip() == LOGIN_NEEDED:
        return Health("login_needed", rest.strip() or None)
    return Health("down", reason)


def _unless_same(health: Health, new: Health) -> Health:
    return health if health == new else new
