"""The workplace page in a real browser, on all services: files both ways, sound that plays, quotes, changes,
typing, how far a message came, and who the visitor is."""

from __future__ import annotations

import asyncio
import io
import json
import math
import struct
import wave
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from PIL import Image
from playwright.async_api import Browser, FilePayload, Page, expect

from tests.support.browser import Window, new_window, open_browser
from tests.support.stack import Signer, Stack
from tests.support.visitor import Visitor
from tests.support.waiting import eventually

DatabaseUrl = Callable[[str], str]
FROM = {
    "url": "https://shop.test/lamps",
    "title": "Lamps",
    "referrer": "https://search.test/",
    "utm": {"utm_source": "letter"},
}
DROP = """(field, name) => {
    const files = new DataTransfer();
    files.items.add(new File(["dropped"], name, {type: "text/plain"}));
    for (const type of ["dragover", "drop"])
        field.dispatchEvent(new DragEvent(type, {bubbles: true, cancelable: true, dataTransfer: files}));
}"""
PASTE = """(field, name) => {
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File(["pasted"], name, {type: "text/plain"}));
    field.dispatchEvent(new ClipboardEvent("paste", {bubbles: true, cancelable: true, clipboardData}));
}"""

pytestmark = pytest.mark.timeout(240)
expect.set_options(timeout=20_000)


class Attentive(Visitor):
    """Remembers who writes to them, and can do what a widget can."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.writers: list[dict[str, Any]] = []

    def _take(self, frame: dict[str, Any]) -> None:
        if frame["t"] == "typing":
            self.writers.append(frame)
        super()._take(frame)
        if frame["t"] == "ack":  # of a frame that was told
            self._keep({"t": "msg", "from": "client", **frame})

    def tell(self, kind: str, **fields: Any) -> None:
        self.send_raw(json.dumps({"t": kind, **fields}))

    def told(self, kind: str) -> list[dict[str, Any]]:
        """What came of this kind: `msg` of the operators, `edit`, `delete` …"""
        return [line for line in self.received if line.get("t") == kind and line.get("from") != "client"]


@asynccontextmanager
async def visiting(stack: Stack) -> AsyncIterator[Attentive]:
    site = stack.sites[0]
    address = stack.webchat_url.replace("http", "ws", 1) + "/ws"
    visitor = Attentive(address, site=site.key, origin=site.origin, page=FROM)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(visitor.run())
        await visitor.welcomed.wait()
        yield visitor
        running.cancel()


@asynccontextmanager
async def files_of(stack: Stack, visitor: Visitor) -> AsyncIterator[aiohttp.ClientSession]:
    """The visitor's own way to bytes: what the widget asks the gateway by HTTP."""
    headers = {"Origin": stack.sites[0].origin, "Authorization": f"Visitor {visitor.token}"}
    async with aiohttp.ClientSession(stack.webchat_url, headers=headers) as session:
        yield session


async def uploaded(session: aiohttp.ClientSession, stack: Stack, name: str, data: bytes, **more: str) -> str:
    params = {"site": stack.sites[0].key, "name": name, **more}
    async with session.post("/upload", params=params, data=data) as answer:
        assert answer.status == 201, await answer.text()
        return str((await answer.json())["id"])


async def signed_in(browser: Browser, stack: Stack, signer: Signer, **looks: Any) -> Window:
    window = await new_window(browser, **looks)
    page = window.page
    await page.goto(stack.desk_url)
    await page.get_by_test_id("login").fill(signer.login)
    await page.get_by_test_id("password").fill(signer.password)
    await page.get_by_test_id("sign-in-submit").click()
    switch = page.get_by_test_id("availability")
    await expect(switch).to_be_visible()
    if await switch.get_attribute("aria-checked") == "false":
        await switch.click()
    await expect(switch).to_have_attribute("aria-checked", "true")
    return window


async def taken(page: Page) -> None:
    await page.get_by_test_id("conversation").click()
    await page.get_by_test_id("accept").click()
    await expect(page.get_by_test_id("thread")).to_have_attribute("data-status", "active")


async def reply(page: Page, text: str) -> None:
    await page.get_by_test_id("reply").fill(text)
    await page.keyboard.press("Enter")


def sound(seconds: int = 3) -> bytes:
    """A tone as WAV."""
    file = io.BytesIO()
    with wave.open(file, "wb") as tone:
        tone.setnchannels(1)
        tone.setsampwidth(2)
        tone.setframerate(8000)
        samples = (int(9000 * math.sin(at * 0.345)) for at in range(8000 * seconds))
        tone.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return file.getvalue()


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (900, 500), (15, 107, 96)).save(file, "PNG")
    return file.getvalue()


@pytest.mark.feature("MS1", "MS3", "MS15", "BY8")
async def test_files_both_ways(amqp_url: str, database_url: DatabaseUrl) -> None:
    async with Stack(amqp_url, database_url) as stack, open_browser() as browser:
        window = await signed_in(browser, stack, await stack.add_operator("anna"), width=1440, height=900)
        page = window.page
        async with visiting(stack) as visitor, files_of(stack, visitor) as web:
            ids = [
                await uploaded(web, stack, "lamp.png", picture()),
                await uploaded(web, stack, "", sound(), kind="voice"),
                await uploaded(web, stack, "bill.txt", b"one lamp"),
            ]
            visitor.tell("msg", cid=uuid4().hex, text="Look and listen", files=ids)
            await taken(page)
            await it_is_seen_and_heard(page)
            await files_are_sent(page)
            await eventually(lambda: len(visitor.told("msg")) == 1, seconds=30)
            sent = visitor.told("msg")[0]
            assert [file["name"] for file in sent["files"]] == ["price.txt", "dropped.txt", "pasted.txt"]
            async with web.get(sent["files"][0]["url"]) as answer:
                assert await answer.read() == b"100 roubles"
            await expect(page.locator("[data-side=out] [data-testid=file]")).to_have_count(3)
        assert await window.inaccessible() == []
        window.check()


async def it_is_seen_and_heard(page: Page) -> None:
    """The picture's preview and the picture; the sound, which moves on; the file, which is saved."""
    seen = page.get_by_test_id("picture").locator("img")
    await expect(seen).to_have_js_property("complete", True)
    await eventually(lambda: seen.evaluate("image => image.naturalWidth > 0"))
    await page.get_by_test_id("picture").click()
    large = page.get_by_test_id("picture-large").locator("img")
    await eventually(lambda: large.evaluate("image => image.naturalWidth === 900"))
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("picture-large")).to_have_count(0)

    audio = page.get_by_test_id("audio")
    assert await audio.evaluate("audio => audio.paused && audio.currentTime === 0")
    await audio.evaluate("audio => audio.play()")
    await eventually(lambda: audio.evaluate("audio => audio.currentTime > 0.5"))
    assert await audio.evaluate("audio => !audio.paused && audio.error === null")

    async with page.expect_download() as saving:
        await page.get_by_test_id("file").click()
    saved = await saving.value
    assert saved.suggested_filename == "bill.txt"
    assert (await saved.path()).read_bytes() == b"one lamp"


async def files_are_sent(page: Page) -> None:
    """Chosen, dropped and pasted; what is not possible is said before it leaves."""
    await page.get_by_test_id("attach-input").set_input_files(
        [
            FilePayload(name="price.txt", mimeType="text/plain", buffer=b"100 roubles"),
            FilePayload(name="nothing.txt", mimeType="text/plain", buffer=b""),
        ]
    )
    refused = page.locator("[data-testid=upload][data-state=forbidden]")
    await expect(refused.get_by_test_id("upload-words")).to_have_text("The file is empty.")
    await page.get_by_test_id("thread").evaluate(DROP, "dropped.txt")
    await page.get_by_test_id("reply").evaluate(PASTE, "pasted.txt")
    await expect(page.locator("[data-testid=upload][data-state=done]")).to_have_count(3)
    await refused.get_by_test_id("upload-remove").click()
    await page.get_by_test_id("send").click()
    await expect(page.get_by_test_id("upload")).to_have_count(0)


@pytest.mark.feature("MS2", "MS9", "MS10", "MS11", "CH1", "LC8")
async def test_quotes_changes_and_who_it_is(amqp_url: str, database_url: DatabaseUrl) -> None:
    async with Stack(amqp_url, database_url) as stack, open_browser() as browser:
        window = await signed_in(browser, stack, await stack.add_operator("anna"), width=1440, height=900)
        page = window.page
        async with visiting(stack) as visitor:
            await visitor.say("Is it in stock?")
            await taken(page)
            await page.get_by_test_id("reply").press("Alt+ArrowUp")
            await expect(page.get_by_test_id("quoting")).to_contain_text("Is it in stock?")
            await reply(page, "It is")
            await eventually(lambda: [line["text"] for line in visitor.told("msg")] == ["It is"])
            assert visitor.told("msg")[0]["quote"]["text"] == "Is it in stock?"
            await page.get_by_test_id("quoted").click()
            await expect(page.locator("[data-side=in]")).to_be_focused()

            ours = page.locator("[data-side=out]")
            await expect(ours).to_have_attribute("data-state", "sent")
            visitor.tell("read", seq=visitor.last_seq)
            await expect(ours).to_have_attribute("data-state", "read")
            await it_is_changed_and_deleted(page, visitor)
            await they_see_each_other_write(page, visitor)
            await it_is_known_who_writes(page, visitor)
            assert await window.inaccessible() == []

            visitor.tell("close")
            await expect(page.get_by_test_id("event").last).to_contain_text("closed")
            await expect(page.locator("[data-kind='dialog.closed_by_client']")).to_contain_text(
                "The client closed the chat"
            )
        window.check()


async def it_is_changed_and_deleted(page: Page, visitor: Attentive) -> None:
    """By keyboard from the empty field; the original is there when it is asked for."""
    ours = page.locator("[data-side=out]")
    await page.get_by_test_id("reply").press("ArrowUp")
    await expect(page.get_by_test_id("changing")).to_be_visible()
    await expect(page.get_by_test_id("reply")).to_have_value("It is")
    await reply(page, "It was")
    await expect(ours.get_by_test_id("message-text")).to_have_text("It was")
    await expect(ours.get_by_test_id("edited")).to_be_visible()
    await eventually(lambda: [line["text"] for line in visitor.told("edit")] == ["It was"])
    await ours.get_by_test_id("original-toggle").click()
    await expect(ours.get_by_test_id("original")).to_have_text("It is")

    await ours.get_by_test_id("delete").click()
    await page.get_by_test_id("delete-yes").click()
    await expect(ours.get_by_test_id("message-text")).to_have_text("Message deleted")
    await eventually(lambda: len(visitor.told("delete")) == 1)


async def they_see_each_other_write(page: Page, visitor: Attentive) -> None:
    visitor.tell("typing", on=True)
    await expect(page.get_by_test_id("typing")).to_contain_text("is writing")
    await visitor.say("Pity")
    await expect(page.get_by_test_id("typing")).to_be_empty()
    await page.get_by_test_id("reply").press_sequentially("We")
    await eventually(lambda: [frame["on"] for frame in visitor.writers][:1] == [True])
    await page.get_by_test_id("reply").fill("")
    await eventually(lambda: [frame["on"] for frame in visitor.writers][-1:] == [False])


async def it_is_known_who_writes(page: Page, visitor: Attentive) -> None:
    card = page.get_by_test_id("client-card")
    await expect(card.get_by_test_id("client-name")).to_have_text("Guest")
    await expect(card.get_by_test_id("client-page")).to_have_text("Lamps")
    await expect(card.get_by_test_id("client-referrer")).to_have_text("https://search.test/")
    await expect(card.get_by_test_id("client-utm")).to_contain_text("letter")
    visitor.tell("contact", name="Anna", phone="+79001234567", email="anna@example.com")
    await expect(card.get_by_test_id("client-name")).to_have_text("Anna")
    await expect(card.get_by_test_id("client-addresses")).to_contain_text("anna@example.com")
    await expect(card.get_by_test_id("client-addresses")).to_contain_text("not confirmed")
    visitor.tell("fields", fields={"cart": "3 lamps"})
    await expect(card.get_by_test_id("client-fields")).to_contain_text("3 lamps")
    await expect(page.locator("[data-kind='dialog.visited']")).to_contain_text("cart — 3 lamps")
