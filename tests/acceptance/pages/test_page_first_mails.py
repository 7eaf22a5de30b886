"""The workplace writes first by mail, and changes the heading of an answer (MS12)."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.acceptance.pages.mailing import Mailbox, look, mailbox
from tests.acceptance.pages.place import ON_THE_STREET, Place
from tests.support.browser import Window

pytestmark = [ON_THE_STREET, pytest.mark.timeout(240)]
expect.set_options(timeout=20_000)

VERA = "vera@mail.example"
BOSS = "The boss <boss@mail.example>"


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
