"""The store as processes: started by their command lines, ready, asked, stopped; its document of the API."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import aiohttp
from openapi_spec_validator import OpenAPIV31SpecValidator

from deploy.local.ports import free_ports
from tests.integration.store.shop import TOKEN, Shop
from tests.support.waiting import eventually
from tests.unit.store.story import Story, account, operator

ANNA = UUID(int=1)


@asynccontextmanager
async def process(verb: str, **settings: object) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python -m store <verb>`, told to stop at the end; it must end by itself, and well."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SWITCHBOARD_")}
    environment |= {f"SWITCHBOARD_{name.upper()}": str(value) for name, value in settings.items()}
    command = [sys.executable, "-m", "store", verb]
    started = await asyncio.create_subprocess_exec(
        *command, env=environment, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        yield started
        started.terminate()
        async with asyncio.timeout(15):
            assert await started.wait() == 0
    finally:
        if started.returncode is None:
            started.kill()
            await started.wait()


async def ready(session: aiohttp.ClientSession, port: int) -> dict[str, Any]:
    async def page() -> dict[str, Any]:
        try:
            async with session.get(f"http://127.0.0.1:{port}/readyz") as response:
                found: dict[str, Any] = await response.json()
        except aiohttp.ClientError as error:
            raise AssertionError(str(error)) from error
        assert response.status == 200, found
        return found

    return await eventually(page, seconds=40, every_seconds=0.1)


async def test_both_roles_start_answer_and_stop(amqp_url: str, store_database: str) -> None:
    http, ops, *writers = free_ports(4)
    common = {"amqp_url": amqp_url, "database_url": store_database}
    served = {"database_url": store_database, "service_token": TOKEN, "http_port": http, "ops_port": ops}
    async with (
        Shop.open(amqp_url, store_database) as shop,
        process("serve", **served),
        process("write", **common, ops_port=writers[0]),
        process("write", **common, ops_port=writers[1]),
    ):
        await ready(shop.session, ops)
        roles = [(await ready(shop.session, port))["checks"]["role"]["words"] for port in writers]
        assert set(roles) <= {"active", "standby"}
        story = Story()
        await shop.publish(operator(ANNA), account("site"), story.opened(), story.heard("hello"))
        await shop.caught_up()
        headers = shop.headers(ANNA)
        async with shop.session.get(f"http://127.0.0.1:{http}/v1/conversations", headers=headers) as response:
            (shown,) = (await response.json())["items"]
        assert shown["last_text"] == "hello"


async def test_a_wrong_command_line_says_what_there_is() -> None:
    command = [sys.executable, "-m", "store", "dance"]
    asked = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    _, err = await asked.communicate()
    assert asked.returncode == 2
    assert err.decode().startswith("usage: python -m store write | serve")


async def test_the_api_describes_itself(idle_shop: Shop) -> None:
    async with idle_shop.session.get("/openapi.json") as response:
        document = json.loads(await response.read())
    OpenAPIV31SpecValidator(document).validate()
    rights = {path: operation["get"]["x-right"] for path, operation in document["paths"].items()}
    assert rights == {
        "/openapi.json": "public",
        "/v1/viewer": "session",
        "/v1/folders": "session",
        "/v1/conversations": "session",
        "/v1/conversations/{conversation_id}": "session",
        "/v1/conversations/{conversation_id}/history": "session",
        "/v1/operators": "session",
        "/v1/groups": "session",
        "/v1/accounts": "session",
        "/v1/audit": "audit.read",
        "/v1/parked": "parked.manage",
        "/v1/parked/{parked_id}": "parked.manage",
        "/v1/feed": "service",
    }
