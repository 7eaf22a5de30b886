"""The store as processes: started by their command lines, ready, asked, stopped; its document of the API."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.integration.store.shop import TOKEN, Shop
from tests.support.waiting import eventually
from tests.unit.store.story import Story, account, operator

ANNA = UUID(int=1)


@asynccontextmanager
async def process(verb: str, **settings: object) -> AsyncIterator[dict[str, Any]]:
    """`python -m store <verb>`, told to stop at the end; it must end by itself, and well.

    What its first lines of log say: where it listens, on ports that it found free.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SWITCHBOARD_")}
    environment |= {f"SWITCHBOARD_{name.upper()}": str(value) for name, value in settings.items()}
    command = [sys.executable, "-m", "store", verb]
    started = await asyncio.create_subprocess_exec(*command, env=environment, stdout=asyncio.subprocess.PIPE)
    assert started.stdout is not None
    try:
        said: dict[str, Any] = {}
        async with asyncio.timeout(50):
            while "ops_port" not in said:
                line = await started.stdout.readline()
                assert line, f"{verb} ended: {said}"
                said |= json.loads(line)
        async with asyncio.TaskGroup() as group:
            rest = group.create_task(started.stdout.read())
            yield said
            started.terminate()
            async with asyncio.timeout(15):
                assert await started.wait() == 0
            await rest
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


async def test_both_roles_start_answer_and_stop(amqp_url: str, store_database: str, tmp_path: Path) -> None:
    common = {"amqp_url": amqp_url, "database_url": store_database, "blobs_url": f"file://{tmp_path}/blobs"}
    served = {"database_url": store_database, "service_token": TOKEN, "http_port": 0}
    async with (
        Shop.open(amqp_url, store_database) as shop,
        process("serve", **served) as server,
        process("write", **common) as one,
        process("write", **common) as other,
    ):
        await ready(shop.session, server["ops_port"])
        pages = [await ready(shop.session, writer["ops_port"]) for writer in (one, other)]
        assert {page["checks"]["role"]["words"] for page in pages} <= {"active", "standby"}
        story = Story()
        await shop.publish(operator(ANNA), account("site"), story.opened(), story.heard("hello"))
        await shop.caught_up()
        address = f"{server['url']}/v1/conversations"
        async with shop.session.get(address, headers=shop.headers(ANNA)) as response:
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
        "/v1/conversations/{conversation_id}/client": "session",
        "/v1/messages/{message_id}": "session",
        "/v1/messages/{message_id}/attachments": "session",
        "/v1/attachments/{attachment_id}": "session",
        "/v1/dialogs/{dialog_id}/sight": "service",
        "/v1/operators": "session",
        "/v1/groups": "session",
        "/v1/accounts": "session",
        "/v1/accounts/{account}/templates": "session",
        "/v1/statuses": "session",
        "/v1/templates": "session",
        "/v1/audit": "audit.read",
        "/v1/parked": "parked.manage",
        "/v1/parked/{parked_id}": "parked.manage",
        "/v1/feed": "service",
    }
