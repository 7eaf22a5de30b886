"""The bodies of webhook calls: bounded in size and time, each and all in hand together."""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp import web

from shared.http.intake import is_encoded

BODY_SECONDS: Final = 10.0
HELD_BYTES: Final = 64 * 1024 * 1024
"""Of all bodies in hand at once."""


class Refused(Exception):
    """A call that is turned away; `reason` is the label of the counter."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Bodies:
    """One for each process."""

    def __init__(self) -> None:
        self._held = 0

    def hold(self, count: int) -> None:
        """So many bytes more are in hand, or less; raises `Refused` when that is too many."""
        if count > 0 and self._held + count > HELD_BYTES:
            raise Refused(503, "busy")
        self._held += count


class Body:
    """That of one call, in hand from `read` to `release`."""

    def __init__(self, bodies: Bodies, seconds: float = BODY_SECONDS) -> None:
        self._bodies = bodies
        self._seconds = seconds
        self._count = 0

    async def read(self, request: web.Request, limit: int) -> bytes:
        """All of it; raises `Refused`."""
        if is_encoded(request):
            raise Refused(415, "compressed")
        if (request.content_length or 0) > limit:
            raise Refused(413, "too_large")
        body = bytearray()
        try:
            async with asyncio.timeout(self._seconds):
                async for chunk in request.content.iter_any():
                    body += chunk
                    if len(body) > limit:
                        raise Refused(413, "too_large")
                    self._bodies.hold(len(chunk))
                    self._count += len(chunk)
        except TimeoutError:
            raise Refused(408, "too_slow") from None
        return bytes(body)

    def release(self) -> None:
        self._bodies.hold(-self._count)
