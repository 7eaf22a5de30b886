"""The operations port: /livez, /readyz, /metrics, /version and the log level. Never reachable by customers.

Alive means that the event loop turns, and nothing else: were it to depend on broker or database, an outage
would restart everything. Ready means that every named check is well; a service without checks is still
starting. A check that is `degraded` keeps the service ready and says so.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import ip_address
from types import TracebackType
from typing import Final, Literal, Self

from aiohttp import web

from shared import metrics
from shared.log import LEVELS, get_level, get_logger, set_level

CHECK_SECONDS: Final = 2.0
LIVE_LAG_SECONDS: Final = 5.0
_LOOPBACK_NAMES: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})

log = get_logger()


@dataclass(frozen=True, slots=True)
class Health:
    """What a check says: its state, and words for people without private data."""

    state: Literal["ok", "degraded", "failed"] = "ok"
    words: str = ""


OK: Final = Health()
Check = Callable[[], Awaitable[Health]]


def degraded(words: str) -> Health:
    return Health("degraded", words)


def failed(words: str) -> Health:
    return Health("failed", words)


class OpsServer:
    """The server of the operations port; entering it listens, leaving it closes."""

    def __init__(
        self,
        *,
        service: str,
        instance: str,
        version: str,
        host: str,
        port: int,
        lag: metrics.LoopLag | None = None,
    ) -> None:
        self._service, self._instance, self._version = service, instance, version
        self._host, self._port = host, port
        self._lag = lag or metrics.LoopLag()
        self._checks: dict[str, Check] = {}
        self._draining = False
        self._runner: web.AppRunner | None = None

    @property
    def port(self) -> int:
        """The port that is listened on, once entered."""
        return self._port

    def check(self, name: str, check: Check) -> None:
        """Readiness depends on this from now on; it is asked at each request, for at most 2 s."""
        self._checks[name] = check

    def drain(self) -> None:
        """Not ready any more: whoever balances should look elsewhere."""
        self._draining = True

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=1024)
        app.router.add_get("/livez", self._livez)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_get("/metrics", self._metrics)
        app.router.add_get("/version", self._about)
        app.router.add_get("/loglevel", self._tell_level)
        app.router.add_put("/loglevel", self._change_level)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        self._port = int(self._runner.addresses[0][1])
        metrics.BUILD_INFO.labels(self._version, self._instance).set(1)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def readiness(self) -> tuple[bool, dict[str, object]]:
        """Whether this process is ready, and the page that says why."""
        names = list(self._checks)
        found = await asyncio.gather(*(self._ask(name) for name in names))
        ready = bool(names) and not self._draining and all(one.state != "failed" for one in found)
        page: dict[str, object] = {
            "status": "draining"
            if self._draining
            else "starting"
            if not names
            else "ready"
            if ready
            else "not ready",
            "degraded": any(one.state == "degraded" for one in found),
            "checks": {
                name: {"state": one.state, **({"words": one.words} if one.words else {})}
                for name, one in zip(names, found, strict=True)
            },
        }
        return ready, page

    async def _ask(self, name: str) -> Health:
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                return await self._checks[name]()
        except TimeoutError:
            return failed(f"no answer in {CHECK_SECONDS:g} s")
        except Exception as error:  # noqa: BLE001  # a check must not take the page down
            log.warning("readiness_check_failed", check=name, error=error)
            return failed(type(error).__name__)

    async def _livez(self, _: web.Request) -> web.Response:
        lag = self._lag.seconds
        alive = lag < LIVE_LAG_SECONDS
        body = {"status": "alive" if alive else "stuck", "event_loop_lag_seconds": round(lag, 3)}
        return web.json_response(body, status=200 if alive else 503)

    async def _readyz(self, _: web.Request) -> web.Response:
        ready, page = await self.readiness()
        return web.json_response(page, status=200 if ready else 503)

    async def _metrics(self, _: web.Request) -> web.Response:
        return web.Response(body=metrics.page(self._service), headers={"Content-Type": metrics.CONTENT_TYPE})

    async def _about(self, _: web.Request) -> web.Response:
        about = {"service": self._service, "instance": self._instance, "version": self._version}
        return web.json_response(about)

    async def _tell_level(self, _: web.Request) -> web.Response:
        return web.json_response({"level": get_level()})

    async def _change_level(self, request: web.Request) -> web.Response:
        if not _from_this_machine(request):
            return web.json_response({"error": "the log level is changed from this machine only"}, status=403)
        level = (await request.read()).decode("ascii", "replace").strip().lower()
        if level not in LEVELS:
            return web.json_response({"error": f"send one of: {', '.join(LEVELS)}"}, status=422)
        before = get_level()
        set_level(level)
        log.warning("log_level_changed", before=before, after=level)
        return web.json_response({"level": level})


def is_local_call(peer: str | None, host: str, *, forwarded: bool) -> bool:
    """A loopback peer, by a loopback name (a web page that rebinds its own is refused), through no proxy."""
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return peer is not None and ip_address(peer).is_loopback and name in _LOOPBACK_NAMES and not forwarded


def _from_this_machine(request: web.Request) -> bool:
    peer: tuple[str, int] | None = request.get_extra_info("peername")
    forwarded = "Forwarded" in request.headers or "X-Forwarded-For" in request.headers
    return is_local_call(peer[0] if peer else None, request.host, forwarded=forwarded)
