"""Files in the widget: three ways in, progress, what is told before and after, and what comes from us."""

import asyncio
from io import BytesIO
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Page, Route, expect

from tests.acceptance.widget.mall import IN_THE_MALL, Shop, say
from tests.support.waiting import eventually

pytestmark = [
    IN_THE_MALL,
    pytest.mark.timeout(90),
    pytest.mark.feature("MS1", "MS3"),
]

DROP = """([name, type, bytes, how]) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([new Uint8Array(bytes)], name, { type }));
  const root = document.querySelector("switchboard-chat").shadowRoot;
  const [event, target] = how === "paste"
    ? [new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }), "textarea"]
    : [new DragEvent(how, { dataTransfer: transfer, bubbles: true, cancelable: true }), ".panel"];
  root.querySelector(target).dispatchEvent(event);
}"""


def picture(colour: str = "teal") -> bytes:
    made = BytesIO()
    Image.new("RGB", (320, 200), colour).save(made, "PNG")
    return made.getvalue()


def chosen(name: str, mime: str, content: bytes) -> Any:
    return {"name": name, "mimeType": mime, "buffer": content}


@pytest_asyncio.fixture(loop_scope="session")
async def page(site: Shop) -> Page:
    return (await site.visit()).page


async def test_several_files_by_the_button(site: Shop, page: Page) -> None:
    await page.get_by_test_id("chooser").set_input_files(
        [
            chosen("bicycle.png", "image/png", picture()),
            chosen("order 7.txt", "text/plain", b"one Heron, please"),
        ]
    )
    await expect(page.locator("[data-testid=upload][data-state=done]")).to_have_count(2)
    await page.get_by_test_id("composer").fill("Like this one")
    await page.get_by_test_id("send").click()
    await expect(page.get_by_test_id("tray")).to_have_count(0)
    await expect(page.get_by_test_id("message")).to_have_attribute("data-state", "sent")
    [heard] = await site.messages()
    text, image, document = heard["content"]["parts"]
    assert (text["text"], image["kind"], document["kind"]) == ("Like this one", "image", "file")
    assert image["file"]["mime_type"] == "image/png"
    assert document["file"]["name"] == "order_7.txt"
    await page.reload()
    shown = page.get_by_test_id("image").locator("img")
    await eventually(lambda: shown.evaluate("one => one.complete && one.naturalWidth > 0"), seconds=10)
    address = await page.get_by_test_id("file").get_attribute("href")
    assert address is not None
    answer = await page.request.get(address)
    assert (answer.status, await answer.body()) == (200, b"one Heron, please")


async def test_dropped_and_pasted(site: Shop, page: Page) -> None:
    content = list(picture())
    await page.evaluate(DROP, ["dropped.png", "image/png", content, "dragover"])
    await expect(page.get_by_text("Drop the files here")).to_be_visible()
    await page.evaluate(DROP, ["dropped.png", "image/png", content, "drop"])
    await expect(page.get_by_text("Drop the files here")).to_have_count(0)
    await page.evaluate(DROP, ["pasted.png", "image/png", content, "paste"])
    await expect(page.locator("[data-testid=upload][data-state=done]")).to_have_count(2)
    await page.get_by_test_id("send").click()
    [heard] = await site.messages()
    assert [part["file"]["name"] for part in heard["content"]["parts"]] == ["dropped.png", "pasted.png"]


async def test_limits_are_told_before_anything_is_sent(site: Shop, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    much = (
        "name => { const file = new File([new Uint8Array(31 * 2 ** 20)], name); const t = new DataTransfer();"
    )
    into = "const root = document.querySelector('switchboard-chat').shadowRoot;"
    act = "const field = root.querySelector('[type=file]'); t.items.add(file); field.files = t.files;"
    await page.evaluate(f"{much} {into} {act} field.dispatchEvent(new Event('change')); }}", "film.mov")
    await expect(page.get_by_test_id("notice")).to_have_text("film.mov is too large: at most 30 MB.")
    await page.get_by_test_id("chooser").set_input_files([chosen("empty.txt", "text/plain", b"")])
    await expect(page.get_by_test_id("notice")).to_have_text("empty.txt: the file is empty.")
    assert [url for url in asked if "/upload" in url] == []
    many = [chosen(f"{number}.txt", "text/plain", b"x") for number in range(7)]
    await page.get_by_test_id("chooser").set_input_files(many)
    await expect(page.get_by_test_id("notice")).to_have_text("At most 5 files in one message.")
    await expect(page.get_by_test_id("upload")).to_have_count(5)


async def test_called_off_and_tried_again(site: Shop, page: Page) -> None:
    hanging = asyncio.Event()
    failing = True

    async def hang(route: Route) -> None:
        await hanging.wait()
        if failing:
            await route.abort("connectionreset")
        else:
            await route.continue_()

    await page.route("**/upload?**", hang)
    await page.get_by_test_id("chooser").set_input_files(
        [chosen("a.txt", "text/plain", b"a"), chosen("b.txt", "text/plain", b"b")]
    )
    await expect(page.locator("[data-testid=upload][data-state=going]")).to_have_count(2)
    await expect(page.locator("progress")).to_have_count(2)
    await page.get_by_role("button", name="Remove b.txt").click()
    await expect(page.get_by_test_id("upload")).to_have_count(1)
    hanging.set()
    await expect(page.get_by_test_id("upload")).to_contain_text("No connection")
    await page.get_by_test_id("composer").fill("with a file")
    await expect(page.get_by_test_id("send")).to_be_disabled()
    failing = False
    await page.get_by_test_id("upload-again").click()
    await expect(page.get_by_test_id("upload")).to_have_attribute("data-state", "done")
    await page.get_by_test_id("send").click()
    [heard] = await site.messages()
    assert [part["kind"] for part in heard["content"]["parts"]] == ["text", "file"]


async def test_a_refusal_of_the_gateway_is_told_in_its_words(site: Shop, page: Page) -> None:
    await page.route("**/upload?**", lambda route: route.fulfill(
        status=413, json={"words": "The file is too large: at most 1 MB."},
        headers={"Access-Control-Allow-Origin": "*"},
    ))  # fmt: skip
    await page.get_by_test_id("chooser").set_input_files([chosen("a.txt", "text/plain", b"a")])
    await expect(page.get_by_test_id("upload")).to_contain_text("The file is too large: at most 1 MB.")
    await expect(page.get_by_test_id("upload-again")).to_have_count(0)
    await page.get_by_test_id("upload-remove").click()
    await say(page, "then without it")


@pytest.mark.feature("MS4")
async def test_voice_is_recorded_heard_recorded_again_and_sent(site: Shop, page: Page) -> None:
    await page.get_by_test_id("record").click()
    await expect(page.get_by_test_id("voice")).to_contain_text("0:01")
    await page.get_by_test_id("voice-discard").click()
    await expect(page.get_by_test_id("voice")).to_have_count(0)
    await page.get_by_test_id("record").click()
    await expect(page.get_by_test_id("voice")).to_contain_text("0:01")
    await page.get_by_test_id("voice-stop").click()
    await expect(page.get_by_test_id("voice")).to_have_attribute("data-state", "recorded")
    await page.get_by_test_id("voice-again").click()
    await expect(page.get_by_test_id("voice")).to_contain_text("0:01")
    await page.get_by_test_id("voice-stop").click()
    heard_first = page.get_by_test_id("voice").locator("audio")
    await eventually(lambda: heard_first.evaluate("one => one.readyState > 0"), seconds=10)
    await page.get_by_test_id("voice-send").click()
    await expect(page.get_by_test_id("message")).to_have_attribute("data-state", "sent")
    [heard] = await site.messages()
    assert [part["kind"] for part in heard["content"]["parts"]] == ["voice"]
    player = page.get_by_test_id("audio")
    await player.evaluate("one => one.play()")
    await eventually(lambda: player.evaluate("one => one.currentTime > 0.1"), seconds=10)


async def test_emoji_by_keyboard(page: Page) -> None:
    await page.get_by_test_id("composer").fill("Thank you ")
    await page.get_by_test_id("emoji").press("Enter")
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("emoji-table")).to_have_count(0)
    await expect(page.get_by_test_id("composer")).to_be_focused()
    await expect(page.get_by_test_id("composer")).to_have_value("Thank you 😐")


@pytest.mark.feature("MS8")
async def test_one_emoji_is_a_sticker(site: Shop, page: Page) -> None:
    await say(page, "👍🏽")
    [heard] = await site.messages()
    assert [(part["kind"], part["emoji"]) for part in heard["content"]["parts"]] == [("sticker", "👍🏽")]
    await page.reload()
    await expect(page.get_by_test_id("message-text")).to_have_text("👍🏽")
