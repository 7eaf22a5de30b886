"""A test's own part of a running stack: a site, its operators, its visitors and its windows.

    anna = await place.operator("anna")
    window = await place.signed_in(anna, language="ru")
    async with place.visiting() as visitor:
        await visitor.say("Hello")

Operators see the place's site alone, so no counter and no list shows what another test did.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from shared.bus.call import Caller
from shared.bus.connection import Broker
from shared.bus.publisher import Publisher
from shared.clock import SystemClock, uuid7
from shared.contract.commands import PATIENCE, SetRouting
from shared.contract.envelope import wrap
from shared.contract.people import Actor
from shared.trace import new_trace
from tests.support.browser import Window, new_window
from tests.support.quiet_ports import quiet_ports
from tests.support.stack import Signer, Site, Stack
from tests.support.visitor import Visitor
from tests.support.waiting import eventually

ON_THE_STREET = pytest.mark.asyncio(loop_scope="session")
"""Tests that have a place run on the event loop of the browser."""
FROM = {
    "url": "https://shop.test/lamps",
    "title": "Lamps",
    "referrer": "https://search.test/",
    "utm": {"utm_source": "letter"},
}
"""The page on which visitors are."""


def sites(count: int) -> list[Site]:
    """Each with a port of this machine as its origin, for those who open a page there."""
    ports = enumerate(quiet_ports(count), 1)
    return [Site(f"shop{number}", f"site_shop{number}", f"http://127.0.0.1:{port}") for number, port in ports]


class Attentive(Visitor):
    """Remembers who writes to them, and can do what a widget can."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.writers: list[dict[str, Any]] = []

    def _take(self, frame: dict[str, Any]) -> None:
        if frame["t"] == "typing":
            self.writers.append(frame)
        super()._take(frame)
        if frame["t"] == "ack":  # of a frame that was told
            self._keep({"t": "msg", "from": "client", **frame})

    def tell(self, kind: str, **fields: Any) -> None:
        self.send_raw(json.dumps({"t": kind, **fields}))

    def told(self, kind: str) -> list[dict[str, Any]]:
        """What came of this kind: `msg` of the operators, `edit`, `delete` …"""
        return [line for line in self.received if line.get("t") == kind and line.get("from") != "client"]


@dataclass(frozen=True)
class Street:
    """A running stack and a browser; `vacant` are sites that no test has had."""

    stack: Stack
    browser: Browser
    vacant: Iterator[Site]

    @asynccontextmanager
    async def place(self) -> AsyncIterator[Place]:
        """The next site; its windows are closed in the end."""
        for member in self.stack.members.values():
            assert member.alive, f"{member.name} has ended:\n{member.tail()}"
        site = next(self.vacant, None)
        assert site is not None, "more tests than sites: the street needs more of them"
        yield Place(self.stack, self.browser, site)
        for context in list(self.browser.contexts):
            await context.close()


@dataclass(frozen=True)
class Place:
    """What one test has."""

    stack: Stack
    browser: Browser
    site: Site

    async def operator(
        self, word: str = "anna", role: str = "operator", *, also: Sequence[str] = ()
    ) -> Signer:
        """An operator of this site, "Anna Person"; `also`: of these accounts too."""
        return await self.stack.add_operator(
            f"{word}.{self.site.slug}",
            name=f"{word.title()} Person",
            accounts=[self.site.account, *also],
            role=role,
        )

    async def route(self, **settings: Any) -> None:
        """Settings of routing of this site, as a console sets them, once the site is known."""
        async with Broker(self.stack.amqp_url, name="place") as broker:
            caller = Caller(broker, Publisher(broker))

            async def known() -> bool:
                now = SystemClock().now()
                actor = Actor(kind="console", id="place")
                command = SetRouting(
                    actor=actor, deadline=now + PATIENCE, account=self.site.account, **settings
                )
                envelope = wrap(
                    command, id=uuid7(now), source="console", time=now, subject="routing",
                    traceparent=new_trace(),
                )  # fmt: skip
                answer = await caller.call(envelope)
                assert answer.ok, answer.refusal
                return True

            await eventually(known)

    async def signed_in(self, signer: Signer, *, available: bool = True, **looks: Any) -> Window:
        """A window of the workplace; conversations come when `available`."""
        window = await new_window(self.browser, **looks)
        page = window.page
        await page.goto(self.stack.desk_url)
        await page.get_by_test_id("login").fill(signer.login)
        await page.get_by_test_id("password").fill(signer.password)
        await page.get_by_test_id("sign-in-submit").click()
        await expect(page.get_by_test_id("desk")).to_be_visible()
        if available:
            await be_available(page)
        return window

    def visitor(self) -> Attentive:
        """Not connected yet."""
        address = self.stack.webchat_url.replace("http", "ws", 1) + "/ws"
        return Attentive(address, site=self.site.key, origin=self.site.origin, page=FROM)

    @asynccontextmanager
    async def visiting(self) -> AsyncIterator[Attentive]:
        """A visitor who is connected, and connects again."""
        visitor = self.visitor()
        async with asyncio.TaskGroup() as group:
            running = group.create_task(visitor.run())
            await visitor.welcomed.wait()
            yield visitor
            running.cancel()


async def be_available(page: Page) -> None:
    status = page.get_by_test_id("my-status")
    await expect(status).to_be_visible()
    if await status.get_attribute("data-available") == "false":
        await status.click()
        await page.get_by_test_id("status-available").click()
    await expect(status).to_have_attribute("data-available", "true")


async def reply(page: Page, text: str) -> None:
    await page.get_by_test_id("reply").fill(text)
    await page.keyboard.press("Enter")
