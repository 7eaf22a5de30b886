"""A listening HTTP server with limits, as an async context manager.

Leaving it stops listening at once, lets requests in hand end for a while, then closes every connection. What
is not HTTP at all gets the same problem document as everything else; the library would quote it back.
"""

import asyncio
from types import TracebackType
from typing import Any, Final, Self

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from shared import metrics
from shared.http import problem
from shared.http.answer import problem_response
from shared.http.problem import Problem
from shared.log import get_logger

KEEPALIVE_SECONDS: Final = 75.0
FINISH_SECONDS: Final = 8.0
BACKLOG: Final = 4096
"""Connections waiting to be taken: after an outage all visitors come back at once."""

_LIMITS: Final[dict[str, Any]] = {
    "access_log": None,
    "auto_decompress": False,  # nothing of ours takes compressed bodies: they are refused as they are
    "keepalive_timeout": KEEPALIVE_SECONDS,
    "lingering_time": 2.0,
    "max_line_size": 16 * 1024,
    "max_field_size": 16 * 1024,
}

log = get_logger()


class HttpServer:
    """`port` 0 takes a free one; `url` is known once entered."""

    def __init__(
        self, app: web.Application, host: str, port: int, *, finish_seconds: float = FINISH_SECONDS
    ) -> None:
        self._app = app
        self._host, self._port = host, port
        self._finish_seconds = finish_seconds
        self._runner: web.AppRunner | None = None

    @property
    def port(self) -> int:
        return self._port

    @property
    def url(self) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    async def __aenter__(self) -> Self:
        self._runner = _Runner(self._app, shutdown_timeout=self._finish_seconds)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port, backlog=BACKLOG)
        try:
            await site.start()
        except BaseException:
            await self._runner.cleanup()
            raise
        self._port = int(self._runner.addresses[0][1])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()


class _Connection(web.RequestHandler):
    """A connection that answers malformed requests in our words."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002  # it quotes the request
    ) -> web.StreamResponse:
        if isinstance(exc, ConnectionError):
            log.info("caller_gone", error_type=type(exc).__name__, peer=request.remote)
        elif isinstance(exc, HttpProcessingError):
            log.info("request_malformed", error_type=type(exc).__name__, peer=request.remote)
        else:
            log.error("request_failed", status=status, exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("an answer was begun, no other can be sent")
        metrics.HTTP.labels("none", str(status)).observe(0)
        kind = problem.BY_STATUS.get(status, problem.MALFORMED if status < 500 else problem.INTERNAL)
        response = problem_response(Problem(kind), "en", None)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Server"] = "switchboard"
        response.force_close()
        return response


class _Server(web.Server):
    def __call__(self) -> _Connection:
        return _Connection(self, loop=asyncio.get_running_loop(), **_LIMITS)


class _Runner(web.AppRunner):
    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        return _Server(made.request_handler, request_factory=made.request_factory)
