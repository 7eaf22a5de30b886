"""A fake provider over loopback: real HTTP, answers by routes, and a script of what goes wrong when.

    provider = Provider([Route("POST", "/send", lambda request: {"id": 1})])
    async with provider:
        provider.script("/send", Throttle(3), Fine(), ResetAfter(10))     # the 4th request is fine again
        ... the channel works with provider.url ...
        assert [one.json() for one in provider.seen("/send")] == [...]
        await provider.push(Webhook(url, sign), [{"update": 1}], times=2)

Every request is kept: when it came (monotonic), headers, body, what was done with it and whether the provider
took it. A request that is throttled, fails or hangs is not taken; one whose answer alone is spoiled is.
"""

import asyncio
import inspect
import json
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypeAlias

from aiohttp import web
from multidict import CIMultiDictProxy, MultiMapping

from tests.support.provider_faults import FINE, Broken, Fault, reset
from tests.support.provider_webhooks import Order, Pushed, Webhook, deliver


@dataclass
class Request:
    """One request as it came; `taken`: the provider acted on it."""

    at: float
    method: str
    path: str
    names: Mapping[str, str]
    query: MultiMapping[str]
    headers: CIMultiDictProxy[str]
    body: bytes
    fault: Fault
    taken: bool = False

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """An answer that is not simply JSON with 200."""

    body: bytes | str | Any = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()

    def typed(self) -> dict[str, str]:
        """Its headers, with a type where none is said."""
        kind = "application/octet-stream" if isinstance(self.body, bytes) else "application/json"
        return {"Content-Type": kind, **self.headers}


Answer: TypeAlias = Callable[[Request], Any]
"""What a route answers: a `Reply`, or what becomes JSON; awaited where it can be. It is called once for each
request that is taken."""


@dataclass(frozen=True)
class Route:
    """`path` is aiohttp's: `/bot{token}/sendMessage`; it names the route in `script` and `seen`."""

    method: str
    path: str
    answer: Answer


class Provider:
    """Listens while entered; `url` is without a slash at its end."""

    def __init__(self, routes: Sequence[Route], host: str = "127.0.0.1") -> None:
        self._routes = {route.path: route for route in routes}
        self._host = host
        self._scripts: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._last: dict[str, Reply] = {}
        self._runner: web.AppRunner | None = None
        self._ended = asyncio.Event()
        self.requests: list[Request] = []
        self.lost: list[Request] = []
        """Requests to addresses that are no route: usually a mistake of the channel."""
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://{self._host}:{self.port}"

    @property
    def end_point(self) -> str:
        """As the guard of the HTTP client permits it."""
        return f"{self._host}:{self.port}"

    def script(self, path: str, *faults: Fault) -> None:
        """These happen to the next requests of a route, one each; afterwards all is fine again."""
        assert path in self._routes, f"there is no route {path}; there are {', '.join(self._routes)}"
        self._scripts[path].extend(faults)

    def left(self, path: str) -> int:
        """How much of a route's script has not happened: a test whose fault never came shows nothing."""
        return len(self._scripts[path])

    def seen(self, path: str) -> list[Request]:
        """The requests of a route, as they came."""
        return [one for one in self.requests if one.path == path]

    def taken(self, path: str) -> list[Request]:
        """Those that the provider acted on."""
        return [one for one in self.seen(path) if one.taken]

    async def push(
        self,
        hook: Webhook,
        updates: Sequence[Any],
        *,
        times: int = 1,
        order: Order = "given",
        together: bool = False,
    ) -> list[Pushed]:
        """Calls a webhook with each update; `order`: given, reversed or shuffled; `together`: all at once."""
        return await deliver(hook, updates, times=times, order=order, together=together)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=256 * 1024 * 1024)
        for route in self._routes.values():
            app.router.add_route(route.method, route.path, self._handler(route))
        app.router.add_route("*", "/{anything:.*}", self._nowhere)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self.port).start()
        self.port = int(self._runner.addresses[0][1])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._runner is not None:
            await self._runner.cleanup()

    def _handler(self, route: Route) -> Callable[[web.Request], Any]:
        async def handle(came: web.Request) -> web.StreamResponse:
            script = self._scripts[route.path]
            request = await self._kept(came, route.path, script.popleft() if script else FINE)
            try:
                reply = await self._reply(route, request)
                return web.Response(status=reply.status, body=reply.encoded(), headers=reply.typed())
            except Broken as broken:
                return await reset(came, broken)

        return handle

    async def _reply(self, route: Route, request: Request) -> Reply:
        """What the fault leaves of the route's answer; raises `Broken`."""
        fault = request.fault
        await fault.before(self._ended)
        refusal = fault.instead()
        if refusal is not None:
            return Reply(refusal.body, refusal.status, refusal.headers)
        if fault.repeats and route.path in self._last:
            return self._last[route.path]
        request.taken = True
        answer = route.answer(request)
        if inspect.isawaitable(answer):
            answer = await answer
        reply = answer if isinstance(answer, Reply) else Reply(answer)
        self._last[route.path] = reply
        return Reply(fault.spoil(reply.encoded()), reply.status, reply.typed())

    async def _kept(self, came: web.Request, path: str, fault: Fault) -> Request:
        at = time.monotonic()
        body = await came.read()
        request = Request(at, came.method, path, dict(came.match_info), came.query, came.headers, body, fault)
        self.requests.append(request)
        return request

    async def _nowhere(self, came: web.Request) -> web.Response:
        request = await self._kept(came, came.path, FINE)
        self.lost.append(request)
        return web.Response(status=404, text=f"the fake provider has no {came.method} {came.path}")
