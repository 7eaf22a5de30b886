"""Why a live connection ends: the code that closes it, what the page is told, and when it may come back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SERVICE_RESTART: Final = 1012
TRY_LATER: Final = 1013
POLICY: Final = 1008
NO_SESSION: Final = 4401


@dataclass(frozen=True, slots=True)
class Ending(Exception):  # it is how a connection ends, not a mistake
    """Raised in any task of a connection; ends all of them."""

    code: int
    reason: str
    retry_after: float | None = None

    def __str__(self) -> str:
        return self.reason


def no_session() -> Ending:
    return Ending(NO_SESSION, "session")


def slow() -> Ending:
    return Ending(TRY_LATER, "slow", 1)


def idle() -> Ending:
    return Ending(POLICY, "idle", 1)


def broke_the_protocol() -> Ending:
    return Ending(POLICY, "protocol", 5)


def stopping(retry_after: float) -> Ending:
    return Ending(SERVICE_RESTART, "stopping", retry_after)
