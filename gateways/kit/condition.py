"""The health of one account while we own it: hears signs, tells what is new, probes what is not well."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NoReturn

from gateways.kit.channel import Channel
from gateways.kit.health import Delivered, Health, Paused, Probed, Sign, Stopped, Troubled, after
from gateways.kit.retrying import Troubling
from gateways.kit.unfetched import Unfetched
from shared.clock import Clock
from shared.contract.inbound import AccountHealth
from shared.failure import ChannelDown, Failure, Retryable, Unavailable
from shared.log import get_logger
from shared.metrics import CHANNEL_UP

log = get_logger()

PROBE_SECONDS: Final = 15.0
"""Between two probes of one account."""
PROBE_LIMIT_SECONDS: Final = 10.0
WELL_ENOUGH: Final = ("well", "throttled")
"""States in which a probe could tell nothing."""

Announce = Callable[[AccountHealth], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Account:
    """Which account this is, in metrics, reports and logs."""

    channel: str
    slug: str


class Condition:
    """`hear` from anywhere; `tell_always` and `probe_always` run while the account is ours."""

    def __init__(self, account: Account, clock: Clock) -> None:
        self.health = Health()
        self._account = account
        self._clock = clock
        self._news: deque[tuple[Health, datetime]] = deque()
        self._new = asyncio.Event()
        self._unwell = asyncio.Event()
        self._unwell.set()
        self._asked = False

    @property
    def may_send(self) -> bool:
        """The account is not known to be stopped, and was asked once whether it works."""
        return self._asked and not self.health.stopped

    @property
    def may_chat(self) -> bool:
        """Whether the provider may be told what can be left out, too: there is no reason for silence."""
        return self.may_send and self.health.state != "throttled"

    def hear(self, sign: Sign) -> None:
        before, self.health = self.health, after(self.health, sign)
        if not self.health.tells(before):
            return
        if self.health.state in WELL_ENOUGH:
            self._unwell.clear()
        else:
            self._unwell.set()
        account, health = self._account, self.health
        CHANNEL_UP.labels(account.channel, account.slug).set(0 if health.stopped else 1)
        log.info("health_changed", account=account.slug, state=health.state, reason=health.reason)
        self._news.append((health, self._clock.now()))
        self._new.set()

    async def heard(self, error: Exception | None) -> None:
        """What taking in from the provider ended with: for `Poller`. Our own outages are no sign of it."""
        match error:
            case Unavailable():
                return
            case None:
                self.hear(Probed() if self.health.stopped else Delivered())
            case _:
                self.hear(self._sign_of(error))

    async def tell_always(self, announce: Announce) -> NoReturn:
        """Announces what changed, in order; run it once the account is declared."""
        while True:
            await self._new.wait()
            self._new.clear()
            while self._news:
                health, at = self._news.popleft()
                fact = {"state": health.state, "reason": health.reason, "until": health.until, "at": at}
                account = {"channel": self._account.channel, "account": self._account.slug}
                await announce(AccountHealth.model_validate(account | fact))

    async def probe_always(self, channel: Channel, asked: Callable[[], None]) -> NoReturn:
        """Asks the account while it is not well, and calls `asked` after each time.

        What goes wrong after the first time, at the start, is asked about at once; later ones are spaced.
        """
        last = -math.inf
        while True:
            await self._unwell.wait()
            await asyncio.sleep(max(0.0, last + PROBE_SECONDS - time.monotonic()))
            if self.health.state in WELL_ENOUGH:
                continue
            if self._asked:
                last = time.monotonic()
            await self._probe(channel)
            self._asked = True
            asked()

    async def _probe(self, channel: Channel) -> None:
        try:
            async with asyncio.timeout(PROBE_LIMIT_SECONDS):
                await channel.probe()
        except Exception as error:  # noqa: BLE001  # a bug in a probe is a trouble too, never the end of us
            log.warning("probe_failed", account=self._account.slug, reason=_words(error))
            self.hear(self._sign_of(error))
        else:
            self.hear(Probed())

    def _sign_of(self, error: Exception) -> Sign:
        """What a probe, or taking in, that ended so tells of the account."""
        match error:
            case ChannelDown(reason=reason):
                return Stopped(reason)
            case Retryable(after=after) if not isinstance(error, Troubling):
                now = self._clock.now()
                return Paused(now, now + timedelta(seconds=after))
        return Troubled(_words(error))


@dataclass(frozen=True, slots=True)
class Owned:
    """An account whose lease this process holds."""

    channel: Channel
    condition: Condition


def _words(error: Exception) -> str:
    """Words for operators; those of a bug may hold anything, so its name alone is told."""
    if isinstance(error, Unfetched | Troubling):
        return error.words
    return str(error) if isinstance(error, Failure) else type(error).__name__
