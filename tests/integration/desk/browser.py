"""A browser at a running desk: cookies, the header and the origin that a page has, and nothing more."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import aiohttp
from multidict import CIMultiDictProxy
from yarl import URL

from gateways.desk import credentials
from gateways.desk.credentials import Credential
from gateways.desk.passwords import Passwords
from shared.clock import SystemClock
from shared.db.engine import open_engine, writing
from shared.service import Service
from tests.integration.desk.person import Person
from tests.support.waiting import eventually

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Answered:
    status: int
    body: Any
    headers: CIMultiDictProxy[str]

    @property
    def code(self) -> str:
        return str(self.body["code"])


@dataclass
class Workplace:
    """A running replica."""

    url: str
    database: str
    service: Service
    live: list[aiohttp.ClientWebSocketResponse] = field(default_factory=list)

    async def ready(self) -> None:
        async def is_ready() -> bool:
            return (await self.service.ops.readiness())[0]

        await eventually(is_ready, seconds=15)

    async def give_password(self, person: Person, password: str = PASSWORD, hash_: str | None = None) -> None:
        if hash_ is None:
            async with Passwords() as passwords:
                hash_ = await passwords.hash(password)
        engine = open_engine(self.database)
        try:
            async with writing(engine) as conn:
                credential = Credential(person.operator_id, person.login, hash_)
                await credentials.put(conn, credential, SystemClock().now())
        finally:
            await engine.dispose()

    def browser(self, **headers: str) -> Browser:
        return Browser(self.url, headers)

    async def signed_in(self, person: Person) -> Browser:
        """A browser in which the person is signed in; close it with `async with`."""
        await self.give_password(person)
        browser = self.browser()
        answered = await browser.sign_in(person.login)
        assert answered.status == 200, answered.body
        return browser


class Browser:
    def __init__(self, url: str, headers: dict[str, str] | None = None) -> None:
        self.url = url
        self.headers = {
            "Origin": url,
            "X-Switchboard-Request": "1",
            "Accept-Language": "en",
            **(headers or {}),
        }
        self.session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.session.close()

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        without: tuple[str, ...] = (),
        headers: dict[str, str] | None = None,
    ) -> Answered:
        every = self.headers | (headers or {})
        sent = {name: value for name, value in every.items() if name not in without}
        async with self.session.request(method, self.url + path, json=body, headers=sent) as response:
            raw = await response.read()
            told = await response.json(content_type=None) if raw[:1] in (b"{", b"[") else raw.decode()
            return Answered(response.status, told, response.headers)

    async def get(self, path: str) -> Answered:
        return await self.call("GET", path)

    def cookie(self, name: str) -> str:
        return {one.key: one.value for one in self.session.cookie_jar}[name]

    def take_cookies(self, other: Browser) -> None:
        """What the other browser holds is held here, too."""
        jar = {one.key: one.value for one in other.session.cookie_jar}
        self.session.cookie_jar.update_cookies(jar, URL(self.url))

    async def sign_in(self, login: str, password: str = PASSWORD) -> Answered:
        return await self.call("POST", "/api/session", {"login": login, "password": password})

    async def connect(
        self, *, seq: int | None = None, access: str | None = None, ticket: str | None = None
    ) -> Socket:
        """An open live connection that has said `resume`."""
        if ticket is None:
            ticket = (await self.call("POST", "/api/ticket")).body["ticket"]
        headers = {"Origin": self.headers["Origin"]}
        socket = await self.session.ws_connect(f"{self.url}/api/live?ticket={ticket}", headers=headers)
        await socket.send_json({"t": "resume", "seq": seq, "access": access})
        return Socket(socket)


class Socket:
    """Frames of a live connection, heads and counters apart."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.others: list[dict[str, Any]] = []

    async def next(self, *kinds: str, seconds: float = 10) -> dict[str, Any]:
        """The next frame of one of these kinds; other frames are put aside."""
        async with asyncio.timeout(seconds):
            while True:
                message = await self.socket.receive()
                if message.type is not aiohttp.WSMsgType.TEXT:
                    raise ConnectionResetError(f"closed with {self.socket.close_code}")
                frame: dict[str, Any] = message.json()
                if frame["t"] in kinds:
                    return frame
                self.others.append(frame)

    async def saw(self, kind: str, seconds: float = 10) -> dict[str, Any]:
        """The first frame of this kind, even if it came before others that were asked for."""
        aside = [frame for frame in self.others if frame["t"] == kind]
        return aside[0] if aside else await self.next(kind, seconds=seconds)

    async def deltas(self, count: int) -> list[dict[str, Any]]:
        return [await self.next("delta") for _ in range(count)]

    async def until_closed(self, seconds: float = 10) -> int | None:
        async with asyncio.timeout(seconds):
            async for message in self.socket:
                self.others.append(message.json())
        return self.socket.close_code

    async def close(self) -> None:
        await self.socket.close()
