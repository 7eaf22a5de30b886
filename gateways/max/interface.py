"""Requests to MAX: each once, with the bot's token in a header that no redirect takes elsewhere.

`asked` tells what never was sent from what nobody knows; `news` waits as long as a long poll may take.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiohttp import MultipartWriter
from pydantic import SecretStr

from gateways.kit.http import Answer, GuardedClient, Limits
from gateways.kit.request import (
    AGAIN_SECONDS,
    BLOCKED_WORDS,
    GRACE_SECONDS,
    POLLED_BYTES,
    UNCONFIRMED_WORDS,
    UPLOAD_LIMITS,
    Request,
)
from gateways.kit.unfetched import Blocked, Unfetched
from shared.failure import ChannelDown, Retryable, Unconfirmed

ANSWER_LIMITS: Final = Limits(bytes=POLLED_BYTES)


class Interface:
    """One bot's. A request's `json` goes only where there is some."""

    def __init__(
        self, client: GuardedClient, address: str, token: SecretStr, limits: Limits = ANSWER_LIMITS
    ) -> None:
        self._client = client
        self._address = address.rstrip("/")
        self._token = token
        self._limits = limits

    @property
    def headers(self) -> Mapping[str, str]:
        return {"Authorization": self._token.get_secret_value()}

    async def asked(self, request: Request) -> Answer:
        """The answer, whatever its status; raises `Retryable`, `Unconfirmed` or `ChannelDown`."""
        try:
            return await self._fetch(request, self._limits)
        except Blocked as error:
            raise ChannelDown(BLOCKED_WORDS.format(why=error.words)) from None
        except Unfetched as error:
            raise _unanswered(error) from None

    async def news(self, request: Request, wait_seconds: float = 0.0) -> Answer:
        """The same for what changes nothing there; raises `Unfetched` and `ChannelDown`."""
        limits = Limits(
            bytes=POLLED_BYTES, seconds=wait_seconds + 60, answer_seconds=wait_seconds + GRACE_SECONDS
        )
        try:
            return await self._fetch(request, limits)
        except Blocked as error:
            raise ChannelDown(BLOCKED_WORDS.format(why=error.words)) from None

    async def put(self, address: str, body: MultipartWriter) -> Answer:
        """A file to the address that MAX gave for it, which needs no token; raises `Retryable`."""
        try:
            return await self._client.fetch("POST", address, body=body, limits=UPLOAD_LIMITS)
        except Unfetched:
            raise Retryable(AGAIN_SECONDS, "dialog") from None

    async def _fetch(self, request: Request, limits: Limits) -> Answer:
        return await self._client.fetch(
            request.method,
            self._address + request.path,
            headers=self.headers,
            json=dict(request.json) or None,
            limits=limits,
        )


def _unanswered(error: Unfetched) -> Retryable | Unconfirmed:
    return Unconfirmed(UNCONFIRMED_WORDS) if error.sent else Retryable(AGAIN_SECONDS, "account")
