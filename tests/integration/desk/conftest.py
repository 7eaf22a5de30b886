"""A running desk between a scripted store and a scripted router, over the real broker and both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from pydantic import SecretStr

from gateways.desk.process import PACKAGE, serve
from gateways.desk.settings import DeskSettings
from shared import metrics
from shared.bus.connection import Broker
from shared.health import OpsServer
from shared.service import Service
from tests.integration.desk.browser import Workplace
from tests.integration.desk.scripted_router import ScriptedRouter
from tests.integration.desk.scripted_store import TOKEN, ScriptedStore
from tests.support.quiet_ports import give_back, quiet_ports


@pytest.fixture
def amqp_url(emptied_host: str) -> str:
    return emptied_host


@pytest.fixture
async def bus(amqp_url: str) -> AsyncIterator[Broker]:
    async with Broker(amqp_url, name="script") as broker:
        async with asyncio.timeout(15):
            await broker.ready()
        yield broker


@pytest.fixture
async def store(bus: Broker) -> AsyncIterator[ScriptedStore]:
    async with ScriptedStore(bus) as store:
        yield store


@pytest.fixture
async def router(bus: Broker) -> AsyncIterator[ScriptedRouter]:
    async with ScriptedRouter(bus) as router:
        yield router


@pytest.fixture
def desk_database(migrated_url: Callable[[str], str]) -> str:
    return migrated_url(PACKAGE)


@pytest.fixture
async def start_desk(
    amqp_url: str, desk_database: str, store: ScriptedStore, tmp_path: Path
) -> AsyncIterator[Callable[..., Awaitable[Workplace]]]:
    """Starts a replica; all of one test share the database."""
    async with AsyncExitStack() as stack:

        async def start(**changes: object) -> Workplace:
            (port,) = quiet_ports(1)
            stack.callback(give_back, [port])
            values: dict[str, object] = {
                "amqp_url": SecretStr(amqp_url),
                "database_url": SecretStr(desk_database),
                "http_port": port,
                "store_url": store.url,
                "service_token": SecretStr(TOKEN),
                "instance": f"desk-{port}",
                "page_folder": tmp_path / "dist",
                "blobs_url": f"file://{tmp_path}/blobs",
                "log_level": "debug",
                "drain_seconds": 5,
            }
            settings = DeskSettings.model_validate(values | changes)
            group = await stack.enter_async_context(asyncio.TaskGroup())
            ops = OpsServer(
                service="desk", instance="desk", version="0", host="127.0.0.1", port=0, lag=metrics.LoopLag()
            )
            service = Service("desk", settings, ops, AsyncExitStack(), group)
            stack.push_async_callback(service.leave)
            await serve(service)
            return Workplace(f"http://127.0.0.1:{port}", desk_database, service)

        yield start


@pytest.fixture
async def desk(
    start_desk: Callable[..., Awaitable[Workplace]], router: ScriptedRouter, store: ScriptedStore
) -> Workplace:
    """One replica that has reached the store."""
    workplace = await start_desk()
    await workplace.ready()
    return workplace
