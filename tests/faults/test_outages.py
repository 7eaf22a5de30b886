"""Three minutes by the clock without a broker, and three without the database, while people go on.

Nothing is lost or parked, no process ends, everything is drained afterwards, and a customer and an operator,
each in a real browser, read in words what is the matter.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import expect

from deploy.local.ports import is_listening
from tests.faults.chaos import Fault
from tests.faults.shop import Customer, Shop, Workplace
from tests.faults.storm import Scene
from tests.faults.town import Town
from tests.support.browser import open_browser
from tests.support.session import Session

OUTAGE_SECONDS = 180.0
DIALOGS = 20
RATE = 10
AROUND_SECONDS = 5.0
"""Talk before and after the outage."""
QUIET_SECONDS = 120.0

SAVED = "No connection: the message is saved and will go by itself."
UNAVAILABLE = (
    "The chat is not available right now. Your message is kept and will be sent as soon as it is back."
)


@dataclass(frozen=True, slots=True)
class People:
    """Two browsers, in one conversation."""

    customer: Customer
    workplace: Workplace


@pytest.mark.timeout(900)
@pytest.mark.feature("LC2")
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_three_minutes_without_a_broker(servers: Session, database: str, tmp_path: Path) -> None:
    async with acquainted(servers, database, tmp_path, "no-broker") as (scene, people):
        broker = scene.town.broker

        async def stop() -> str:
            before = broker.pid
            await asyncio.to_thread(broker.kill)
            return f"pid {before} killed"

        async def start() -> str:
            await asyncio.to_thread(broker.start)
            return f"pid {broker.pid} up"

        async def words() -> None:
            await people.customer.say("Is anybody there?")
            said = people.customer.message("Is anybody there?")
            await expect(said).to_have_attribute("data-state", "sent")  # accepted: it is in the mailbox
            await expect(people.customer.status).to_have_text("We are in touch")
            await people.workplace.reply("We are here")
            await expect(people.workplace.connection_words).to_have_text(SAVED)

        await outage(scene, "no broker", broker.node.amqp_port, stop, start, words)
        await reunited(scene, people)


@pytest.mark.timeout(900)
@pytest.mark.feature("LC2")
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_three_minutes_without_the_database(servers: Session, database: str, tmp_path: Path) -> None:
    async with acquainted(servers, database, tmp_path, "no-database") as (scene, people):
        postgres = scene.town.postgres
        assert postgres is not None

        async def stop() -> str:
            before = postgres.pid
            await asyncio.to_thread(postgres.stop)
            return f"pid {before} stopped"

        async def start() -> str:
            await asyncio.to_thread(postgres.start)
            return f"pid {postgres.pid} up"

        async def words() -> None:
            await people.customer.say("Is anybody there?")
            said = people.customer.message("Is anybody there?")
            await expect(people.customer.notice).to_have_text(UNAVAILABLE)
            await expect(said).to_have_attribute("data-state", "pending")
            await people.workplace.reply("We are here")
            await expect(people.workplace.connection_words).to_have_text(SAVED)

        await outage(scene, "no database", postgres.port, stop, start, words)
        await reunited(scene, people)


@asynccontextmanager
async def acquainted(
    servers: Session, database: str, folder: Path, name: str
) -> AsyncIterator[tuple[Scene, People]]:
    """A town where a customer and an operator have exchanged words, beside the crowd."""
    async with (
        Shop() as shop,
        Town(servers, database, folder, name=name, proxied=False, origin=shop.origin) as town,
        Scene(town, name, folder, dialogs=DIALOGS) as scene,
        open_browser() as browser,
    ):
        shop.sells_with(f"{town.stack.webchat_url}/widget.js", town.site.key)
        await scene.begin()
        emma = await town.stack.add_operator("emma")
        workplace = await Workplace.open(browser, town.stack.desk_url, emma)
        customer = await Customer.enter(browser, shop)
        await customer.say("Good morning from the shop")
        await workplace.take("Good morning from the shop")
        await workplace.reply("Good morning to you")
        await expect(customer.message("Good morning to you")).to_be_visible()
        yield scene, People(customer, workplace)
        customer.window.check()
        workplace.window.check()


async def outage(
    scene: Scene,
    what: str,
    port: int,
    stop: Callable[[], Awaitable[str]],
    start: Callable[[], Awaitable[str]],
    words: Callable[[], Awaitable[None]],
) -> None:
    """Three minutes in which nobody listens on the port; what people read is asserted meanwhile."""
    async with scene.talking(OUTAGE_SECONDS + 2 * AROUND_SECONDS, per_second=RATE):
        await asyncio.sleep(AROUND_SECONDS)
        at, began = time.monotonic() - scene.chaos.began, time.monotonic()
        gone = await stop()
        checks = 0
        async with asyncio.TaskGroup() as group:
            group.create_task(_as_coroutine(words()))
            while time.monotonic() < began + OUTAGE_SECONDS:
                assert not is_listening(port), f"somebody listens on {port}"
                checks += 1
                await asyncio.sleep(1)
        lasted = time.monotonic() - began
        back = await start()
        assert lasted >= OUTAGE_SECONDS
        scene.chaos.done.append(
            Fault(at, what, f"port {port}", lasted, f"{gone}, nobody listened at {checks} looks, {back}")
        )


async def reunited(scene: Scene, people: People) -> None:
    """Everything has arrived, in the browsers too, and every process has lived through it."""
    await scene.quiet(QUIET_SECONDS)
    await expect(people.customer.message("We are here")).to_be_visible()
    await expect(people.customer.message("Is anybody there?")).to_have_attribute("data-state", "sent")
    await expect(people.customer.status).to_have_text("We are in touch")
    await expect(people.workplace.text("Is anybody there?")).to_have_count(1)
    await expect(people.workplace.text("We are here")).to_have_count(1)
    await expect(people.workplace.connection).to_have_attribute("data-state", "well")
    await scene.judge()
    lives = {name: member.lives for name, member in scene.town.stack.members.items()}
    assert set(lives.values()) == {1}, f"started again: {lives}"
    assert all(member.alive for member in scene.town.stack.members.values())


async def _as_coroutine(work: Awaitable[None]) -> None:
    await work
