"""Queries to the store by HTTP: each says for whom it asks, and the store shows what that operator may see.

    GET /v1/conversations?folder=new     Authorization: Bearer <word of the services>, X-Operator: <uuid>

An answer that is not there within 5 s, or is the store's own failure, is `Unavailable`. What the store
refuses becomes the same problem for whoever asked the desk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import TracebackType
from typing import Any, Final, Self
from uuid import UUID

import aiohttp
from pydantic_core import from_json

from shared.contract.feed import FeedPage
from shared.failure import Unavailable
from shared.http.problem import Kind, Problem, Words
from shared.trace import current

SECONDS: Final = 5.0
CONNECTIONS: Final = 50


class StoreClient:
    """Entered once per process; `token` is read at each request, so that it can be rotated."""

    def __init__(self, url: str, token: Callable[[], str]) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=SECONDS, connect=2)
        connector = aiohttp.TCPConnector(limit=CONNECTIONS)
        self._session = aiohttp.ClientSession(timeout=timeout, connector=connector, auto_decompress=True)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def get(
        self,
        path: str,
        *,
        viewer: UUID | None,
        params: Mapping[str, str] | None = None,
        language: str = "en",
    ) -> bytes:
        """The body of a good answer. Raises `Problem` for what the store refuses, else `Unavailable`."""
        if self._session is None:
            raise Unavailable("the store's client is not entered")
        headers = {"Authorization": f"Bearer {self._token()}", "Accept-Language": language}
        if viewer is not None:
            headers["X-Operator"] = str(viewer)
        if (trace := current()) is not None:
            headers["traceparent"] = trace
        try:
            async with self._session.get(self._url + path, params=params, headers=headers) as response:
                body = await response.read()
        except (aiohttp.ClientError, TimeoutError, asyncio.IncompleteReadError, OSError) as error:
            raise Unavailable(f"store: {type(error).__name__}") from error
        if response.status == HTTPStatus.OK:
            return body
        raise _failure(response.status, body)

    async def feed(self, after: int, limit: int = 1000) -> FeedPage:
        """Rows of the feed after `after`, oldest first."""
        params = {"after": str(after), "limit": str(limit)}
        return FeedPage.model_validate_json(await self.get("/v1/feed", viewer=None, params=params))


def _failure(status: int, body: bytes) -> Problem | Unavailable:
    """What the store's refusal means for the reader; that we are not let in is nobody's fault but ours."""
    ours = (HTTPStatus.UNAUTHORIZED, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.TOO_MANY_REQUESTS)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in ours:
        return Unavailable(f"store: answered {status}")
    told: dict[str, Any] = {}
    try:
        parsed = from_json(body)
        told = parsed if isinstance(parsed, dict) else {}
    except ValueError:
        pass
    code, title = told.get("code"), told.get("title")
    if status < HTTPStatus.BAD_REQUEST or not isinstance(code, str) or not isinstance(title, str):
        return Unavailable(f"store: answered {status} in a form that is not ours")
    detail = told.get("detail")
    words = Words(detail, detail) if isinstance(detail, str) else None
    return Problem(Kind(code, status, Words(title, title)), detail=words)
