"""A visitor and an operator talk, each in a real browser. After every step one of them reloads or loses the
connection, in turn, while the other goes on; at the end both read the same words, each once, in order."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, expect

from tests.acceptance.pages.place import ON_THE_STREET, Place
from tests.integration.webchat.site import website
from tests.support.browser import Window, new_window
from tests.support.proxy import Mode, Proxy
from tests.support.quiet_ports import quiet_ports
from tests.support.tap import Tap
from tests.support.waiting import eventually

pytestmark = [ON_THE_STREET, pytest.mark.timeout(240)]

ROUNDS = 3


class Side:
    """One of the two: the browser's window, the wire to its server, and how words are typed there."""

    def __init__(self, window: Window, wire: Proxy, box: str) -> None:
        self.window = window
        self.wire = wire
        self._box = box

    @property
    def page(self) -> Page:
        return self.window.page

    async def say(self, text: str) -> None:
        await self.page.get_by_test_id(self._box).fill(text)
        await self.page.get_by_test_id(self._box).press("Enter")

    async def reload(self) -> None:
        await self.page.reload()

    async def lose(self) -> None:
        """The connection is gone, and refused for a moment; proven by the count of what was cut."""
        before = self.wire.cuts
        self.wire.mode = Mode.REFUSE
        self.wire.reset()
        await eventually(lambda: self.wire.cuts > before)

    async def back(self) -> None:
        self.wire.mode = Mode.PASS

    async def transcript(self) -> list[str]:
        return await self.page.get_by_test_id("message-text").all_inner_texts()

    async def told(self) -> str:
        """What stands on the whole page, and what its scripts complained of."""
        text = await self.page.locator("body").inner_text()
        return f"{self.page.url}: {text[:1500]!r} {self.window.faults}"

    async def shows(self, words: list[str]) -> None:
        async def same() -> bool:
            shown = await self.transcript()
            assert shown == words, f"{shown} instead of {words} on {await self.told()}"
            return True

        await eventually(same, seconds=30)


@asynccontextmanager
async def both(place: Place) -> AsyncIterator[tuple[Side, Side]]:
    """The visitor on the website and the operator in the workplace, each behind a wire of their own."""
    (desk_port,), site = quiet_ports(1), place.site
    port = urlsplit(site.origin).port or 0
    origins = json.dumps([f"http://127.0.0.1:{desk_port}"])
    async with (
        place.stack.another("desk", SWITCHBOARD_PUBLIC_ORIGINS=origins) as desk_url,
        Proxy(urlsplit(place.stack.webchat_url).port or 0) as chat,
        Proxy(urlsplit(desk_url).port or 0, port=desk_port) as desk,
        website(port, f"http://127.0.0.1:{chat.port}/widget.js", site.key) as address,
    ):
        anna = await place.operator("anna")
        visitor = Side(await new_window(place.browser), chat, "composer")
        operator = Side(await new_window(place.browser), desk, "reply")
        await visitor.page.goto(address)
        await visitor.page.get_by_test_id("bubble").click()
        await operator.page.goto(f"http://127.0.0.1:{desk.port}")
        await operator.page.get_by_test_id("login").fill(anna.login)
        await operator.page.get_by_test_id("password").fill(anna.password)
        await operator.page.get_by_test_id("sign-in-submit").click()
        await expect(operator.page.get_by_test_id("desk")).to_be_visible()
        yield visitor, operator


@pytest.mark.feature("LC1", "LC3", "CH1", "BY9", "EX1")
async def test_both_transcripts_stay_right(place: Place, tap: Tap) -> None:
    """What goes over the bus meanwhile is checked as well: at once and when all pages have been tested."""
    before = {kind: len(seen) for kind, seen in tap.seen.items()}
    async with both(place) as (visitor, operator):
        await visitor.say("Hello")
        await operator.page.get_by_test_id("conversation").click()
        await operator.page.get_by_test_id("accept").click()
        await expect(operator.page.get_by_test_id("status")).to_have_text("In progress")
        words = ["Hello"]
        for number in range(ROUNDS):
            words += await disturbed(visitor, operator, number)
            await visitor.shows(words)
            await operator.shows(words)
        await operator.page.get_by_test_id("close").click()
        await expect(operator.page.get_by_test_id("composer-note")).to_be_visible()
        for side in (visitor, operator):
            await side.reload()
            await side.shows(words)
            side.window.check()
    assert tap.wrong == []
    assert tap.decided_twice() == []
    assert tap.parked == 0
    heard = {kind for kind, seen in tap.seen.items() if len(seen) > before.get(kind, 0)}
    assert {"message.received.v1", "message.queued.v1", "conversation.closed.v1"} <= heard


async def disturbed(visitor: Side, operator: Side, number: int) -> list[str]:
    """What both say in a round in which each, at each step, reloads or is cut off while the other speaks."""
    said: list[str] = []

    async def speak(side: Side, text: str) -> None:
        await side.say(text)
        said.append(text)

    steps: list[tuple[Side, Side, str]] = [(visitor, operator, "asks"), (operator, visitor, "answers")]
    for speaker, listener, what in steps:
        await speak(speaker, f"{number} {what} while the other reloads")
        await listener.reload()
        await both_show(visitor, operator, said)
        await listener.lose()
        await speak(speaker, f"{number} {what} while the other is cut off")
        await listener.back()
        await both_show(visitor, operator, said)
        await speaker.lose()
        await speak(speaker, f"{number} {what} while cut off")
        await speaker.back()
        await both_show(visitor, operator, said)
        await speak(speaker, f"{number} {what} and reloads")
        await both_show(visitor, operator, said)
        await speaker.reload()
    return said


async def both_show(visitor: Side, operator: Side, last: list[str]) -> None:
    """Each ends with these words; the whole transcript is compared after the round."""
    for side in (visitor, operator):

        async def ends(side: Side = side) -> bool:
            shown = (await side.transcript())[-len(last) :]
            assert shown == last, f"{shown} instead of {last} on {await side.told()}"
            return True

        await eventually(ends, seconds=30)
