"""Websites with the chat on them, in a real browser, before a real gateway; the test is the router's end.

The gateway and the browser are shared; each test has a website of its own, which is an account of its own.

async with mall.shop('ask = ["name"]') as site:
    window = await site.visit()
    await say(window.page, "Hello")
    await site.answer("Good day")
    await site.give(CloseChat, conversation_id=uuid7())
"""

from __future__ import annotations

import asyncio
import itertools
import signal
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web
from playwright.async_api import Browser, Page, expect

from deploy.demo.__main__ import application
from gateways.webchat.service import PACKAGE
from shared.bus.outgoing import Outgoing
from shared.clock import uuid7
from shared.contract.envelope import wrap
from shared.contract.ids import dialog_id
from shared.contract.live import Typing
from shared.contract.outbound import Act
from shared.contract.people import DialogRef
from shared.db.migrate import upgrade
from shared.topology import LIVE, OUTBOUND, live_key, outbound_key
from tests.acceptance.sharing import Ground
from tests.support.browser import Window, new_window, open_browser
from tests.support.waiting import eventually
from tests.support.webchat import Replica, Router, environment, write_accounts

IN_THE_MALL = pytest.mark.asyncio(loop_scope="session")
"""Tests that have a shop run on the event loop of the browser."""
MICROPHONE = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
"""A microphone that beeps, and is allowed without a question."""

expect.set_options(timeout=20_000)


@dataclass
class Shop:
    """A website and whoever is on it."""

    slug: str
    address: str
    browser: Browser
    router: Router
    windows: list[Window] = field(default_factory=list)

    async def visit(self, path: str = "/", *, opened: bool = True, **looks: Any) -> Window:
        """A visitor with a browser of their own; the chat is open unless it is not wanted."""
        window = await new_window(self.browser, **looks)
        self.windows.append(window)
        await window.page.goto(self.address + path)
        if opened:
            await window.page.get_by_test_id("bubble").click()
            await expect(window.page.get_by_test_id("status")).to_have_attribute("data-state", "online")
        return window

    def facts(self, type_: str) -> list[dict[str, Any]]:
        """The data of what the router heard of this website, of this type."""
        heard = self.router.of_type(f"inbound.{type_}.v1")
        return [dict(fact["data"]) for fact in heard if fact["source"] == f"webchat/{self.slug}"]

    async def messages(self, count: int = 1) -> list[dict[str, Any]]:
        """What the visitor said, once it is so many messages."""
        await eventually(lambda: len(self.facts("message")) >= count, seconds=20)
        return self.facts("message")

    async def visitor(self) -> str:
        """The chat of whoever spoke first."""
        return str((await self.messages())[0]["dialog"]["chat"])

    async def answer(self, text: str, **more: Any) -> UUID:
        """A message of ours to whoever spoke first."""
        return await self.answer_to(await self.visitor(), text, **more)

    async def answer_to(self, chat: str, text: str, **more: Any) -> UUID:
        return await self.router.send(chat, text, account=self.slug, **more)

    async def give(self, kind: type[Act], **fields: Any) -> None:
        """Any other act of ours in the same dialog."""
        now, identity = datetime.now(UTC), uuid7()
        chat = await self.visitor()
        ref = DialogRef(
            dialog_id=dialog_id("webchat", self.slug, chat), channel="webchat", account=self.slug, chat=chat
        )
        act = kind(dialog=ref, not_after=now + timedelta(hours=1), **fields)
        envelope = wrap(
            act, id=identity, source="router", time=now, subject=str(ref.dialog_id),
            traceparent=f"00-{identity.hex}-00f067aa0ba902b7-01",
        )  # fmt: skip
        key = outbound_key("webchat", self.slug)
        await self.router.publisher.publish(
            Outgoing(OUTBOUND, key, envelope.encode(), str(identity), act.TYPE)
        )

    async def types(self, *, on: bool = True) -> None:
        """An operator writes, or stopped."""
        dialog = dialog_id("webchat", self.slug, await self.visitor())
        said = Typing(dialog_id=dialog, by="operator", name="Anna", on=on)
        key = live_key("typing", dialog.hex)
        self.router.publisher.announce(
            Outgoing(LIVE, key, said.model_dump_json().encode(), str(uuid7()), Typing.TYPE, persistent=False)
        )


@dataclass
class Mall:
    """The gateway of all shops; `folder` is where its accounts file lies, and what the file names."""

    replica: Replica
    router: Router
    browser: Browser
    folder: Path
    shops: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @asynccontextmanager
    async def shop(self, *settings: str) -> AsyncIterator[Shop]:
        """`settings` are lines of the site in the accounts file. In the end no script may have complained."""
        slug, door = f"shop{next(self.shops)}", socket.create_server(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{door.getsockname()[1]}"
        await self._connect(slug, address, settings)
        script = f"http://127.0.0.1:{self.replica.port}/widget.js"
        website = web.AppRunner(application(script, f"{slug}-site-key", ""), access_log=None)
        await website.setup()
        shop = Shop(slug, address, self.browser, self.router)
        try:
            await web.SockSite(website, door).start()
            yield shop
            for window in shop.windows:
                window.check()
        finally:
            for window in shop.windows:
                await window.page.context.close()
            await website.cleanup()

    async def _connect(self, slug: str, origin: str, settings: Sequence[str]) -> None:
        """The gateway takes on this account, in place of the last."""
        (self.folder / f"{slug}.secret").write_text(f"secret of {slug}, invented for tests")
        lines = [
            "[[webchat]]",
            f'slug = "{slug}"',
            f'name = "Site {slug}"',
            f'site_key = "{slug}-site-key"',
            f'origins = ["{origin}"]',
            f'secret_file = "{slug}.secret"',
            *settings,
        ]
        (self.folder / "accounts.toml").write_text("\n".join([*lines, ""]))
        self.replica.signal(signal.SIGHUP)
        await eventually(lambda: self.replica.logged("account_declared", account=slug))


@asynccontextmanager
async def open_mall(ground: Ground, folder: Path) -> AsyncIterator[Mall]:
    """The gateway and the browser, for as long as the block lasts."""
    mailbox, accounts = ground.database_url("webchat"), write_accounts(folder)
    await asyncio.to_thread(upgrade, mailbox, PACKAGE)
    replica = Replica(environment(ground.amqp_url, mailbox, accounts))
    try:
        await replica.start()
        async with Router(ground.amqp_url) as router, open_browser(*MICROPHONE) as browser:
            yield Mall(replica, router, browser, folder)
    finally:
        await replica.kill()


async def say(page: Page, text: str) -> None:
    """The visitor's message, once the gateway has it."""
    before = await page.get_by_test_id("message").count()
    await page.get_by_test_id("composer").fill(text)
    await page.get_by_test_id("composer").press("Enter")
    await expect(page.get_by_test_id("message")).to_have_count(before + 1)
    await expect(page.get_by_test_id("message").last).to_have_attribute("data-state", "sent")


async def transcript(page: Page) -> list[str]:
    return await page.get_by_test_id("message-text").all_inner_texts()
