"""The widget on a real page: a visitor talks, reloads, loses the connection, opens a second tab.

The tests of the file share a website and a browser; each is a visitor of their own, told apart by time.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.integration.webchat.conftest import House
from tests.integration.webchat.site import website
from tests.support.browser import open_browser
from tests.support.quiet_ports import quiet_ports
from tests.support.waiting import eventually
from tests.support.webchat import SITE_KEY, Router, write_accounts

pytestmark = [pytest.mark.feature("CH1"), pytest.mark.asyncio(loop_scope="module")]


@pytest.fixture(scope="module")
def port() -> int:
    return quiet_ports(1)[0]


@pytest.fixture(scope="module")
def house_accounts(tmp_path_factory: pytest.TempPathFactory, port: int) -> Path:
    path = write_accounts(tmp_path_factory.mktemp("house"))
    path.write_text(path.read_text().replace("http://shop.example", f"http://127.0.0.1:{port}"))
    return path


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as browser:
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def address(house: House, port: int) -> AsyncIterator[str]:
    """Of the demonstration website."""
    async with website(port, f"http://127.0.0.1:{house.replica.port}/widget.js", SITE_KEY) as address:
        yield address


@pytest_asyncio.fixture(loop_scope="module")
async def router(house: House) -> AsyncIterator[Router]:
    begun = datetime.now(UTC)
    async with Router(house.amqp_url, lambda fact: datetime.fromisoformat(fact["time"]) >= begun) as router:
        yield router


@pytest_asyncio.fixture(loop_scope="module")
async def page(router: Router, browser: Browser, address: str) -> AsyncIterator[Page]:
    """A Russian visitor on the demonstration website; complaints of the browser fail the test."""
    context = await browser.new_context(locale="ru-RU", base_url=address)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto("/")
    yield page
    await context.close()
    assert complaints == []


async def say(page: Page, text: str) -> None:
    await page.get_by_test_id("composer").fill(text)
    await page.keyboard.press("Enter")


async def transcript(page: Page) -> list[str]:
    return await page.get_by_test_id("message-text").all_inner_texts()


async def test_talk_reload_and_return(page: Page, router: Router) -> None:
    await page.get_by_test_id("bubble").click()
    await expect(page.get_by_test_id("composer")).to_be_focused()
    await expect(page.get_by_test_id("status")).to_have_text("Мы на связи")
    await say(page, "Здравствуйте <b>!</b>")
    await expect(page.get_by_test_id("message")).to_have_attribute("data-state", "sent")
    await eventually(lambda: router.of_type("inbound.message.v1"))
    fact = router.of_type("inbound.message.v1")[0]["data"]
    assert fact["visit"]["url"].endswith("/")
    assert fact["visit"]["title"] == "Northwind Cycles"
    await router.send(fact["dialog"]["chat"], "Добрый день!")
    await expect(page.get_by_test_id("message")).to_have_count(2)
    both = ["Здравствуйте <b>!</b>", "Добрый день!"]
    assert await transcript(page) == both
    await page.reload()
    await expect(page.get_by_test_id("message")).to_have_count(2)
    assert await transcript(page) == both
    await page.goto("/delivery?utm_source=mail")
    await expect(page.get_by_test_id("message")).to_have_count(2)
    await page.keyboard.press("Tab")
    await page.get_by_test_id("composer").press("Escape")
    await expect(page.get_by_test_id("panel")).to_have_count(0)
    await expect(page.get_by_test_id("bubble")).to_be_focused()
    await router.send(fact["dialog"]["chat"], "Вы ещё здесь?")
    await expect(page.get_by_test_id("unread")).to_have_text("1")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("message")).to_have_count(3)
    await expect(page.get_by_test_id("unread")).to_have_count(0)


async def test_words_without_a_connection_are_kept_and_sent_once(page: Page, router: Router) -> None:
    await page.get_by_test_id("bubble").click()
    await say(page, "раз")
    await expect(page.get_by_test_id("message")).to_have_attribute("data-state", "sent")
    await page.context.set_offline(True)
    await page.evaluate("dispatchEvent(new Event('offline'))")
    for text in ("два", "три", "четыре"):
        await say(page, text)
    await expect(page.get_by_test_id("notice")).to_have_text(
        "Сообщение сохранено и уйдёт, когда связь вернётся."
    )
    await expect(page.get_by_test_id("status")).to_have_text("Нет связи. Пробуем ещё раз…")
    assert await page.locator('[data-state="pending"]').count() == 3
    await page.context.set_offline(False)
    await page.reload()
    await expect(page.locator('[data-testid=message][data-state="sent"]')).to_have_count(4)
    [chat] = {fact["data"]["dialog"]["chat"] for fact in router.of_type("inbound.message.v1")}
    await eventually(lambda: router.heard(chat) == ["раз", "два", "три", "четыре"])
    assert await transcript(page) == ["раз", "два", "три", "четыре"]
    await expect(page.get_by_test_id("notice")).to_have_text("")


async def test_two_tabs_are_one_visitor(page: Page, router: Router) -> None:
    await page.get_by_test_id("bubble").click()
    await say(page, "из первой")
    await expect(page.get_by_test_id("message")).to_have_attribute("data-state", "sent")
    other = await page.context.new_page()
    await other.goto("/delivery")
    await expect(other.get_by_test_id("message")).to_have_count(1)
    await say(other, "из второй")
    for tab in (page, other):
        await expect(tab.locator('[data-testid=message][data-state="sent"]')).to_have_count(2)
        assert await transcript(tab) == ["из первой", "из второй"]
    [chat] = {fact["data"]["dialog"]["chat"] for fact in router.of_type("inbound.message.v1")}
    assert router.heard(chat) == ["из первой", "из второй"]


async def test_what_is_too_long_is_told_before_it_is_sent(page: Page) -> None:
    await page.get_by_test_id("bubble").click()
    await page.get_by_test_id("composer").fill("🦔" * 4001)
    await expect(page.get_by_test_id("too-long")).to_have_text("Лишних знаков: 1")
    await expect(page.get_by_test_id("send")).to_be_disabled()
    await page.get_by_test_id("composer").fill("🦔" * 4000)
    await expect(page.get_by_test_id("send")).to_be_enabled()
    await page.get_by_test_id("send").click()
    await expect(page.get_by_test_id("message")).to_have_attribute("data-state", "sent")


async def test_one_global_name(page: Page) -> None:
    await expect(page.get_by_test_id("bubble")).to_be_visible()
    frame = "const f = document.body.appendChild(document.createElement('iframe'));"
    known = f"(() => {{ {frame} const k = Object.keys(f.contentWindow); f.remove(); return k }})()"
    names = set(await page.evaluate("Object.getOwnPropertyNames(window)"))
    plain = set(await page.evaluate(known.replace("Object.keys", "Object.getOwnPropertyNames")))
    assert {name for name in names - plain if not name.isdigit()} == {"Switchboard"}
    await page.evaluate("Switchboard.open()")
    await expect(page.get_by_test_id("panel")).to_be_visible()
