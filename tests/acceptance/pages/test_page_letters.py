"""Mails on the workplace page: what is folded, what is noted, and nothing fetched before it was asked for."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Final

import pytest
from PIL import Image as Picture
from playwright.async_api import Page, Request, Route, expect

from shared.contract.content import Address, File, Image
from tests.acceptance.pages.mailing import CLIENT, Mailbox, Mailing, mailbox, mailing
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


VERA: Final = "vera@mail.example"
BOSS: Final = "The boss <boss@mail.example>"


@pytest.mark.feature("MS12", "CH11", "LC1", "UI5")
async def test_a_mail_is_written_first_answered_and_its_heading_changed(place: Place, tmp_path: Path) -> None:
    async with mailbox(place.stack, place.site.slug) as box:
        anna = await place.operator(also=[box.account])
        window = await place.signed_in(anna, width=1440, height=900)
        page = window.page
        await expect(page.get_by_test_id("first-open")).to_be_visible()
        await page.keyboard.press("Alt+w")
        await it_is_written(window, tmp_path)
        first = await box.sent()
        assert first.content.letter is not None
        assert [one.address for one in first.content.letter.to] == [VERA]
        assert (first.content.subject, [one.name for one in first.content.cc]) == ("Your lamp", ["The boss"])
        await expect(page.get_by_test_id("thread-name")).to_have_text("Vera")
        await expect(page.get_by_test_id("thread")).to_have_attribute("data-status", "active")
        await expect(page.get_by_test_id("subject")).to_have_text("Subject: Your lamp")
        await expect(page.get_by_test_id("event").last).to_contain_text("wrote first")
        await box.report(first, "sent")
        await expect(page.get_by_test_id("message")).to_have_attribute("data-state", "sent")

        await box.answer(first, "When?", VERA)
        await expect(page.get_by_test_id("message")).to_have_count(2)
        await the_heading_is_changed(window, box)
        await one_more_is_written_from_the_card(window, box, tmp_path)
        window.check()


async def it_is_written(window: Window, folder: Path) -> None:
    """With the keyboard; what is wrong is said before it goes."""
    page = window.page
    dialog = page.get_by_test_id("dialog-first")
    await expect(dialog).to_be_visible()
    await expect(dialog.get_by_test_id("first-account").locator("option")).to_have_count(1)
    await expect(dialog.get_by_test_id("first-address")).to_be_focused()
    await page.keyboard.type("vera at mail")
    await page.keyboard.press("Tab")
    await expect(dialog.get_by_test_id("first-address-wrong")).to_be_visible()
    await expect(dialog.get_by_test_id("dialog-yes")).to_have_attribute("aria-disabled", "true")
    assert await window.inaccessible() == []
    await look(window, folder, "first-light-en")
    await dialog.get_by_test_id("first-address").fill(VERA)
    for name, words in (
        ("name", "Vera"),
        ("subject", "Your lamp"),
        ("copies", BOSS),
        ("text", "It is here."),
    ):
        await dialog.get_by_test_id(f"first-{name}").fill(words)
    await page.keyboard.press("Control+Enter")
    await expect(dialog).to_have_count(0)


async def the_heading_is_changed(window: Window, box: Mailbox) -> None:
    """What stands in the fields goes; the next answer is as usual again."""
    page = window.page
    strip = page.get_by_test_id("answer-strip")
    await expect(strip).to_contain_text("Re: Your lamp")
    await strip.get_by_test_id("heading-change").click()
    await expect(strip.get_by_test_id("heading-subject")).to_be_focused()
    await expect(strip.get_by_test_id("heading-subject")).to_have_value("Re: Your lamp")
    await strip.get_by_test_id("heading-subject").fill("The shade")
    await strip.get_by_test_id("heading-copies").fill("nobody")
    await page.get_by_test_id("reply").fill("On Monday.")
    await expect(page.get_by_test_id("send")).to_have_attribute("aria-disabled", "true")
    assert await window.inaccessible() == []
    await strip.get_by_test_id("heading-copies").fill("shade@mail.example")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("reply")).to_be_focused()
    await page.keyboard.press("Enter")
    changed = (await box.sent()).content
    assert (changed.subject, [one.address for one in changed.cc]) == ("The shade", ["shade@mail.example"])
    await expect(strip.get_by_test_id("heading-subject")).to_have_count(0)
    await page.get_by_test_id("reply").fill("Or on Tuesday.")
    await page.keyboard.press("Enter")
    usual = (await box.sent()).content
    assert (usual.subject, usual.cc, usual.letter) == (None, (), None)


async def one_more_is_written_from_the_card(window: Window, box: Mailbox, folder: Path) -> None:
    """To a known address, in the other theme and language; that it failed is said in its words."""
    page = window.page
    await page.emulate_media(color_scheme="dark")
    await page.get_by_test_id("language-ru").click()
    await page.get_by_test_id("write-to").click()
    dialog = page.get_by_test_id("dialog-first")
    await expect(dialog.get_by_test_id("first-address")).to_have_value(VERA)
    await dialog.get_by_test_id("first-text").fill("Ещё одно.")
    await look(window, folder, "first-dark-ru")  # by then no colour is on its way any more
    assert await window.inaccessible() == []
    before = page.url
    await dialog.get_by_test_id("dialog-yes").click()
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_test_id("message")).to_have_count(1)
    assert page.url != before
    await box.report(await box.sent(), "failed", "550 There is no such mailbox.")
    await expect(page.get_by_test_id("message-fate")).to_contain_text("550 There is no such mailbox.")


async def look(window: Window, folder: Path, name: str) -> None:
    folder = Path(os.environ.get("SCREENSHOTS", folder))
    await window.page.screenshot(path=folder / f"letter-{name}.png", animations="disabled")
