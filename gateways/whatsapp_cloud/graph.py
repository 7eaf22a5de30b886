"""Meta's Graph API as an account asks it: what is sent, what is looked up, and files in two steps.

GET /v24.0/1080000000001 → {"url": "https://lookaside.fbsbx.com/…", "mime_type": …, "file_size": 123}
GET that address, with the token too, within five minutes → the bytes

The token goes to the API and to the hosts that the account names for files, to nobody else.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from aiohttp import MultipartWriter

from gateways.kit.download import download
from gateways.kit.http import Answer, GuardedClient, Limits, too_large
from gateways.kit.request import BLOCKED_WORDS, Request, ask
from gateways.kit.unfetched import Blocked, Broken
from gateways.whatsapp_cloud.accounts import WhatsappCloudAccount
from gateways.whatsapp_cloud.fates import is_missing, taken
from shared.failure import ChannelDown, Rejected, Unconfirmed

ANSWER_BYTES: Final = 16 * 1024 * 1024
GONE_WORDS: Final = "Meta does not have it any more, or not for this account."
HOST_WORDS: Final = "Meta keeps the file at a host that may not have our token: add it to media_hosts."


class Graph:
    """One account's."""

    def __init__(self, client: GuardedClient, account: WhatsappCloudAccount) -> None:
        self._client = client
        self._account = account
        self._headers = {"Authorization": f"Bearer {account.secret.get_secret_value()}"}

    async def ask(self, request: Request, body: MultipartWriter | None = None) -> Answer:
        """A request of our number; raises as gateways/kit/request.py says."""
        base = f"{self._account.address}/{self._account.number_id}"
        return await ask(self._client, base, request, self._headers, body)

    async def look(self, path: str, **query: str) -> dict[str, Any]:
        """What Meta tells at a path; raises `Unfetched`, or one of the failures of a connector."""
        address = f"{self._account.address}/{path}" + (f"?{urlencode(query)}" if query else "")
        limits = Limits(bytes=ANSWER_BYTES)
        try:
            answer = await self._client.fetch("GET", address, headers=self._headers, limits=limits)
        except Blocked as error:
            raise ChannelDown(BLOCKED_WORDS.format(why=error.words)) from None
        if path != self._account.number_id and is_missing(answer):
            raise Rejected("gone", GONE_WORDS)
        try:
            return taken(answer)
        except Unconfirmed:
            raise Broken(f"Meta failed ({answer.status}).") from None

    async def file(self, reference: str, limits: Limits) -> AsyncGenerator[bytes, None]:
        """The bytes of a file by its id; raises `Unfetched`, or one of the failures of a connector."""
        try:
            told = await self.look(quote(reference, safe=""), phone_number_id=self._account.number_id)
        except Rejected as error:
            raise Rejected("gone", error.words) from None
        address = told.get("url")
        if not isinstance(address, str):
            raise Broken("Meta does not say where the file is.")
        if not self._may_have_token(address):
            raise Rejected("gone", HOST_WORDS)
        size = told.get("file_size")
        if isinstance(size, int) and size > limits.bytes:
            raise too_large(limits)
        async with aclosing(download(self._client, address, limits, self._headers)) as chunks:
            async for chunk in chunks:
                yield chunk

    def _may_have_token(self, address: str) -> bool:
        try:
            told, own = urlsplit(address), urlsplit(self._account.api)
        except ValueError:
            return False
        if (told.scheme, told.netloc) == (own.scheme, own.netloc):
            return True
        host = told.hostname or ""
        known = self._account.media_hosts
        return told.scheme == "https" and any(host == one or host.endswith(f".{one}") for one in known)
