"""The public port of the web chat: the widget's script, its WebSocket, the same in requests, and files.

    GET /widget.js    GET /ws    POST /poll    POST /upload    GET /files/{id}

Who comes from a page that is not the site's is turned away before the socket opens: 403, in words. Bounded
everywhere: frames of 64 KB, no compression, no writing into a socket that does not read.
"""

from __future__ import annotations

import asyncio
import random
import resource
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from aiohttp import web

from gateways.webchat.downloads import Downloads
from gateways.webchat.guest import Chat
from gateways.webchat.parse import FRAME_BYTES
from gateways.webchat.poll import Polls
from gateways.webchat.session import Session
from gateways.webchat.sockets import UNSENT_BYTES, Socket
from gateways.webchat.transport import WebSocket
from gateways.webchat.uploads import Uploads
from gateways.webchat.words import language_of
from shared.log import get_logger

log = get_logger()

WIDGET: Final = Path(__file__).parent / "widget" / "dist" / "widget.js"
BACKLOG: Final = 4096
COMEBACKS_PER_SECOND: Final = 500.0
"""Visitors that a replica sends away are told to come back at about this pace."""
_CLOSE_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Doors:
    """What answers beside the socket."""

    polls: Polls
    uploads: Uploads
    downloads: Downloads


class Server:
    """Listens while entered; leaving says goodbye to every visitor."""

    def __init__(self, chat: Chat, doors: Doors, host: str, port: int) -> None:
        self._chat = chat
        self._doors = doors
        self._host = host
        self._port = port
        self._stopping = False
        self._runner: web.AppRunner | None = None

    @property
    def port(self) -> int:
        """The port that is listened on, once entered."""
        return self._port

    async def __aenter__(self) -> Self:
        allow_many_sockets()
        app = web.Application(client_max_size=1024)
        app.router.add_get("/ws", self._socket)
        app.router.add_get("/widget.js", self._widget)
        app.router.add_post("/poll", self._doors.polls.handle)
        app.router.add_post("/upload", self._doors.uploads.handle)
        app.router.add_get("/files/{id}", self._doors.downloads.handle)
        for path in ("/poll", "/upload"):
            app.router.add_options(path, self._doors.uploads.preflight)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, auto_decompress=False)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port, backlog=BACKLOG, shutdown_timeout=1)
        await site.start()
        self._port = int(self._runner.addresses[0][1])
        log.info("webchat_listening", host=self._host, port=self._port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping = True
        await self._chat.sockets.dismiss(_comebacks(self._chat.sockets.count))
        if self._runner is not None:
            await self._runner.cleanup()

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        door = self._doors.polls
        site = door.refusal(request, "stopping", 503) if self._stopping else door.site(request)
        if isinstance(site, web.Response):
            return site
        ws = web.WebSocketResponse(
            max_msg_size=FRAME_BYTES, compress=False, timeout=_CLOSE_SECONDS, autoping=False
        )
        try:
            await ws.prepare(request)
        except ConnectionError:
            return web.Response()  # gone already: nobody reads it
        wire = request.transport
        if wire is None:
            return ws
        wire.set_write_buffer_limits(high=4 * UNSENT_BYTES)  # we look at the size ourselves and never wait
        language = language_of(request.headers.get("Accept-Language"), site.language)
        socket = Socket(WebSocket(ws, wire), site, language)
        await Session(self._chat, socket, door.caller(request)).run()
        return ws

    async def _widget(self, request: web.Request) -> web.StreamResponse:
        try:
            script = await asyncio.to_thread(WIDGET.read_bytes)
        except OSError:
            return web.Response(
                status=503, text="The widget is not built: run `npm run build` in its folder.\n"
            )
        tag = f'"{blake2b(script, digest_size=8).hexdigest()}"'
        headers = {
            "ETag": tag,
            "Cache-Control": "public, max-age=300",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers=headers)
        response = web.Response(body=script, content_type="text/javascript", charset="utf-8", headers=headers)
        response.enable_compression()
        return response


def allow_many_sockets() -> None:
    """As many open files as this process may have: each visitor is one."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _comebacks(count: int) -> Iterator[float]:
    """When each of `count` visitors should come back: spread evenly, with some chance."""
    latest = 1.0 + count / COMEBACKS_PER_SECOND
    while True:
        yield random.uniform(0.5, latest)  # noqa: S311  # spreads visitors, no secret
