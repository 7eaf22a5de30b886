"""OAuth2: access tokens from a refresh token, renewed before they end. RFC 6749, section 6.

    POST token_url  grant_type=refresh_token&refresh_token=…&client_id=…
    200 {"access_token": "…", "expires_in": 3600}      400 {"error": "invalid_grant"}: taken back by its owner

A new refresh token that comes with an answer is used from then on, and never written down: the old one is
good for the next start.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from gateways.email.accounts import EmailAccount
from gateways.kit.http import Answer, GuardedClient
from gateways.kit.payload import Malformed
from gateways.kit.unfetched import Unfetched
from shared.failure import ChannelDown, Retryable
from shared.log import get_logger, protect

log = get_logger()

EARLY_SECONDS: Final = 300.0
"""Before its end a token is renewed, or in the second half of a short life."""
USUAL_SECONDS: Final = 3600.0
LATER_SECONDS: Final = 15.0
REVOKED_WORDS: Final = "login_needed: Access by OAuth2 was taken back: grant it again and renew the secret."
_GONE: Final = ("invalid_grant", "invalid_client", "unauthorized_client", "interaction_required")


@dataclass(frozen=True, slots=True)
class _Token:
    value: str
    good_until: float


class Tokens:
    """One for each account."""

    def __init__(self, account: EmailAccount, client: GuardedClient) -> None:
        self._account = account
        self._client = client
        self._refresh_token = account.secret.get_secret_value()
        self._token: _Token | None = None
        self._turn = asyncio.Lock()

    async def token(self, *, fresh: bool = False) -> str:
        """One that is good for a while; `fresh`: not the one that was just refused.

        Raises `ChannelDown` when the access was taken back, `Retryable` when nobody answers.
        """
        before = self._token
        async with self._turn:
            held = self._token
            renewed = held is not before
            if held is None or time.monotonic() >= held.good_until or (fresh and not renewed):
                held = self._token = await self._renewed()
            return held.value

    async def _renewed(self) -> _Token:
        account = self._account
        form = {
            "grant_type": "refresh_token",
            "refresh_token": self._refresh_token,
            "client_id": account.client_id or "",
        }
        if secret := account.client_secret.get_secret_value():
            form["client_secret"] = secret
        if account.scope:
            form["scope"] = account.scope
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        try:
            answer = await self._client.fetch(
                "POST", account.token_url or "", headers=headers, body=urlencode(form).encode()
            )
        except Unfetched as error:
            log.warning("token_not_renewed", account=account.slug, reason=error.code)
            raise Retryable(LATER_SECONDS, "account") from None
        said = _object(answer)
        token, refusal = said.get("access_token"), said.get("error")
        if answer.status == 200 and isinstance(token, str) and token:
            return self._taken(token, said)
        log.warning("token_not_renewed", account=account.slug, status=answer.status, reason=str(refusal)[:60])
        if answer.status in (400, 401, 403) and refusal in _GONE:
            raise ChannelDown(REVOKED_WORDS)
        raise Retryable(LATER_SECONDS, "account")

    def _taken(self, token: str, said: dict[str, Any]) -> _Token:
        seconds = said.get("expires_in")
        lives = float(seconds) if isinstance(seconds, int | float) and seconds > 0 else USUAL_SECONDS
        refresh_token = said.get("refresh_token")
        if isinstance(refresh_token, str) and refresh_token:
            self._refresh_token = refresh_token
        protect((token, self._refresh_token))
        return _Token(token, time.monotonic() + max(lives - EARLY_SECONDS, lives / 2))


def _object(answer: Answer) -> dict[str, Any]:
    try:
        said = answer.json()
    except Malformed:
        return {}
    return said if isinstance(said, dict) else {}
