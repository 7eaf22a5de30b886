"""The widget where no WebSocket comes through, and before a gateway of an older version (CH1)."""

import json
from typing import Any

import pytest
from playwright.async_api import FilePayload, WebSocketRoute, expect

from tests.acceptance.widget.mall import IN_THE_MALL, Mall, say, transcript

BLOCKED = """
window.sockets = 0;
window.WebSocket = class {
  static OPEN = 1;
  constructor() {
    window.sockets += 1;
    setTimeout(() => this.onclose?.());
  }
  close() {}
};
"""

pytestmark = [
    IN_THE_MALL,
    pytest.mark.timeout(90),
    pytest.mark.feature("CH1"),
]


async def test_without_websockets(mall: Mall) -> None:
    async with mall.shop() as site:
        window = await site.visit(opened=False)
        page = window.page
        await page.add_init_script(BLOCKED)
        await page.reload()
        await page.get_by_test_id("bubble").click()
        await expect(page.get_by_test_id("status")).to_have_attribute("data-state", "online")
        assert await page.evaluate("sockets") == 2
        for text in ("One", "Two", "Three"):
            await say(page, text)
        assert [one["content"]["parts"][0]["text"] for one in await site.messages(3)] == [
            "One",
            "Two",
            "Three",
        ]
        for text in ("Four", "Five"):
            await site.answer(text)
        await expect(page.get_by_test_id("message")).to_have_count(5)
        assert await transcript(page) == ["One", "Two", "Three", "Four", "Five"]
        await page.reload()
        await expect(page.get_by_test_id("message")).to_have_count(5)
        await say(page, "Six")
        assert len(await site.messages(4)) == 4
        file: FilePayload = {"name": "a.txt", "mimeType": "text/plain", "buffer": b"a"}
        await page.get_by_test_id("chooser").set_input_files([file])
        await expect(page.get_by_test_id("upload")).to_have_attribute("data-state", "done")
        await page.get_by_test_id("send").click()
        await expect(page.get_by_test_id("message").last).to_have_attribute("data-state", "sent")


class Older:
    """A gateway that knows text alone: no site in its welcome, rows without a kind."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []

    def meet(self, socket: WebSocketRoute) -> None:
        socket.on_message(lambda raw: self._take(socket, json.loads(raw)))

    def _take(self, socket: WebSocketRoute, frame: dict[str, Any]) -> None:
        self.heard.append(frame)
        at = "2026-01-31T10:00:00.000Z"
        row = {"seq": 1, "id": "one", "from": "operator", "text": "Hello", "at": at}
        welcome = {"t": "welcome", "visitor": "v", "token": "t", "seq": 1, "history": [row]}
        if frame["t"] == "hello":
            socket.send(json.dumps(welcome | {"limits": {"text": 4000}}))
        elif frame["t"] == "msg":
            socket.send(json.dumps({"t": "ack", "cid": frame["cid"], "id": "two", "seq": 2, "at": at}))


async def test_before_an_older_gateway(mall: Mall) -> None:
    async with mall.shop() as site:
        older = Older()
        page = (await site.visit(opened=False)).page
        await page.route_web_socket("**/ws?*", older.meet)
        await page.reload()
        await page.get_by_test_id("bubble").click()
        await expect(page.get_by_test_id("message")).to_have_count(1)
        await say(page, "Good day")
        for newer in ("attach", "record", "quote", "end"):
            await expect(page.get_by_test_id(newer)).to_have_count(0)
        assert [frame["t"] for frame in older.heard] == ["hello", "msg"]
        assert {"cid", "text", "t"} == set(older.heard[1])
