"""Requests of ours to anywhere: guarded addresses, and limits on bytes, time, speed and hops.

    address ──Guard──▶ resolve once ──▶ all IP addresses global? ──▶ connect to these, keeping Host and SNI
       ▲                                                                  │
       └───── redirect (GET and HEAD only; credentials stay) ◀────────────┘

What fails is an `Unfetched` of gateways/kit/unfetched.py. A status of 400 and above is an answer, no failure.
Addresses that come from clients belong to a client without permitted end points.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from ssl import SSLContext
from types import TracebackType
from typing import Any, Final, Self

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from multidict import CIMultiDict, CIMultiDictProxy

from gateways.kit.addresses import Guard, Target, blocked, is_global
from gateways.kit.payload import read_json
from gateways.kit.unfetched import Broken, TooLarge, TooSlow, Unfetched, Unreachable

USER_AGENT: Final = "Switchboard"
KEEPALIVE_SECONDS: Final = 10.0
"""Less than what providers keep: a request on a connection that they closed has an unknown outcome."""

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_HARMLESS: Final = frozenset({"accept", "accept-language", "range", "user-agent"})
"""Headers that go along to another origin."""
_READ: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may cost; the body's bytes are counted unpacked."""

    bytes: int = 1024 * 1024
    seconds: float = 30.0
    """All of it, redirects too."""
    connect_seconds: float = 5.0
    answer_seconds: float = 20.0
    """From the connection to the answer's head; a long poll needs more."""
    slowest_bytes_per_second: int = 1024
    """Of the body, in each window of `window_seconds` spent waiting for it."""
    window_seconds: float = 5.0
    hops: int = 5


FILE_LIMITS: Final = Limits(bytes=100 * 1024 * 1024, seconds=900)


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes

    def json(self) -> Any:
        """Raises `Malformed` of gateways/kit/payload.py."""
        return read_json(self.body)


class Arriving:
    """An answer whose body has not been read: iterate over it once."""

    def __init__(self, response: aiohttp.ClientResponse, limits: Limits, until: float) -> None:
        self.status = response.status
        self.headers = response.headers
        self.mime_type = response.content_type
        self.size = response.content_length
        """As the other side claims; absent when it does not say."""
        self._response = response
        self._limits = limits
        self._until = until
        if self.size is not None and self.size > limits.bytes and response.method != "HEAD":
            raise too_large(limits)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        pace = _Pace(self._limits, self._until)
        total = 0
        while chunk := await pace.read(self._response):
            total += len(chunk)
            if total > self._limits.bytes:
                raise too_large(self._limits)
            yield chunk


class GuardedClient:
    """`async with GuardedClient(…) as client`; one for each purpose and process."""

    def __init__(
        self,
        guard: Guard | None = None,
        *,
        limits: Limits | None = None,
        resolver: AbstractResolver | None = None,
        tls: SSLContext | bool = True,
    ) -> None:
        self._guard = guard or Guard()
        self._limits = limits or Limits()
        self._resolver = resolver
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            resolver=_GuardedResolver(self._guard, self._resolver or aiohttp.ThreadedResolver()),
            use_dns_cache=False,
            ssl=self._tls,
            keepalive_timeout=KEEPALIVE_SECONDS,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def fetch(
        self,
        method: str,
        address: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        body: Any = None,
        limits: Limits | None = None,
    ) -> Answer:
        """The whole answer; raises `Unfetched`. `body` is what aiohttp takes as data: bytes, a form."""
        opened = self.open(method, address, headers=headers, json=json, body=body, limits=limits)
        async with opened as arriving:
            read = b"".join([chunk async for chunk in arriving])
            return Answer(arriving.status, arriving.headers, read)

    @asynccontextmanager
    async def open(
        self,
        method: str,
        address: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        body: Any = None,
        limits: Limits | None = None,
    ) -> AsyncIterator[Arriving]:
        """The answer before its body; the connection ends with the block. Raises `Unfetched`."""
        limits = limits or self._limits
        until = time.monotonic() + limits.seconds
        target = self._guard.target(address)
        sent_headers: CIMultiDict[str] = CIMultiDict(headers or {})
        for _ in range(limits.hops + 1):
            response = await self._ask(method, target, sent_headers, json, body, limits, until)
            try:
                location = response.headers.get("Location")
                if response.status not in _REDIRECTS or location is None or method not in ("GET", "HEAD"):
                    yield Arriving(response, limits, until)
                    return
            finally:
                response.close()
            before, target = target, self._guard.next_hop(target, location)
            if before.origin != target.origin:
                sent_headers = _harmless(sent_headers)
        raise blocked("hops")

    async def _ask(
        self,
        method: str,
        target: Target,
        headers: CIMultiDict[str],
        json: Any,
        body: Any,
        limits: Limits,
        until: float,
    ) -> aiohttp.ClientResponse:
        if self._session is None:
            raise RuntimeError("a GuardedClient works inside `async with` only")
        patience = min(limits.connect_seconds + limits.answer_seconds, until - time.monotonic())
        timeouts = aiohttp.ClientTimeout(
            total=None, connect=limits.connect_seconds, sock_connect=limits.connect_seconds
        )
        try:
            async with asyncio.timeout(patience):
                return await self._session.request(
                    method, target.url, headers=headers, json=json, data=body,
                    allow_redirects=False, timeout=timeouts,
                )  # fmt: skip
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            raise _failed(error) from None  # the cause repeats the address


class _GuardedResolver(AbstractResolver):
    """Asks once, and gives addresses only when all of them may be connected to."""

    def __init__(self, guard: Guard, inner: AbstractResolver) -> None:
        self._guard = guard
        self._inner = inner

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if not self._guard.admits(host, port) and not all(_open(one["host"]) for one in found):
            raise blocked("address")
        return found

    async def close(self) -> None:
        await self._inner.close()


class _Pace:
    """Reads within the total time and not below the lowest speed; time spent by our reader is not counted."""

    def __init__(self, limits: Limits, until: float) -> None:
        self._limits = limits
        self._until = until
        self._waited = 0.0
        self._got = 0

    async def read(self, response: aiohttp.ClientResponse) -> bytes:
        limits = self._limits
        while True:
            begun = time.monotonic()
            left = self._until - begun
            if left <= 0:
                raise TooSlow(f"It did not come whole within {limits.seconds:g} seconds.")
            chunk: bytes | None = None
            try:
                async with asyncio.timeout(min(left, max(0.0, limits.window_seconds - self._waited))):
                    chunk = await response.content.read(_READ)
            except TimeoutError:
                pass  # judged below: the window is over, or the time
            except (aiohttp.ClientError, OSError, ValueError) as error:
                raise _failed(error) from None
            self._waited += time.monotonic() - begun
            self._got += len(chunk or b"")
            self._judge()
            if chunk is not None:
                return chunk

    def _judge(self) -> None:
        limits = self._limits
        if self._waited >= limits.window_seconds:
            if self._got < limits.slowest_bytes_per_second * self._waited:
                raise TooSlow("It comes too slowly.")
            self._waited, self._got = 0.0, 0


def too_large(limits: Limits) -> TooLarge:
    return TooLarge(f"It is larger than {limits.bytes} bytes.")


def _open(address: str) -> bool:
    return is_global(ip_address(address.partition("%")[0]))


def _harmless(headers: CIMultiDict[str]) -> CIMultiDict[str]:
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() in _HARMLESS)


def _failed(error: Exception) -> Unfetched:
    """What aiohttp raised, in our words and without the address."""
    name = type(error).__name__
    if isinstance(error, aiohttp.ConnectionTimeoutError | aiohttp.ClientConnectorError):
        return Unreachable(f"No connection ({name}).")
    if isinstance(error, aiohttp.InvalidURL):
        return blocked("malformed")
    if isinstance(error, TimeoutError):
        return TooSlow("No answer came in time.")
    return Broken(f"The connection broke ({name}).")
