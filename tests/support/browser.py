"""A real browser: Debian's Chromium without windows, driven by Playwright, with a profile that goes with it.

async with open_browser() as browser:
    window = await new_window(browser, language="ru")
    await window.page.goto(stack.desk_url)
    window.check()          # no script failed, the page's own policy refused nothing
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from playwright.async_api import Browser, ConsoleMessage, Error, Page, async_playwright

CHROMIUM: Final = "/usr/bin/chromium-headless-shell"
"""The same engine as in Chromium, for a third less of the processor."""
FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--in-process-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LOCALES: Final = {"en": "en-GB", "ru": "ru-RU"}
AXE: Final = Path(__file__).parents[2] / "gateways/desk/web/node_modules/axe-core/axe.min.js"
_STILL: Final = """() => Promise.all(document.getAnimations()
    .filter(one => Number.isFinite(one.effect.getComputedTiming().endTime))
    .map(one => one.finished.catch(() => null)))"""
_WRONG: Final = """tags => axe
    .run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})
    .then(found => found.violations)"""
_RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@dataclass
class Window:
    """A page in a context of its own: cookies and storage are nobody else's."""

    page: Page
    faults: list[str] = field(default_factory=list)
    """Scripts that failed, and what the page's policy refused; unanswered requests are not among them."""

    def check(self) -> None:
        assert not self.faults, "\n".join(self.faults)

    async def inaccessible(self) -> list[str]:
        """What axe finds wrong by WCAG 2.2 AA, a line each, once no colour is on its way any more."""
        await self.page.evaluate(_STILL)
        if not await self.page.evaluate("'axe' in window"):
            await self.page.evaluate(AXE.read_text())
        found: list[dict[str, Any]] = await self.page.evaluate(_WRONG, _RULES)
        return [
            f"{violation['id']}: {node['html']} {node['failureSummary']}"
            for violation in found
            for node in violation["nodes"]
        ]

    def _hear(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.faults.append(message.text)

    def _failed(self, error: Error) -> None:
        self.faults.append(f"{error.name}: {error.message}\n{error.stack}")


@asynccontextmanager
async def open_browser(*flags: str) -> AsyncIterator[Browser]:
    """A browser that ends with the block; `flags` beside those that all have."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])
        try:
            yield browser
        finally:
            await browser.close()


async def new_window(
    browser: Browser,
    *,
    language: Literal["en", "ru"] = "en",
    dark: bool = False,
    width: int = 1280,
    height: int = 800,
) -> Window:
    """A window that shares nothing with the others."""
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        locale=LOCALES[language],
        timezone_id="Europe/Moscow",
    )
    context.set_default_timeout(15_000)
    window = Window(await context.new_page())
    window.page.on("console", window._hear)
    window.page.on("pageerror", window._failed)
    return window
