"""The workplace page while the broker, the archive or the desk is away: what is said, and nothing is lost.

What is cut and killed here belongs to a stack of these tests' own; each test begins with all of it well.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from tests.acceptance.pages.place import ON_THE_STREET, Place, Street, reply, sites
from tests.acceptance.sharing import Ground, shared_ground
from tests.support.broker import Broker
from tests.support.relay import Relay
from tests.support.stack import KINDS, Stack
from tests.support.visitor import Visitor
from tests.support.waiting import eventually

LATE = "The history is late: the archive does not answer right now. It catches up by itself."

pytestmark = [ON_THE_STREET, pytest.mark.timeout(150)]
expect.set_options(timeout=20_000)


@pytest.fixture(scope="module")
def ground(
    request: pytest.FixtureRequest, broker: Broker, database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ground]:
    with shared_ground(request, "outages", broker, database, tmp_path_factory) as ground:
        yield ground


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def wire(ground: Ground) -> AsyncIterator[Relay]:
    """Between the desk and the broker."""
    async with Relay(ground.amqp_url) as wire:
        yield wire


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def street(ground: Ground, wire: Relay, chromium: Browser) -> AsyncIterator[Street]:
    settings = {"desk": {"amqp_url": wire.url}}
    async with Stack(ground.amqp_url, ground.database_url, settings, sites=sites(2), warm=True) as stack:
        yield Street(stack, chromium, iter(stack.sites))


@pytest_asyncio.fixture(loop_scope="session")
async def place(street: Street, wire: Relay) -> AsyncIterator[Place]:
    """Whatever the test before cut or killed is back."""
    await wire.cut()
    await wire.mend()
    for kind in KINDS:
        if not street.stack.member(kind).alive:
            await street.stack.start(kind)
        await street.stack.member(kind).ready()
    async with street.place() as place:
        yield place


def messages(page: Page) -> Locator:
    return page.get_by_test_id("message-text")


def heard(visitor: Visitor) -> list[str]:
    """What the operators said, as the visitor got it."""
    return [entry["text"] for entry in visitor.received if entry.get("from") == "operator"]


@pytest.mark.feature("BY2", "UI4")
async def test_a_reply_outlives_an_outage_of_the_broker(place: Place, wire: Relay) -> None:
    window = await place.signed_in(await place.operator("anna"))
    page = window.page
    said = page.get_by_test_id("connection-words")
    async with place.visiting() as visitor:
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
async def test_what_is_said_while_the_archive_or_the_desk_is_away(place: Place) -> None:
    stack = place.stack
    window = await place.signed_in(await place.operator("anna"), available=False)
    page = window.page
    said = page.get_by_test_id("connection-words")
    async with place.visiting() as visitor:
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
