"""The operations port over real connections."""

import asyncio
import io
import json
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest

from shared import health, log
from shared.health import OpsServer
from shared.metrics import LoopLag


class _Lag(LoopLag):
    """A lag that the test chooses."""

    chosen = 0.0

    @property
    def seconds(self) -> float:
        return self.chosen


@pytest.fixture
def lag() -> _Lag:
    return _Lag()


@pytest.fixture
async def ops(lag: _Lag, written: io.BytesIO) -> AsyncIterator[OpsServer]:
    server = OpsServer(service="router", instance="one", version="1.2.3", host="127.0.0.1", port=0, lag=lag)
    async with server:
        yield server


@pytest.fixture
async def client(ops: OpsServer) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(f"http://127.0.0.1:{ops.port}") as session:
        yield session


async def _ready(client: aiohttp.ClientSession) -> tuple[int, dict[str, object]]:
    async with client.get("/readyz") as answer:
        return answer.status, await answer.json()


async def well() -> health.Health:
    return health.OK


async def limping() -> health.Health:
    return health.degraded("the spool is used")


async def ill() -> health.Health:
    return health.failed("no broker")


async def hanging() -> health.Health:
    await asyncio.sleep(100)
    return health.OK


async def raising() -> health.Health:
    raise ConnectionRefusedError("amqp://u:hunter2@h")


async def test_alive_depends_on_the_loop_only(
    client: aiohttp.ClientSession, ops: OpsServer, lag: _Lag
) -> None:
    ops.check("broker", ill)
    async with client.get("/livez") as answer:
        assert answer.status == 200
    lag.chosen = 4.9
    async with client.get("/livez") as answer:
        assert answer.status == 200
    lag.chosen = 5.1
    async with client.get("/livez") as answer:
        assert (answer.status, (await answer.json())["status"]) == (503, "stuck")


async def test_without_checks_it_is_still_starting(client: aiohttp.ClientSession) -> None:
    assert await _ready(client) == (503, {"status": "starting", "degraded": False, "checks": {}})


async def test_ready_when_every_check_is_well(client: aiohttp.ClientSession, ops: OpsServer) -> None:
    ops.check("broker", well)
    ops.check("database", well)
    status, page = await _ready(client)
    assert (status, page["status"], page["degraded"]) == (200, "ready", False)
    assert page["checks"] == {"broker": {"state": "ok"}, "database": {"state": "ok"}}


async def test_degraded_is_ready_and_says_so(client: aiohttp.ClientSession, ops: OpsServer) -> None:
    ops.check("broker", limping)
    status, page = await _ready(client)
    assert (status, page["degraded"]) == (200, True)
    assert page["checks"] == {"broker": {"state": "degraded", "words": "the spool is used"}}


async def test_failing_hanging_and_raising_checks_are_not_ready_within_their_bound(
    client: aiohttp.ClientSession, ops: OpsServer, written: io.BytesIO
) -> None:
    for name, check in {"a": ill, "b": hanging, "c": raising, "d": hanging, "e": well}.items():
        ops.check(name, check)
    started = time.monotonic()
    status, page = await _ready(client)
    assert time.monotonic() - started < 3
    assert status == 503
    checks = page["checks"]
    assert isinstance(checks, dict)
    assert {name: one["state"] for name, one in checks.items()} == {
        "a": "failed", "b": "failed", "c": "failed", "d": "failed", "e": "ok",
    }  # fmt: skip
    assert checks["c"]["words"] == "ConnectionRefusedError"
    assert "hunter2" not in json.dumps(page)
    assert b"hunter2" not in written.getvalue()


async def test_draining_is_not_ready_but_alive(client: aiohttp.ClientSession, ops: OpsServer) -> None:
    ops.check("broker", well)
    ops.drain()
    status, page = await _ready(client)
    assert (status, page["status"]) == (503, "draining")
    async with client.get("/livez") as answer:
        assert answer.status == 200


async def test_metrics_and_version(client: aiohttp.ClientSession) -> None:
    async with client.get("/metrics") as answer:
        assert answer.content_type == "text/plain"
        assert (
            'switchboard_build_info{instance="one",service="router",version="1.2.3"} 1.0'
            in await answer.text()
        )
    async with client.get("/version") as answer:
        assert await answer.json() == {"service": "router", "instance": "one", "version": "1.2.3"}


async def test_the_log_level_changes_while_it_runs(
    client: aiohttp.ClientSession, written: io.BytesIO
) -> None:
    logger = log.get_logger()
    logger.debug("before")
    async with client.put("/loglevel", data="debug") as answer:
        assert (answer.status, await answer.json()) == (200, {"level": "debug"})
    logger.debug("after")
    async with client.get("/loglevel") as answer:
        assert await answer.json() == {"level": "debug"}
    assert [json.loads(line)["event"] for line in written.getvalue().splitlines()] == [
        "log_level_changed",
        "after",
    ]


@pytest.mark.parametrize("said", ["loud", "", "x" * 2000, b"\xff"])
async def test_no_such_level(client: aiohttp.ClientSession, said: str | bytes) -> None:
    async with client.put("/loglevel", data=said) as answer:
        assert answer.status in (413, 422)
    assert log.get_level() == "info"


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example"}, {"X-Forwarded-For": "10.0.0.1"}, {"Forwarded": "for=1"}]
)
async def test_nobody_else_changes_the_level(client: aiohttp.ClientSession, headers: dict[str, str]) -> None:
    async with client.put("/loglevel", data="debug", headers=headers) as answer:
        assert answer.status == 403
    assert log.get_level() == "info"


@pytest.mark.parametrize(
    ("peer", "host", "forwarded", "local"),
    [
        ("127.0.0.1", "localhost:8080", False, True),
        ("127.0.0.1", "localhost", False, True),
        ("::1", "[::1]:8080", False, True),
        ("::1", "[::1]", False, True),
        ("127.0.0.1", "127.0.0.1:8080", True, False),
        ("10.0.0.5", "localhost:8080", False, False),
        ("fe80::1%eth0", "localhost:8080", False, False),
        ("127.0.0.1", "evil.example:8080", False, False),
        ("127.0.0.1", "", False, False),
        (None, "localhost", False, False),
    ],
)
def test_what_counts_as_this_machine(peer: str | None, host: str, forwarded: bool, local: bool) -> None:
    assert health.is_local_call(peer, host, forwarded=forwarded) is local
