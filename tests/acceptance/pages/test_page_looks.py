"""How the page looks and whether everybody can use it: both themes and languages, wide and narrow.

`SCREENSHOTS=docs/screenshots pytest tests/acceptance/pages/test_page_looks.py` draws the pictures anew.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.acceptance.pages.place import ON_THE_STREET, Attentive, Place
from tests.support.browser import Window
from tests.support.waiting import eventually

pytestmark = [
    ON_THE_STREET,
    pytest.mark.timeout(240),
]
expect.set_options(timeout=20_000)

LARGEST = 200_000
"""Bytes of a picture."""
WIDE: dict[str, Any] = {"width": 1440, "height": 900}
NARROW: dict[str, Any] = {"width": 390, "height": 780}
TEMPLATES = (
    ("Greeting", "Good day! How can I help you?", "", "1"),
    ("Delivery times", "In the city it takes one or two days, elsewhere three to seven.", "Delivery", "2"),
    ("Refund", "The refund reaches your card within three working days.", "Money", ""),
)
"""Title, words, category, key; what has a category is everybody's."""


class Album:
    """Pictures of what was looked at, where somebody wants them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def look(self, window: Window, name: str) -> None:
        """Nothing is wrong by WCAG 2.2 AA, nothing is wider than the screen, and the picture is small."""
        assert await window.inaccessible() == [], name
        assert await window.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        file = self._folder / f"{name}.png"
        await window.page.screenshot(path=file, animations="disabled")
        assert file.stat().st_size < LARGEST, name


@pytest.fixture
def album(tmp_path: Path) -> Album:
    folder = Path(os.environ.get("SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return Album(folder)


@pytest.mark.feature("UI1", "UI2", "UI4", "UI5", "LC13", "BY3", "RT6", "MS6", "OP5")
async def test_looks_in_both_themes(place: Place, album: Album) -> None:
    anna = await place.operator(
        "anna", role="supervisor", also=[site.account for site in place.stack.sites[-2:]]
    )
    boris, clara = await place.operator("boris"), await place.operator("clara")
    await place.operator("dmitry")
    await place.signed_in(boris)
    rests = (await place.signed_in(clara)).page
    await rests.get_by_test_id("my-status").click()
    await rests.get_by_test_id("status-break").click()
    light = await place.signed_in(anna, **WIDE)
    await write_templates(light.page)
    async with place.visiting() as visitor, place.visiting() as waiting:
        await waiting.say("Do you repair old lamps?")
        await talk(light.page, visitor)
        await album.look(light, "conversation-light-en")
        dark = await place.signed_in(anna, dark=True, language="ru", **WIDE)
        await dark.page.goto(light.page.url)
        await expect(dark.page.get_by_test_id("note-text")).to_be_visible()
        await album.look(dark, "conversation-dark-ru")
        for window, name in ((light, "light-en"), (dark, "dark-ru")):
            page = window.page
            await page.keyboard.press("Alt+KeyT")
            await expect(page.get_by_test_id("choice").first).to_be_visible()
            await page.get_by_test_id("person-search").fill(place.site.slug)
            await album.look(window, f"transfer-{name}")
            await page.keyboard.press("Escape")
            await page.get_by_test_id("my-status").click()
            await page.get_by_test_id("open-templates").click()
            await expect(page.get_by_test_id("template-edit")).to_have_count(len(TEMPLATES))
            await album.look(window, f"templates-{name}")
            await page.keyboard.press("Escape")
            await page.locator("[data-testid=account][data-total='2']").click()
            await page.get_by_test_id("list-search").fill("nobody")
            await expect(page.get_by_test_id("list-empty")).to_be_visible()
            await page.get_by_test_id("reply").focus()
            await page.keyboard.type("Well: de")
            await expect(page.get_by_test_id("suggestion")).to_have_count(1)
            await page.keyboard.press("ArrowDown")
            await album.look(window, f"found-{name}")
            await page.get_by_test_id("reply").fill("")
            await page.get_by_test_id("filter-clear").click()
        await explained(light)
        phone = await place.signed_in(anna, language="ru", **NARROW)
        await phone.page.goto(dark.page.url)
        await expect(phone.page.get_by_test_id("note-text")).to_be_visible()
        await album.look(phone, "phone-light-ru")
        await phone.page.get_by_test_id("acts").click()
        await expect(phone.page.get_by_test_id("acts-items")).to_be_visible()
        await album.look(phone, "phone-acts-light-ru")
        await phone.page.keyboard.press("Escape")
        await phone.page.get_by_test_id("back").click()
        await album.look(phone, "phone-list-light-ru")
    for window in (light, dark, phone):
        window.check()


async def write_templates(page: Page) -> None:
    await page.get_by_test_id("my-status").click()
    await page.get_by_test_id("open-templates").click()
    for title, text, category, key in TEMPLATES:
        await page.get_by_test_id("template-add").click()
        await page.get_by_test_id("template-title").fill(title)
        await page.get_by_test_id("template-text").fill(text)
        await page.get_by_test_id("template-category").fill(category)
        await page.get_by_test_id("template-hotkey").select_option(key)
        await page.get_by_test_id("template-shared").set_checked(category != "")
        await page.get_by_test_id("template-save").click()
        await expect(page.get_by_test_id("template-edit").filter(has_text=title)).to_be_visible()
    await page.keyboard.press("Escape")


async def talk(page: Page, visitor: Attentive) -> None:
    """A conversation with all that a thread shows."""
    await visitor.say("Good day! The lamp came broken, already the second one.")
    await page.get_by_test_id("conversation").filter(has_text="second one").click()
    await page.get_by_test_id("accept").click()
    field = page.get_by_test_id("reply")
    await field.fill("I am sorry to hear that. We refund the full price today; shall we send a new one?")
    await field.press("Enter")
    await expect(page.locator("[data-side=out][data-state=sent]")).to_have_count(1)
    await page.keyboard.press("Alt+KeyN")
    await page.keyboard.type("The second parcel that arrives broken: ask the warehouse first.")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("note-text")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.get_by_test_id("acts").click()
    await page.get_by_test_id("act-describe").click()
    await page.keyboard.type("Refund for a broken lamp")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("description")).to_have_text("Refund for a broken lamp")
    await visitor.say("Just the refund, please.")
    await page.get_by_test_id("reply").focus()
    await expect(page.get_by_test_id("message-text")).to_have_count(3)


async def explained(window: Window) -> None:
    """Why the other one waits, in words."""
    page = window.page
    await page.get_by_test_id("folder-new").click()
    await page.get_by_test_id("conversation").click()
    await expect(page.locator(".head").get_by_test_id("waiting")).to_have_attribute("data-patience", "calm")
    await page.get_by_test_id("why").click()
    await expect(page.get_by_test_id("waits")).to_contain_text("operators take conversations themselves")
    assert await eventually(lambda: page.locator("[data-testid=considered] li").count()) > 1
    assert await window.inaccessible() == []
