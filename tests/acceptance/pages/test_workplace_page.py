"""The workplace page in a real browser, on all services: what an operator sees and does."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, Page, WebSocketRoute, expect

from tests.acceptance.pages.place import ON_THE_STREET, Place, reply
from tests.support.browser import new_window
from tests.support.visitor import Visitor
from tests.support.waiting import eventually

HOSTILE = '<img src=x onerror="document.title=1">&amp; "quoted" 👋'

pytestmark = [ON_THE_STREET, pytest.mark.timeout(150)]
expect.set_options(timeout=20_000)


def silent(socket: WebSocketRoute) -> None:
    """A live connection that says nothing: the page knows only what it reads."""
    assert "/api/live" in socket.url


def messages(page: Page) -> Locator:
    return page.get_by_test_id("message-text")


def heard(visitor: Visitor) -> list[str]:
    """What the operators said, as the visitor got it."""
    return [entry["text"] for entry in visitor.received if entry.get("from") == "operator"]


@pytest.mark.feature("LC1", "LC2", "LC3", "LC6", "LC7", "UI1", "UI5")
async def test_a_visitor_is_answered(place: Place) -> None:
    anna = await place.operator("anna")
    window = await place.signed_in(anna)
    page = window.page
    await expect(page.get_by_test_id("list-empty")).to_be_visible()
    async with place.visiting() as visitor:
        await visitor.say(HOSTILE)
        row = page.get_by_test_id("conversation")
        await expect(row.get_by_test_id("conversation-text")).to_have_text(HOSTILE)
        await expect(page.get_by_test_id("folder-new")).to_have_attribute("data-total", "1")
        await row.click()
        await expect(messages(page)).to_have_text([HOSTILE])
        await page.get_by_test_id("accept").click()
        await expect(page.get_by_test_id("folder-mine")).to_have_attribute("data-total", "1")
        await expect(page.get_by_test_id("folder-mine")).to_have_attribute("aria-current", "page")

        await reply(page, "Good day! Shift\nand enter")
        await eventually(lambda: heard(visitor) == ["Good day! Shift\nand enter"])
        await expect(page.locator("[data-side=out][data-state=sent]")).to_have_count(1)
        await page.reload()
        await expect(messages(page)).to_have_text([HOSTILE, "Good day! Shift\nand enter"])

        await visitor.say("Thank you")
        await expect(messages(page)).to_have_count(3)
        await expect(page.get_by_test_id("announcement")).to_contain_text("Thank you")
        await page.get_by_test_id("close").click()
        await expect(page.get_by_test_id("event").last).to_contain_text("You closed the conversation")
        await expect(page.get_by_test_id("composer-note")).to_contain_text("The conversation is closed")

        await visitor.say("One more thing")
        await expect(page.get_by_test_id("folder-new")).to_have_attribute("data-total", "1")
        await expect(messages(page).last).to_have_text("One more thing")
    window.check()


@pytest.mark.feature("UI4", "UI5", "UI7")
async def test_both_languages_and_looks(place: Place) -> None:
    anna = await place.operator("anna")
    window = await new_window(place.browser, language="ru", width=360, height=740)
    page = window.page
    await page.goto(place.stack.desk_url)
    await page.get_by_test_id("login").fill(anna.login)
    await page.get_by_test_id("password").fill("not the password")
    await page.get_by_test_id("sign-in-submit").click()
    await expect(page.get_by_test_id("sign-in-error")).to_contain_text("Неверный логин или пароль")
    assert await window.inaccessible() == []
    await page.get_by_test_id("language-en").click()
    await page.get_by_test_id("sign-in-submit").click()
    await expect(page.get_by_test_id("sign-in-error")).to_contain_text("The login or the password is wrong")
    await page.get_by_test_id("password").fill(anna.password)
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("list-empty")).to_contain_text("Nobody is waiting")
    async with place.visiting() as visitor:
        await visitor.say("Добрый день")
        await page.get_by_test_id("conversation").click()
        await expect(messages(page)).to_have_text(["Добрый день"])
        await expect(page.get_by_test_id("list")).to_be_hidden()
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await page.get_by_test_id("back").click()
        await expect(page.get_by_test_id("list")).to_be_visible()
        await page.get_by_test_id("language-ru").click()
        await expect(page.get_by_test_id("folder-new")).to_contain_text("Новые")

        dark = await place.signed_in(anna, available=False, dark=True)
        await dark.page.get_by_test_id("conversation").press("Enter")
        await expect(messages(dark.page)).to_have_text(["Добрый день"])
        for looked in (window, dark):
            assert await looked.inaccessible() == []
            looked.check()
    await page.get_by_test_id("sign-out").click()
    await expect(page.get_by_test_id("sign-in")).to_be_visible()
    await page.reload()
    await expect(page.get_by_test_id("sign-in")).to_be_visible()


@pytest.mark.feature("LC3", "LC4")
async def test_a_refused_reply_stays_in_the_field(place: Place) -> None:
    anna, boris = await place.operator("anna"), await place.operator("boris")
    slow = await place.signed_in(anna)
    quick = await place.signed_in(boris)
    async with place.visiting() as visitor:
        await visitor.say("Anybody?")
        await slow.page.get_by_test_id("conversation").click()
        await slow.page.route_web_socket("**/api/live*", silent)
        await slow.page.reload()
        await expect(messages(slow.page)).to_have_text(["Anybody?"])
        await quick.page.get_by_test_id("conversation").click()
        await reply(quick.page, "I am here")
        await eventually(lambda: heard(visitor) == ["I am here"])

        await reply(slow.page, "So am I")
        await expect(slow.page.get_by_test_id("notice-words")).to_contain_text("Boris Person")
        await expect(slow.page.get_by_test_id("reply")).to_have_value("So am I")
        await expect(messages(slow.page)).to_have_text(["Anybody?"])
        await slow.page.get_by_test_id("dismiss").click()
        await expect(slow.page.get_by_test_id("notice")).to_have_count(0)
    assert heard(visitor) == ["I am here"]
    slow.check()
    quick.check()
