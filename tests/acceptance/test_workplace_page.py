"""The workplace page in a real browser, on all services: what an operator sees and does, and what is said
when something is away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Locator, Page, WebSocketRoute, expect

from tests.support.browser import Window, new_window, open_browser
from tests.support.relay import Relay
from tests.support.stack import Signer, Stack
from tests.support.visitor import Visitor
from tests.support.waiting import eventually

DatabaseUrl = Callable[[str], str]
LATE = "The history is late: the archive does not answer right now. It catches up by itself."
HOSTILE = '<img src=x onerror="document.title=1">&amp; "quoted" 👋'

pytestmark = pytest.mark.timeout(150)
expect.set_options(timeout=20_000)


@asynccontextmanager
async def talking(stack: Stack) -> AsyncIterator[Visitor]:
    """A visitor of the first site who is connected, and connects again."""
    site = stack.sites[0]
    address = stack.webchat_url.replace("http", "ws", 1) + "/ws"
    visitor = Visitor(address, site=site.key, origin=site.origin)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(visitor.run())
        yield visitor
        running.cancel()


async def signed_in(browser: Browser, stack: Stack, signer: Signer, **looks: object) -> Window:
    window = await new_window(browser, **looks)  # type: ignore[arg-type]
    page = window.page
    await page.goto(stack.desk_url)
    await page.get_by_test_id("login").fill(signer.login)
    await page.get_by_test_id("password").fill(signer.password)
    await page.get_by_test_id("sign-in-submit").click()
    await expect(page.get_by_test_id("desk")).to_be_visible()
    return window


async def available(page: Page) -> None:
    switch = page.get_by_test_id("availability")
    if await switch.get_attribute("aria-checked") == "false":
        await switch.click()
    await expect(switch).to_have_attribute("aria-checked", "true")


async def reply(page: Page, text: str) -> None:
    await page.get_by_test_id("reply").fill(text)
    await page.keyboard.press("Enter")


def silent(socket: WebSocketRoute) -> None:
    """A live connection that says nothing: the page knows only what it reads."""
    assert "/api/live" in socket.url


def messages(page: Page) -> Locator:
    return page.get_by_test_id("message-text")


def heard(visitor: Visitor) -> list[str]:
    """What the operators said, as the visitor got it."""
    return [entry["text"] for entry in visitor.received if entry.get("from") == "operator"]


@pytest.mark.feature("LC1", "LC2", "LC3", "LC6", "LC7", "UI1", "UI5")
async def test_a_visitor_is_answered(amqp_url: str, database_url: DatabaseUrl) -> None:
    async with Stack(amqp_url, database_url) as stack, open_browser() as browser:
        anna = await stack.add_operator("anna")
        window = await signed_in(browser, stack, anna)
        page = window.page
        await available(page)
        await expect(page.get_by_test_id("list-empty")).to_be_visible()
        async with talking(stack) as visitor:
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
async def test_both_languages_and_looks(amqp_url: str, database_url: DatabaseUrl) -> None:
    async with Stack(amqp_url, database_url) as stack, open_browser() as browser:
        anna = await stack.add_operator("anna")
        window = await new_window(browser, language="ru", width=360, height=740)
        page = window.page
        await page.goto(stack.desk_url)
        await page.get_by_test_id("login").fill(anna.login)
        await page.get_by_test_id("password").fill("not the password")
        await page.get_by_test_id("sign-in-submit").click()
        await expect(page.get_by_test_id("sign-in-error")).to_contain_text("Неверный логин или пароль")
        assert await window.inaccessible() == []
        await page.get_by_test_id("language-en").click()
        await page.get_by_test_id("sign-in-submit").click()
        await expect(page.get_by_test_id("sign-in-error")).to_contain_text(
            "The login or the password is wrong"
        )
        await page.get_by_test_id("password").fill(anna.password)
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id("list-empty")).to_contain_text("Nobody is waiting")
        async with talking(stack) as visitor:
            await visitor.say("Добрый день")
            await page.get_by_test_id("conversation").click()
            await expect(messages(page)).to_have_text(["Добрый день"])
            await expect(page.get_by_test_id("list")).to_be_hidden()
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            await page.get_by_test_id("back").click()
            await expect(page.get_by_test_id("list")).to_be_visible()
            await page.get_by_test_id("language-ru").click()
            await expect(page.get_by_test_id("folder-new")).to_contain_text("Новые")

            dark = await signed_in(browser, stack, anna, dark=True)
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
async def test_a_refused_reply_stays_in_the_field(amqp_url: str, database_url: DatabaseUrl) -> None:
    async with Stack(amqp_url, database_url) as stack, open_browser() as browser:
        anna, boris = await stack.add_operator("anna"), await stack.add_operator("boris")
        slow = await signed_in(browser, stack, anna)
        quick = await signed_in(browser, stack, boris)
        await available(slow.page)
        await available(quick.page)
        async with talking(stack) as visitor:
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


@pytest.mark.feature("BY2", "UI4")
async def test_a_reply_outlives_an_outage_of_the_broker(amqp_url: str, database_url: DatabaseUrl) -> None:
    async with (
        Relay(amqp_url) as wire,
        Stack(amqp_url, database_url, settings={"desk": {"amqp_url": wire.url}}) as stack,
        open_browser() as browser,
    ):
        window = await signed_in(browser, stack, await stack.add_operator("anna"))
        page = window.page
        said = page.get_by_test_id("connection-words")
        await available(page)
        async with talking(stack) as visitor:
            await visitor.say("Hello")
            await page.get_by_test_id("conversation").click()
            await reply(page, "Good day")
            await eventually(lambda: heard(visitor) == ["Good day"])

            await wire.cut()
            await reply(page, "Are you there?")
            await expect(said).to_have_text("No connection: the message is saved and will go by itself.")
            await page.get_by_test_id("language-ru").click()
            await expect(said).to_have_text("Нет связи: сообщение сохранено и уйдёт само.")
            await page.reload()
            await expect(messages(page)).to_have_text(["Hello", "Good day", "Are you there?"])
            await expect(page.get_by_test_id("message-fate")).to_have_text("Сохранено, ещё не ушло")
            await wire.mend()
            await eventually(lambda: heard(visitor) == ["Good day", "Are you there?"], seconds=45)
            await expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "well")
            await expect(messages(page)).to_have_text(["Hello", "Good day", "Are you there?"])
        window.check()


@pytest.mark.feature("BY9", "UI4")
async def test_what_is_said_while_the_archive_or_the_desk_is_away(
    amqp_url: str, database_url: DatabaseUrl
) -> None:
    async with Stack(amqp_url, database_url) as stack, open_browser() as browser:
        window = await signed_in(browser, stack, await stack.add_operator("anna"))
        page = window.page
        said = page.get_by_test_id("connection-words")
        async with talking(stack) as visitor:
            await visitor.say("Hello")
            await page.get_by_test_id("conversation").click()
            await expect(messages(page)).to_have_text(["Hello"])

            stack.member("store-serve").kill()
            await page.get_by_test_id("folder-closed").click()
            await expect(said).to_have_text(LATE)
            await expect(page.get_by_test_id("list-loading")).to_have_text(LATE)
            await stack.start("store-serve")
            await expect(page.get_by_test_id("list-empty")).to_have_text("Nothing has been closed yet.")
            await page.go_back()

            stack.member("store-write").kill()
            await expect(said).to_have_text(LATE)
            await visitor.say("Nobody?")
            await stack.start("store-write")
            await expect(messages(page)).to_have_text(["Hello", "Nobody?"])

            stack.member("desk").kill()
            await expect(said).to_contain_text("No connection to the server")
            await visitor.say("Anybody?")
            await stack.start("desk")
            await expect(messages(page)).to_have_text(["Hello", "Nobody?", "Anybody?"])
            await expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "well")
        window.check()
