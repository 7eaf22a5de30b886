"""What every public door of the web chat asks first: which site, from which page, and how it is told no."""

from __future__ import annotations

import asyncio
from json import dumps

from aiohttp import web

from gateways.webchat.guest import Caller, Chat
from gateways.webchat.site import Site
from gateways.webchat.words import Code, Language, language_of, words
from shared.metrics import WEBHOOK_REJECTED

PREFLIGHT_SECONDS = 600
BODY_SECONDS = 10.0
_USER_AGENT_LENGTH = 300


class Door:
    """One for each kind of request. `address_header`: where a proxy in front writes the visitor's address."""

    def __init__(self, chat: Chat, address_header: str = "") -> None:
        self.chat = chat
        self._address_header = address_header

    def site(self, request: web.Request) -> Site | web.Response:
        """The site that the page belongs to, or why it is turned away."""
        origin = request.headers.get("Origin", "")
        key = request.query.get("site")
        site = self.chat.sites.find(key) if key is not None else self.chat.sites.allowing(origin)
        if site is None:
            return self.refusal(
                request, "unknown_site" if key is not None else "foreign_origin", 404 if key else 403
            )
        if origin not in site.origins:
            WEBHOOK_REJECTED.labels("webchat", site.slug, "foreign_origin").inc()
            return self.refusal(request, "foreign_origin", 403)
        return site

    def caller(self, request: web.Request) -> Caller:
        """Who is behind the request, as far as the connection tells."""
        told = request.headers.get(self._address_header) if self._address_header else None
        address = told.split(",")[0].strip() if told else request.remote or ""
        agent = request.headers.get("User-Agent", "")[:_USER_AGENT_LENGTH]
        clean = "".join(character for character in agent if character.isprintable())
        return Caller(request.headers.get("Origin", ""), address, clean or None)

    async def preflight(self, request: web.Request) -> web.StreamResponse:
        """Browsers ask before they send a token to another site."""
        site = self.site(request)
        if isinstance(site, web.Response):
            return site
        allowed = {
            "Access-Control-Allow-Methods": "POST",
            "Access-Control-Allow-Headers": "Authorization, Content-Type",
            "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
        }
        return web.Response(status=204, headers=self.cors(request) | allowed)

    def cors(self, request: web.Request) -> dict[str, str]:
        """The page that asks may read the answer when it is a page of a site; cookies never travel."""
        origin = request.headers.get("Origin", "")
        known = {"Access-Control-Allow-Origin": origin} if self.chat.sites.allowing(origin) else {}
        return known | {"Vary": "Origin"}

    async def body(self, request: web.Request, limit: int) -> bytes | None:
        """The whole body, or none when it is longer than `limit`.

        Raises `TimeoutError` when it does not end, `web.RequestPayloadError` or
        `ConnectionError` when it breaks off.
        """
        if (request.content_length or 0) > limit:
            return None
        raw = bytearray()
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.content.iter_any():
                raw += chunk
                if len(raw) > limit:
                    return None
        return bytes(raw)

    def refusal(self, request: web.Request, code: Code, status: int, **values: object) -> web.Response:
        """Why not, in words, as RFC 9457 has it."""
        said = words(code, self.language(request), **values)
        problem = {"type": f"urn:switchboard:problem:{code}", "title": said, "status": status}
        return web.Response(
            status=status,
            body=dumps(problem | {"code": code, "words": said}, ensure_ascii=False).encode(),
            content_type="application/problem+json",
            headers=self.cors(request) | {"X-Reason": code, "Cache-Control": "no-store"},
        )

    def language(self, request: web.Request) -> Language:
        return language_of(request.headers.get("Accept-Language"), "en")
