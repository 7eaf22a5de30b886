"""Who may ask: the session behind a request, and whether the request comes from the workplace at all.

A cookie travels with requests that other sites cause, so everything but GET needs a header that such
requests cannot carry, and an `Origin` of ours; the opening of a live connection needs that `Origin` too.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final
from uuid import UUID

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware
from sqlalchemy.ext.asyncio import AsyncEngine

from gateways.desk import sessions
from gateways.desk.sessions import Life
from gateways.desk.viewers import Known, UnknownOperator, Viewers
from gateways.desk.words import FOREIGN_REQUEST
from shared.clock import Clock
from shared.db.engine import reading, writing
from shared.http.problem import Problem

SESSION_COOKIE: Final = "switchboard_session"
DEVICE_COOKIE: Final = "switchboard_device"
HEADER: Final = "X-Switchboard-Request"
_LONGEST_TOKEN: Final = 100


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An operator at work; what http rows call the principal."""

    session_id: UUID
    known: Known

    @property
    def id(self) -> UUID:
        return self.known.viewer.operator_id

    @property
    def name(self) -> str:
        return str(self.known.operator.get("name", ""))

    @property
    def rights(self) -> frozenset[str]:
        return frozenset(self.known.viewer.rights)


class Admission:
    def __init__(self, engine: AsyncEngine, viewers: Viewers, life: Life, clock: Clock) -> None:
        self._engine = engine
        self._viewers = viewers
        self._life = life
        self._clock = clock

    async def authenticate(self, request: web.Request) -> SignedIn | None:
        """Who is signed in. An operator who is switched off loses all sessions here."""
        token = request.cookies.get(SESSION_COOKIE, "")
        if not token or len(token) > _LONGEST_TOKEN:
            return None
        now = self._clock.now()
        async with reading(self._engine) as conn:
            session = await sessions.find(conn, token, self._life, now)
        if session is None:
            return None
        try:
            known = await self._viewers.lately(session.operator_id)
        except UnknownOperator as unknown:
            if unknown.disabled:
                async with writing(self._engine) as conn:
                    await sessions.revoke_of(conn, session.operator_id)
            return None
        if now - session.seen_at > sessions.SEEN_EVERY:
            async with writing(self._engine) as conn:
                await sessions.seen(conn, session.session_id, now)
        return SignedIn(session.session_id, known)


class Origins:
    """Where requests may come from: the workplace's own addresses."""

    def __init__(self, origins: tuple[str, ...], trusted_proxies: tuple[str, ...] = ()) -> None:
        self.allowed = frozenset(origins)
        self._proxies: tuple[IPv4Network | IPv6Network, ...] = tuple(map(ip_network, trusted_proxies))

    @property
    def secure(self) -> bool:
        """Whether the workplace is reached by https only, so that cookies must not travel otherwise."""
        return bool(self.allowed) and all(origin.startswith("https://") for origin in self.allowed)

    def require_own(self, request: web.Request) -> None:
        """Raises a problem for a request that another site may have caused."""
        if request.headers.get(hdrs.ORIGIN, "").lower() not in self.allowed:
            raise Problem(FOREIGN_REQUEST)

    def address(self, request: web.Request) -> str:
        """The client's address; X-Forwarded-For is believed from our own proxies only, from the right."""
        peer = request.remote or "0.0.0.0"
        hops = request.headers.get("X-Forwarded-For", "")[-1000:].split(",")
        while hops and self._trusted(peer):
            candidate = hops.pop().strip()
            try:
                ip_address(candidate)
            except ValueError:
                break
            peer = candidate
        return peer

    def _trusted(self, peer: str) -> bool:
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        return any(address in network for network in self._proxies)


def guard(origins: Origins) -> Middleware:
    """The middleware that lets only the workplace change anything."""

    @web.middleware
    async def from_the_workplace(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method not in (hdrs.METH_GET, hdrs.METH_HEAD):
            origins.require_own(request)
            if request.headers.get(HEADER) != "1":
                raise Problem(FOREIGN_REQUEST)
        return await handler(request)

    return from_the_workplace
