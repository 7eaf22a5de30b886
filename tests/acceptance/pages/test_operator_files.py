"""An operator answers with a file and a quote, edits, deletes, types: all services, a visitor on the wire."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from shared.clock import uuid7
from tests.acceptance.pages.place import ON_THE_STREET, Place
from tests.integration.files.pictures import encoded, four_colours
from tests.support.live_client import HEADERS, LiveClient
from tests.support.stack import Signer
from tests.support.visitor import Visitor
from tests.support.waiting import eventually

pytestmark = [ON_THE_STREET, pytest.mark.timeout(180)]

PICTURE = encoded(four_colours(), "PNG")


@pytest.mark.feature("MS2", "MS3", "MS10")
async def test_files_quotes_and_changes_reach_the_visitor(place: Place) -> None:
    anna, desk = await place.operator("anna"), place.stack.desk_url
    async with place.visiting() as visitor:
        await visitor.say("a question")
        async with LiveClient(desk, anna.login, anna.password) as client:
            conversation = await first_conversation(client)
            path = f"/api/conversations/{conversation['conversation_id']}"
            asked = (await client.call("GET", f"{path}/history"))["items"][-1]
            uploaded = await upload(anna, desk)
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
