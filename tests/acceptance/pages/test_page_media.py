"""The workplace page in a real browser, on all services: files both ways, sound that plays, quotes, changes,
typing, how far a message came, and who the visitor is."""

from __future__ import annotations

import io
import math
import struct
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import aiohttp
import pytest
from PIL import Image
from playwright.async_api import FilePayload, Page, expect

from tests.acceptance.pages.place import ON_THE_STREET, Attentive, Place, reply
from tests.support.visitor import Visitor
from tests.support.waiting import eventually

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

pytestmark = [ON_THE_STREET, pytest.mark.timeout(240)]
expect.set_options(timeout=20_000)


@asynccontextmanager
async def files_of(place: Place, visitor: Visitor) -> AsyncIterator[aiohttp.ClientSession]:
    """The visitor's own way to bytes: what the widget asks the gateway by HTTP."""
    headers = {"Origin": place.site.origin, "Authorization": f"Visitor {visitor.token}"}
    async with aiohttp.ClientSession(place.stack.webchat_url, headers=headers) as session:
        yield session


async def uploaded(session: aiohttp.ClientSession, place: Place, name: str, data: bytes, **more: str) -> str:
    params = {"site": place.site.key, "name": name, **more}
    async with session.post("/upload", params=params, data=data) as answer:
        assert answer.status == 201, await answer.text()
        return str((await answer.json())["id"])


async def taken(page: Page) -> None:
    await page.get_by_test_id("conversation").click()
    await page.get_by_test_id("accept").click()
    await expect(page.get_by_test_id("thread")).to_have_attribute("data-status", "active")


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
async def test_files_both_ways(place: Place) -> None:
    window = await place.signed_in(await place.operator(), width=1440, height=900)
    page = window.page
    async with place.visiting() as visitor, files_of(place, visitor) as web:
        ids = [
            await uploaded(web, place, "lamp.png", picture()),
            await uploaded(web, place, "", sound(), kind="voice"),
            await uploaded(web, place, "bill.txt", b"one lamp"),
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
async def test_quotes_changes_and_who_it_is(place: Place) -> None:
    window = await place.signed_in(await place.operator(), width=1440, height=900)
    page = window.page
    async with place.visiting() as visitor:
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
    before = len(visitor.writers)
    await page.get_by_test_id("reply").press_sequentially("We")
    await eventually(lambda: [frame["on"] for frame in visitor.writers[before:]] == [True])
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
