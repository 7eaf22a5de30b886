"""An operator answers with a file and a quote, edits, deletes, types: all services, a visitor on the wire."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest

from shared.clock import uuid7
from tests.integration.files.pictures import encoded, four_colours
from tests.support.live_client import HEADERS, LiveClient
from tests.support.stack import Signer, Stack
from tests.support.visitor import Visitor
from tests.support.waiting import eventually

PICTURE = encoded(four_colours(), "PNG")


@pytest.mark.feature("MS2", "MS3", "MS10")
@pytest.mark.timeout(180)
async def test_files_quotes_and_changes_reach_the_visitor(
    amqp_url: str, database_url: Callable[[str], str]
) -> None:
    async with Stack(amqp_url, database_url) as stack, asyncio.TaskGroup() as group:
        anna = await stack.add_operator("anna")
        visitor = stack.visitor()
        running = group.create_task(visitor.run())
        await visitor.say("a question")
        async with LiveClient(stack.desk_url, anna.login, anna.password) as client:
            conversation = await first_conversation(client)
            path = f"/api/conversations/{conversation['conversation_id']}"
            asked = (await client.call("GET", f"{path}/history"))["items"][-1]
            uploaded = await upload(anna, stack.desk_url)
            body = {"id": str(uuid7()), "text": "look", "attachments": [uploaded], "quote": asked["entry_id"]}
            await client.call("POST", f"{path}/messages", body)
            shown = await eventually(lambda: entries(visitor, "look"), seconds=20)
            assert shown[0]["quote"]["text"] == "a question"
            assert [one["id"] for one in shown[0]["files"]] == [uploaded]
            await known_as_sent(client, path, body["id"])
            change = {"id": str(uuid7()), "text": "look here"}
            await client.call("POST", f"{path}/messages/{body['id']}/edit", change)
            await eventually(lambda: entries(visitor, "look here"), seconds=20)

            async def edited() -> bool:
                line = await line_of(client, path, body["id"])
                return bool(line["edited_at"]) and line["content"]["parts"][1]["file"]["state"] == "stored"

            await eventually(edited, seconds=20)
            await client.call("POST", f"{path}/messages/{body['id']}/delete", {"id": str(uuid7())})

            async def deleted() -> bool:
                return bool((await line_of(client, path, body["id"]))["deleted_at"])

            await eventually(deleted, seconds=20)
        running.cancel()
        assert not stack.complaints(), stack.complaints()


def entries(visitor: Visitor, text: str) -> list[dict[str, Any]]:
    return [one for one in visitor.received if one.get("text") == text]


async def first_conversation(client: LiveClient) -> dict[str, Any]:
    async def found() -> dict[str, Any] | None:
        items: list[dict[str, Any]] = (await client.call("GET", "/api/conversations"))["items"]
        return items[0] if items and items[0]["last_text"] else None

    one: dict[str, Any] | None = await eventually(found, seconds=20)
    assert one is not None
    return one


async def line_of(client: LiveClient, path: str, id_: str) -> dict[str, Any]:
    items: list[dict[str, Any]] = (await client.call("GET", f"{path}/history"))["items"]
    return next(one for one in items if one["entry_id"] == id_)


async def known_as_sent(client: LiveClient, path: str, id_: str) -> None:
    async def sent() -> bool:
        return (await line_of(client, path, id_))["external_id"] is not None

    await eventually(sent, seconds=20)


async def upload(anna: Signer, desk: str) -> str:
    """The id of the picture, uploaded from another window of hers."""
    headers = HEADERS | {"Origin": desk}
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), headers=headers) as session:
        credentials = {"login": anna.login, "password": anna.password}
        async with session.post(f"{desk}/api/session", json=credentials) as response:
            assert response.status == 200
        async with session.post(f"{desk}/api/attachments?name=a.png", data=PICTURE) as response:
            assert response.status == 201, await response.text()
            return str((await response.json())["attachment_id"])
