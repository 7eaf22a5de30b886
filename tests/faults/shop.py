"""A customer's browser on the site, and an operator's on the workplace, while the town is struck.

The site is a page of one script tag, served from a port of its own: an origin like any other.
"""

from __future__ import annotations

from types import TracebackType
from typing import Self

from aiohttp import web
from playwright.async_api import Browser, Locator, Page, expect

from tests.support.browser import Window, new_window
from tests.support.stack import Signer

expect.set_options(timeout=30_000)


class Shop:
    """`origin` is the site's address; `page` is told later where the widget is."""

    def __init__(self) -> None:
        self.origin = ""
        self.page = ""
        application = web.Application()
        application.router.add_get("/", self._front)
        self._runner = web.AppRunner(application)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.origin = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    def sells_with(self, widget: str, key: str) -> None:
        """The widget's address, and the key of the site."""
        self.page = (
            "<!doctype html><title>A shop</title><link rel=icon href=data:,>"
            f'<script src="{widget}" data-site="{key}" data-language="en" async></script>'
        )

    async def _front(self, _request: web.Request) -> web.Response:
        return web.Response(text=self.page, content_type="text/html")


class Customer:
    """The widget in a browser, opened."""

    def __init__(self, window: Window) -> None:
        self.window = window

    @classmethod
    async def enter(cls, browser: Browser, shop: Shop) -> Self:
        window = await new_window(browser)
        await window.page.goto(shop.origin)
        await window.page.get_by_test_id("bubble").click()
        customer = cls(window)
        await expect(customer.status).to_have_text("We are in touch")
        return customer

    @property
    def status(self) -> Locator:
        return self.window.page.get_by_test_id("status")

    @property
    def notice(self) -> Locator:
        return self.window.page.get_by_test_id("notice")

    async def say(self, text: str) -> None:
        page = self.window.page
        await page.get_by_test_id("composer").fill(text)
        await page.get_by_test_id("send").click()

    def message(self, text: str) -> Locator:
        return self.window.page.get_by_test_id("message").filter(has_text=text)


class Workplace:
    """An operator's page, signed in and available."""

    def __init__(self, window: Window) -> None:
        self.window = window

    @classmethod
    async def open(cls, browser: Browser, desk_url: str, signer: Signer) -> Self:
        window = await new_window(browser)
        page = window.page
        await page.goto(desk_url)
        await page.get_by_test_id("login").fill(signer.login)
        await page.get_by_test_id("password").fill(signer.password)
        await page.get_by_test_id("sign-in-submit").click()
        await expect(page.get_by_test_id("desk")).to_be_visible()
        await expect(page.get_by_test_id("my-status")).to_have_attribute("data-available", "true")
        return cls(window)

    @property
    def page(self) -> Page:
        return self.window.page

    @property
    def connection(self) -> Locator:
        return self.page.get_by_test_id("connection")

    @property
    def connection_words(self) -> Locator:
        return self.page.get_by_test_id("connection-words")

    async def take(self, words: str) -> None:
        """Opens the new conversation that ends with these words, and accepts it."""
        await self.page.get_by_test_id("conversation").filter(has_text=words).click()
        await self.page.get_by_test_id("accept").click()
        await expect(self.page.get_by_test_id("close")).to_be_visible()

    async def reply(self, text: str) -> None:
        await self.page.get_by_test_id("reply").fill(text)
        await self.page.keyboard.press("Enter")

    def text(self, text: str) -> Locator:
        return self.page.get_by_test_id("message-text").filter(has_text=text)
