"""A website with the chat on it, in a real browser, before a real gateway; the test is the router's end.

The gateway's own tests run on both databases (tests/integration/webchat); the widget sees none of them.

async with shop(amqp_url, tmp_path) as site:
    window = await site.visit()
    await say(window.page, "Hello")
    await site.answer("Good day")
    await site.give(CloseChat, conversation_id=uuid7())
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from playwright.async_api import Browser, Page, async_playwright, expect

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
from tests.integration.webchat.site import free_port, website
from tests.support.browser import CHROMIUM, FLAGS, Window, new_window
from tests.support.waiting import eventually
from tests.support.webchat import ORIGIN, SITE_KEY, Replica, Router, environment, write_accounts

MICROPHONE = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
"""A microphone that beeps, and is allowed without a question."""


@dataclass
class Shop:
    """The website, its gateway and whoever is on it."""

    address: str
    browser: Browser
    replica: Replica
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
        """The data of what the router heard, of this type."""
        return [dict(fact["data"]) for fact in self.router.of_type(f"inbound.{type_}.v1")]

    async def messages(self, count: int = 1) -> list[dict[str, Any]]:
        """What the visitor said, once it is so many messages."""
        await eventually(lambda: len(self.facts("message")) >= count, seconds=20)
        return self.facts("message")

    async def visitor(self) -> str:
        """The chat of whoever spoke first."""
        return str((await self.messages())[0]["dialog"]["chat"])

    async def answer(self, text: str, **more: Any) -> UUID:
        """A message of ours."""
        return await self.router.send(await self.visitor(), text, **more)

    async def give(self, kind: type[Act], **fields: Any) -> None:
        """Any other act of ours in the same dialog."""
        now, identity = datetime.now(UTC), uuid7()
        chat = await self.visitor()
        ref = DialogRef(
            dialog_id=dialog_id("webchat", "main", chat), channel="webchat", account="main", chat=chat
        )
        act = kind(dialog=ref, not_after=now + timedelta(hours=1), **fields)
        envelope = wrap(
            act, id=identity, source="router", time=now, subject=str(ref.dialog_id),
            traceparent=f"00-{identity.hex}-00f067aa0ba902b7-01",
        )  # fmt: skip
        key = outbound_key("webchat", "main")
        await self.router.publisher.publish(
            Outgoing(OUTBOUND, key, envelope.encode(), str(identity), act.TYPE)
        )

    async def types(self, *, on: bool = True) -> None:
        """An operator writes, or stopped."""
        dialog = dialog_id("webchat", "main", await self.visitor())
        said = Typing(dialog_id=dialog, by="operator", name="Anna", on=on)
        key = live_key("typing", dialog.hex)
        self.router.publisher.announce(
            Outgoing(LIVE, key, said.model_dump_json().encode(), str(uuid7()), Typing.TYPE, persistent=False)
        )


@asynccontextmanager
async def shop(amqp_url: str, folder: Path, *settings: str) -> AsyncIterator[Shop]:
    """`settings` are lines of the site in the accounts file. In the end no script may have complained."""
    port, mailbox = free_port(), f"sqlite:///{folder}/webchat.db"
    accounts = write_accounts(folder)
    lines = "".join(f"{line}\n" for line in settings)
    accounts.write_text(accounts.read_text().replace(ORIGIN, f"http://127.0.0.1:{port}") + lines)
    await asyncio.to_thread(upgrade, mailbox, PACKAGE)
    blobs = {"SWITCHBOARD_BLOBS_URL": f"file://{folder}/blobs"}
    replica = Replica(environment(amqp_url, mailbox, accounts, **blobs))
    try:
        await replica.start()
        script = f"http://127.0.0.1:{replica.port}/widget.js"
        async with (
            Router(amqp_url) as router,
            website(port, script, SITE_KEY) as address,
            async_playwright() as playwright,
        ):
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *MICROPHONE])
            site = Shop(address, browser, replica, router)
            yield site
            for window in site.windows:
                window.check()
            await browser.close()
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
