"""Every failure that this house tells apart, and the one function that decides its fate.

    Failure
    ├── Unavailable          our own database or broker is away: wait, the message keeps its place
    ├── LeaseLost            somebody else is the active one: drop everything and stand by
    ├── Retryable            the provider says "later": pause this dialog or account
    ├── ChannelDown          the account cannot work until somebody acts (token revoked, banned)
    ├── Rejected             this message can never be sent: tell the operator why
    ├── Unconfirmed          nobody knows whether it was sent: never repeated by itself
    ├── Unroutable           the broker has no queue for it: a permanent failure of that message alone
    └── Undecodable          bytes that are not a message of ours: park them with the reason

A connector raises one of `Retryable`, `Rejected`, `Unconfirmed`, `ChannelDown` and nothing else.
"""

from __future__ import annotations

import asyncio
from enum import Enum
from typing import Literal

MAX_ATTEMPTS = 5
"""Tries of a delivery that fails by our own bug before it is parked."""


class Failure(Exception):
    """Root of the tree above."""


class Unavailable(Failure):
    """Our database or broker cannot be reached; nothing is known to be wrong with the message."""


class LeaseLost(Failure):
    """The lease that fences this transaction belongs to somebody else now."""


class Retryable(Failure):
    """The provider asks to wait `after` seconds; `scope` is what waits."""

    def __init__(self, after: float, scope: Literal["dialog", "account"] = "dialog") -> None:
        super().__init__(f"retry the {scope} after {after:g} s")
        self.after = after
        self.scope: Literal["dialog", "account"] = scope


class ChannelDown(Failure):
    """The account is out of work until its probe is well again."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Rejected(Failure):
    """The provider, or we, will never send this message; `words` go to the operator."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(f"{code}: {words}")
        self.code = code
        self.words = words


class Unconfirmed(Failure):
    """The request left us and no answer came: the operator decides whether to send again."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class Unroutable(Failure):
    """The broker returned the message: no queue is bound for its key."""

    def __init__(self, exchange: str, routing_key: str) -> None:
        super().__init__(f"no queue takes {routing_key!r} from exchange {exchange!r}")
        self.exchange = exchange
        self.routing_key = routing_key


class Undecodable(Failure):
    """Bytes that do not follow the contract; `reason` is one line, without the bytes."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Fate(Enum):
    """What becomes of a delivery or of a send."""

    DONE = "commit, acknowledge"
    WAIT = "wait in place, the message keeps its place"
    STAND_BY = "drop what is held, stand by"
    PAUSE = "pause this dialog or account, then again"
    STOP_ACCOUNT = "stop this account until its probe is well"
    FAILED = "the message is failed, with words for the operator; acknowledge"
    UNCONFIRMED = "the message is unconfirmed; acknowledge"
    PARK = "park with the reason and the raw bytes, acknowledge"
    RETRY = "try again alone, its attempt number committed first"
    RETURN = "no acknowledgement: the broker delivers it again"


_FATES: tuple[tuple[type[BaseException], Fate], ...] = (
    (asyncio.CancelledError, Fate.RETURN),
    (Unavailable, Fate.WAIT),
    (LeaseLost, Fate.STAND_BY),
    (Retryable, Fate.PAUSE),
    (ChannelDown, Fate.STOP_ACCOUNT),
    (Rejected, Fate.FAILED),
    (Unconfirmed, Fate.UNCONFIRMED),
    (Unroutable, Fate.PARK),
    (Undecodable, Fate.PARK),
)


def fate(error: BaseException | None, attempt: int = 1) -> Fate:
    """The fate of a message whose handling ended with `error`, at its `attempt`-th try (from 1).

    =======================  ==============  =====================================
    raised                   fate            who notices
    =======================  ==============  =====================================
    nothing                  DONE            nobody
    Unavailable              WAIT            readiness, a metric
    LeaseLost                STAND_BY        readiness, a log line
    Retryable                PAUSE           the channel's health
    ChannelDown              STOP_ACCOUNT    operators, an alarm
    Rejected                 FAILED          the operator
    Unconfirmed              UNCONFIRMED     the operator
    Unroutable, Undecodable  PARK            an alarm, replay
    CancelledError           RETURN          nobody
    any other: our own bug   RETRY, at the fifth attempt PARK with the traceback
    =======================  ==============  =====================================
    """
    if error is None:
        return Fate.DONE
    for kind, outcome in _FATES:
        if isinstance(error, kind):
            return outcome
    return Fate.RETRY if attempt < MAX_ATTEMPTS else Fate.PARK
