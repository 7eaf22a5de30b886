"""A client's file and ours, through all services: the history shows them, the provider gets the bytes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from shared.clock import uuid7
from tests.integration.files.pictures import encoded, four_colours
from tests.integration.kit.polled import FILE, ground, said
from tests.support.live_client import HEADERS, LiveClient
from tests.support.provider import Reply
from tests.support.provider_faults import Throttle
from tests.support.stack import Signer, Stack
from tests.support.waiting import eventually

PICTURE = encoded(four_colours(), "PNG")

pytestmark = [
    pytest.mark.timeout(240),  # all services
    pytest.mark.feature("MS3"),
]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_operators_see_what_came_and_what_could_not_be_fetched(
    project: Path, amqp_url: str, database_url: Callable[[str], str], tmp_path: Path
) -> None:
    async with ground(project, amqp_url, database_url("acme"), tmp_path) as acme:
        files = {"blobs_url": acme.environment["SWITCHBOARD_BLOBS_URL"]}
        stack = Stack(
            amqp_url, database_url, {"desk": files, "store-write": files},
            kinds=("router", "store-write", "store-serve", "desk"), warm=True,
        )  # fmt: skip
        async with stack, acme.replica():
            anna = await stack.add_operator("anna")
            acme.provider.script(FILE, Throttle(2), Throttle(2))
            acme.invented.files |= {"here": Reply(PICTURE), "gone": Reply("", 404)}
            for name in acme.invented.files:
                file = {"id": name, "name": f"{name}.png", "mime": "image/png", "size": 9}
                acme.invented.news.tell(said(f"m {name}", "", type="image", file=file))
            async with LiveClient(stack.desk_url, anna.login, anna.password) as client:
                path = f"/api/conversations/{await opened(client)}"
                assert [file["state"] for file in await shown(client, path)] == ["pending", "pending"]

                async def ended() -> bool:
                    return [file["state"] for file in await shown(client, path)] == ["stored", "failed"]

                await eventually(ended, seconds=30)
                here, gone = await shown(client, path)
                assert (here["size_bytes"], here["mime_type"]) == (len(PICTURE), "image/png")
                assert gone["words"].endswith("fetched. The provider does not give it (404).")
                body = {
                    "id": str(uuid7()),
                    "text": "look",
                    "attachments": [await upload(anna, stack.desk_url)],
                }
                await client.call("POST", f"{path}/accept", {"id": str(uuid7())})
                await client.call("POST", f"{path}/messages", body)
                await eventually(lambda: acme.invented.sent, seconds=20)
            assert not stack.complaints(), stack.complaints()
        assert acme.invented.uploads == [("a.png", PICTURE)]
        (sent,) = acme.invented.sent.values()
        assert (sent["chat"], sent["text"], sent["files"]) == ("c7", "look", ["up1"])


async def opened(client: LiveClient) -> str:
    """The conversation, once both messages stand in it."""

    async def found() -> Any:
        items = (await client.call("GET", "/api/conversations"))["items"]
        if not items:
            return None
        path = f"/api/conversations/{items[0]['conversation_id']}"
        return items[0]["conversation_id"] if len(await shown(client, path)) == 2 else None

    return str(await eventually(found, seconds=20))


async def shown(client: LiveClient, path: str) -> list[dict[str, Any]]:
    """The files of the history, in its order."""
    lines = (await client.call("GET", f"{path}/history"))["items"]
    parts = [part for line in lines if line.get("content") for part in line["content"]["parts"]]
    return [part["file"] for part in parts if part.get("file")]


async def upload(operator: Signer, desk: str) -> str:
    """The id of the picture, uploaded from another window of the operator's."""
    headers = HEADERS | {"Origin": desk}
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), headers=headers) as session:
        credentials = {"login": operator.login, "password": operator.password}
        async with session.post(f"{desk}/api/session", json=credentials) as response:
            assert response.status == 200
        async with session.post(f"{desk}/api/attachments?name=a.png", data=PICTURE) as response:
            assert response.status == 201, await response.text()
            return str((await response.json())["attachment_id"])
