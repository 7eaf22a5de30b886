"""An operator's hands: the desk's HTTP API as the page uses it, over any replica that answers.

A write keeps its id and is repeated until the desk says what became of it, as the page does. Requests go to
the replicas in turn; one that did not answer is left out for a moment. Cookies of one replica hold at the
other, because replicas share their database.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import aiohttp
from yarl import URL

from shared.clock import uuid7

HEADERS = {"X-Switchboard-Request": "1", "Accept-Language": "en"}
AWAY = (429, 502, 503, 504)
"""Statuses that say nothing about the request: ask again."""
AGAIN_SECONDS = 0.2
AVOID_SECONDS = 2.0


class Refused(Exception):
    """The desk said no: a problem document."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('code')}: {problem.get('detail') or problem.get('title')}")
        self.status = status
        self.code = str(problem.get("code"))


class Operator:
    """One signed-in operator; `desks` are base addresses such as `http://127.0.0.1:8080`."""

    def __init__(
        self, desks: list[str], login: str, password: str, *, patience: float = 120.0, timeout: float = 15.0
    ) -> None:
        self.login = login
        self._desks = desks
        self._password = password
        self._patience = patience
        self._turns = itertools.cycle(range(len(desks)))
        self._avoided = [0.0] * len(desks)
        self._session = aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True), timeout=aiohttp.ClientTimeout(total=timeout)
        )
        self.headers: dict[str, str] = {}
        """Added to every request, such as `traceparent`."""
        self.repeats = 0
        """Requests that had to be made again because a desk, the broker or the store was away."""

    async def __aenter__(self) -> Self:
        try:
            await self.sign_in()
        except BaseException:
            await self._session.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def sign_in(self) -> None:
        await self.call("POST", "/api/session", {"login": self.login, "password": self._password})
        cookies = {cookie.key: cookie.value for cookie in self._session.cookie_jar}
        for desk in self._desks:
            self._session.cookie_jar.update_cookies(cookies, URL(desk))

    async def get(self, path: str) -> Any:
        return await self.call("GET", path)

    async def write(self, path: str, act: UUID | None = None, **fields: Any) -> dict[str, Any]:
        """One act, repeated under its id until it is decided. Raises `Refused`."""
        body = {"id": str(act or uuid7()), **fields}
        answer: dict[str, Any] = await self.call("POST", path, body)
        return answer

    async def stand(self, status: str = "available") -> None:
        """Takes a status of the table."""
        await self.call("PUT", "/api/me/status", {"id": str(uuid7()), "status": status})

    async def accept(self, conversation: str, act: UUID | None = None) -> dict[str, Any]:
        return await self.write(f"/api/conversations/{conversation}/accept", act)

    async def reply(self, conversation: str, text: str, act: UUID | None = None) -> dict[str, Any]:
        return await self.write(f"/api/conversations/{conversation}/messages", act, text=text)

    async def close(self, conversation: str) -> dict[str, Any]:
        return await self.write(f"/api/conversations/{conversation}/close")

    async def conversations(self, folder: str) -> list[dict[str, Any]]:
        """Every conversation of a folder, all pages."""
        found: list[dict[str, Any]] = []
        after = ""
        while True:
            page = await self.get(
                f"/api/conversations?folder={folder}&limit=100" + (f"&after={after}" if after else "")
            )
            found += page["items"]
            if not (after := page.get("next") or ""):
                return found

    async def history(self, conversation: str) -> list[dict[str, Any]]:
        """Every line of a conversation's dialog, oldest first."""
        lines: list[dict[str, Any]] = []
        before = ""
        while True:
            page = await self.get(
                f"/api/conversations/{conversation}/history?limit=200"
                + (f"&before={before}" if before else "")
            )
            lines = page["items"] + lines
            if not page["more"]:
                return lines
            before = str(page["items"][0]["position"])

    async def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """The answer of any desk; repeated for `patience` seconds while none is able to say."""
        until = time.monotonic() + self._patience
        last = ""
        while time.monotonic() < until:
            number = self._next()
            desk = self._desks[number]
            headers = HEADERS | {"Origin": desk} | self.headers
            try:
                async with self._session.request(method, desk + path, json=body, headers=headers) as response:
                    if response.status < 300:
                        return await response.json() if response.content_length != 0 else None
                    if response.status not in AWAY:
                        raise Refused(response.status, await response.json(content_type=None))
                    last = f"{response.status} {(await response.text())[:200]}"
            except (aiohttp.ClientError, TimeoutError) as error:
                last = repr(error)
                self._avoided[number] = time.monotonic() + AVOID_SECONDS
            self.repeats += 1
            await asyncio.sleep(AGAIN_SECONDS)
        raise TimeoutError(f"no desk could say what became of {method} {path}: {last}")

    def _next(self) -> int:
        """The next desk in turn that is not known to be away."""
        for _ in self._desks:
            number = next(self._turns)
            if self._avoided[number] <= time.monotonic():
                return number
        return next(self._turns)
