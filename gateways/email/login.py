"""Logging in at one server for one account, by password or by token, never so often that it is locked.

After the third refusal in a row the account needs somebody; we try again now and then all the same.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, NoReturn, TypeAlias

from gateways.email.oauth import Tokens
from shared.failure import ChannelDown, Retryable
from shared.log import get_logger

log = get_logger()

MOST_REFUSALS: Final = 3
SOON_SECONDS: Final = 5.0
REFUSED_WORDS: Final = "The mail server refuses the log-in of this account: renew its secret."
BRINGS_DOWN: Final = "login_needed: "


class LoginRefused(Exception):
    """The server does not let us in; its words."""


@dataclass(frozen=True, slots=True)
class Credentials:
    user: str
    secret: str
    by_token: bool


Try: TypeAlias = Callable[[Credentials], Awaitable[None]]
"""Raises `LoginRefused`."""


class Login:
    """One for each account and server. `tokens` where the account uses OAuth2."""

    def __init__(self, user: str, password: str, tokens: Tokens | None, again_seconds: float) -> None:
        self._user = user
        self._password = password
        self._tokens = tokens
        self._again_seconds = again_seconds
        self._refusals = 0
        self._not_before = 0.0
        self._turn = asyncio.Lock()

    async def log_in(self, attempt: Try) -> None:
        """Raises `ChannelDown` when somebody has to act, `Retryable`, or what `attempt` does."""
        async with self._turn:
            self._require()
            try:
                await attempt(await self._credentials(fresh=False))
            except LoginRefused as refused:
                if self._tokens is None:
                    self._refused(refused)
                await self._with_fresh_token(attempt)
            self._refusals = 0

    async def _with_fresh_token(self, attempt: Try) -> None:
        """The server may have forgotten a token before its time."""
        try:
            await attempt(await self._credentials(fresh=True))
        except LoginRefused as refused:
            self._refused(refused)

    async def _credentials(self, *, fresh: bool) -> Credentials:
        if self._tokens is None:
            return Credentials(self._user, self._password, by_token=False)
        return Credentials(self._user, await self._tokens.token(fresh=fresh), by_token=True)

    def _require(self) -> None:
        if self._refusals >= MOST_REFUSALS and time.monotonic() < self._not_before:
            raise ChannelDown(BRINGS_DOWN + REFUSED_WORDS)

    def _refused(self, refused: LoginRefused) -> NoReturn:
        self._refusals += 1
        log.warning("login_refused", reason=str(refused), refusals=self._refusals)
        if self._refusals < MOST_REFUSALS:
            raise Retryable(SOON_SECONDS * self._refusals, "account") from None
        self._not_before = time.monotonic() + self._again_seconds
        raise ChannelDown(BRINGS_DOWN + REFUSED_WORDS) from None
