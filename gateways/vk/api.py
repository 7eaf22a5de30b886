"""The interface of VK: vk_api in a few threads, on top of the kit's own client.

    call ──▶ a thread: vk_api ──▶ requests.Session ──▶ _Bridge ──▶ the loop: GuardedClient ──▶ account.api

The library is synchronous, knows one host, has no time-outs, and sleeps and repeats by itself. So it gets a
session whose transport hands each request back to the loop, where addresses, sizes and times are bounded; its
handlers of errors are taken out; each thread has a library object of its own, since that lets one call in.
"""

from __future__ import annotations

import asyncio
import io
import json
import threading
from collections.abc import Mapping
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from vk_api import VkApi
from vk_api.exceptions import ApiError

from gateways.kit.http import Answer, GuardedClient, Limits
from gateways.kit.request import AGAIN_SECONDS, UNCONFIRMED_WORDS
from gateways.kit.unfetched import Unfetched
from gateways.vk.account import VkAccount
from gateways.vk.errors import broken_off, failure_of, said_in
from shared.failure import Retryable, Unconfirmed

VERSION: Final = "5.199"
"""Given with every request: the library's own is so old that messages come in another shape."""
THREADS: Final = 8
LIMITS: Final = Limits(bytes=16 * 1024 * 1024, seconds=30, answer_seconds=20)
GRACE_SECONDS: Final = 5.0
"""How much longer than the loop a thread waits for it."""


class Api:
    """The interface for one community; threads begin with the first call, and end with `close`."""

    def __init__(self, account: VkAccount, client: GuardedClient, limits: Limits = LIMITS) -> None:
        self._account = account
        self._client = client
        self._limits = limits
        self._turns = asyncio.Semaphore(THREADS)
        self._own = threading.local()
        self._pool: ThreadPoolExecutor | None = None
        self._asked: set[Future[Answer]] = set()

    async def call(self, method: str, values: Mapping[str, Any]) -> Any:
        """The response; raises one of the four failures: `Unconfirmed` for what was not answered."""
        loop = asyncio.get_running_loop()
        async with self._turns:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(THREADS, f"vk-{self._account.slug}")
            try:
                return await loop.run_in_executor(self._pool, self._ask, loop, method, dict(values))
            except ApiError as error:
                raise failure_of(error.error) from None

    async def ask(self, method: str, values: Mapping[str, Any]) -> Any:
        """As `call`, of what changes nothing there: never `Unconfirmed`."""
        try:
            return await self.call(method, values)
        except Unconfirmed:
            raise Retryable(AGAIN_SECONDS, "account") from None

    async def close(self) -> None:
        """Gives up what is asked; the threads end."""
        for asked in list(self._asked):
            asked.cancel()
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def _ask(self, loop: asyncio.AbstractEventLoop, method: str, values: dict[str, Any]) -> Any:
        """In a thread."""
        if not hasattr(self._own, "vk"):
            self._own.vk = self._opened(loop)
        return self._own.vk.method(method, values)

    def _opened(self, loop: asyncio.AbstractEventLoop) -> Any:
        """A library object that asks through the loop; it keeps no file, waits and repeats nothing."""
        session = requests.Session()
        session.trust_env = False
        session.mount("https://", _Bridge(lambda request: self._through(loop, request)))
        token = self._account.secret.get_secret_value()
        vk = VkApi(token=token, api_version=VERSION, session=session, config=lambda _login, **_: None)
        vk.RPS_DELAY = 0.0
        vk.error_handlers.clear()
        return vk

    def _through(self, loop: asyncio.AbstractEventLoop, request: requests.PreparedRequest) -> Answer:
        """In a thread: waits for the loop to ask."""
        asked = asyncio.run_coroutine_threadsafe(self._fetch(request), loop)
        self._asked.add(asked)
        try:
            return asked.result(self._limits.seconds + GRACE_SECONDS)
        except (TimeoutError, CancelledError):
            asked.cancel()
            raise Unconfirmed(UNCONFIRMED_WORDS) from None
        finally:
            self._asked.discard(asked)

    async def _fetch(self, request: requests.PreparedRequest) -> Answer:
        """In the loop."""
        address = self._account.api.rstrip("/") + urlsplit(str(request.url)).path
        body = request.body.encode() if isinstance(request.body, str) else request.body
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        try:
            return await self._client.fetch("POST", address, headers=headers, body=body, limits=self._limits)
        except Unfetched as error:
            raise broken_off(error) from None


class _Bridge(BaseAdapter):
    """The transport of a session; what is no answer of VK's never reaches the library."""

    def __init__(self, through: Any) -> None:
        super().__init__()
        self._through = through

    def send(self, request: requests.PreparedRequest, *_how: Any, **_named: Any) -> requests.Response:
        said = said_in(self._through(request))
        response = requests.Response()
        response.status_code = 200
        response.raw = io.BytesIO(json.dumps(said).encode())
        response.url = str(request.url)
        response.request = request
        response.encoding = "utf-8"
        return response

    def close(self) -> None:
        """Holds no connection of its own."""
