"""The workplace page in a browser: its frames while messages arrive, and what an hour of them leaves behind.

`frames`: intervals between frames as the page itself sees them, with nothing arriving and with messages in 60
dialogs of which one is open, in turns; beside them the share of time that the page's own thread worked.
`growth`: 18,000 messages, as many as an hour has at five a second, as fast as they go through; dialogs begin
and are closed meanwhile. After every 3,000 the garbage is collected and what stays is measured.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, Final, Self

from playwright.async_api import CDPSession, Page, expect

from shared.bus.connection import Broker
from tests.bench.figures import median, percentile
from tests.bench.flow import DIALOGS, Flow
from tests.support.browser import new_window, open_browser
from tests.support.stack import Stack

A_SECOND: Final = 50
SECONDS: Final = 20.0
TURNS: Final = 3
EVENTS_OF_AN_HOUR: Final = 18_000
BATCH: Final = 3_000
BEGIN: Final = 50
"""Dialogs that begin in each batch, and as many are closed."""
COMPRESSED: Final = 300
"""Messages a second of the compressed hour."""
WARM: Final = 2
"""Batches until the page has all that it ever has."""
FEWEST_FRAMES: Final = 0.95
MOST_GROWTH_MB: Final = 1.0
MOST_NODES: Final = 500
OBSERVER: Final = """() => {
  window.benchIntervals = [];
  let before = performance.now();
  const frame = (now) => {
    window.benchIntervals.push(now - before);
    before = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}"""


@dataclass(frozen=True)
class Frames:
    """Milliseconds between frames, and the share of the time that the page's thread worked."""

    intervals: Sequence[float]
    busy: float

    @property
    def a_second(self) -> float:
        return 1000 * len(self.intervals) / sum(self.intervals)

    def row(self, name: str) -> str:
        late = (sum(one > limit for one in self.intervals) / len(self.intervals) for limit in (20, 34))
        over_20, over_34 = (f"{share:.1%}" for share in late)
        return (
            f"| {name} | {len(self.intervals):,} | {self.a_second:.1f} | {median(self.intervals):.1f} "
            f"| {percentile(self.intervals, 0.99):.1f} | {over_20} | {over_34} | {max(self.intervals):.0f} "
            f"| {self.busy:.0%} |"
        )


@dataclass(frozen=True)
class Held:
    """What the page holds after its garbage was collected."""

    events: int
    megabytes: float
    nodes: int
    listeners: int

    def row(self) -> str:
        return f"| {self.events:,} | {self.megabytes:.2f} | {self.nodes:,} | {self.listeners:,} |"


class Screen:
    """The page of an operator who has one conversation open and looks at the list of all."""

    def __init__(self, page: Page, tools: CDPSession) -> None:
        self.page = page
        self._tools = tools

    @classmethod
    async def opened(cls, stack: Stack, exits: AsyncExitStack, flow: Flow) -> Self:
        anna = await stack.add_operator("anna")
        browser = await exits.enter_async_context(open_browser())
        page = (await new_window(browser, width=1440, height=900)).page
        await page.goto(stack.desk_url)
        await page.get_by_test_id("login").fill(anna.login)
        await page.get_by_test_id("password").fill(anna.password)
        await page.get_by_test_id("sign-in-submit").click()
        await flow.begin(1)
        await page.get_by_test_id("conversation").click()
        await page.get_by_test_id("accept").click()
        await expect(page.get_by_test_id("folder-mine")).to_have_attribute("aria-current", "page")
        await flow.begin(DIALOGS)
        open_one = await page.get_by_test_id("thread").get_attribute("data-id")
        await page.goto(f"{stack.desk_url}/#/all/{open_one}")
        await expect(page.get_by_test_id("folder-all")).to_have_attribute("data-total", str(DIALOGS + 1))
        await expect(page.get_by_test_id("list")).to_have_attribute("data-folder", "all")
        await expect(page.get_by_test_id("conversation").nth(20)).to_be_attached()
        tools = await page.context.new_cdp_session(page)
        await tools.send("Performance.enable")
        await tools.send("HeapProfiler.enable")
        await page.evaluate(OBSERVER)
        return cls(page, tools)

    async def frames(self, seconds: float) -> Frames:
        """Of the time from now on."""
        before = await self._metrics()
        await self.page.evaluate("() => { window.benchIntervals.length = 0; }")
        await asyncio.sleep(seconds)
        intervals = await self.page.evaluate("() => window.benchIntervals.splice(0)")
        after = await self._metrics()
        wall = after["Timestamp"] - before["Timestamp"]
        return Frames(intervals, (after["TaskDuration"] - before["TaskDuration"]) / wall)

    async def held(self, events: int) -> Held:
        await self.page.evaluate("() => { window.benchIntervals.length = 0; }")
        for _ in range(2):
            await self._tools.send("HeapProfiler.collectGarbage")
        now = await self._metrics()
        return Held(events, now["JSHeapUsedSize"] / 1e6, int(now["Nodes"]), int(now["JSEventListeners"]))

    async def shows(self, words: str) -> None:
        await expect(self.page.get_by_test_id("message-text").filter(has_text=words)).to_be_visible(
            timeout=180_000
        )

    async def _metrics(self) -> dict[str, float]:
        told: dict[str, Any] = await self._tools.send("Performance.getMetrics")
        return {one["name"]: one["value"] for one in told["metrics"]}


async def measure_page(
    amqp_url: str, folder: Path, say: Callable[[str], None], hour: int = EVENTS_OF_AN_HOUR
) -> None:
    """Runs both and says what was found; raises where the page grows."""
    async with AsyncExitStack() as exits:
        stack = await exits.enter_async_context(
            Stack(amqp_url, lambda owner: f"sqlite:///{folder}/{owner}.db")
        )
        broker = await exits.enter_async_context(Broker(amqp_url, name="bench-page"))
        group = await exits.enter_async_context(asyncio.TaskGroup())
        flow = Flow(broker)
        listening = await flow.listen(group)
        screen = await Screen.opened(stack, exits, flow)
        say(await _frames(screen, flow))
        say(await _growth(screen, flow, hour))
        listening.cancel()


async def _frames(screen: Screen, flow: Flow) -> str:
    quiet: list[Frames] = []
    busy: list[Frames] = []
    for turn in range(TURNS):
        for messages in (False, True) if turn % 2 == 0 else (True, False):
            if not messages:
                await asyncio.sleep(2)
                quiet.append(await screen.frames(SECONDS))
                continue
            async with asyncio.TaskGroup() as group:
                mark = f"the end of turn {turn}"
                group.create_task(flow.run(int(A_SECOND * (SECONDS + 2)), A_SECOND, mark))
                await asyncio.sleep(1)
                busy.append(await screen.frames(SECONDS))
            await screen.shows(mark)
    rows = [one.row("nothing arrives") for one in quiet]
    rows += [one.row(f"{A_SECOND} messages a second") for one in busy]
    ratio = median(one.a_second for one in busy) / median(one.a_second for one in quiet)
    return "\n".join(
        [
            f"the page, {SECONDS:.0f} s each:",
            "| | frames | a second | median ms | p99 ms | over 20 ms | over 34 ms | worst ms | thread busy |",
            "|---|---|---|---|---|---|---|---|---|",
            *rows,
            f"frames a second with messages over without: {ratio:.2f} (to reach: {FEWEST_FRAMES:.2f})",
        ]
    )


async def _growth(screen: Screen, flow: Flow, hour: int) -> str:
    points = [await screen.held(0)]
    for batch in range(1, hour // BATCH + 1):
        await flow.begin(BEGIN)
        mark = f"the end of batch {batch}"
        await flow.run(BATCH - BEGIN, COMPRESSED, mark)
        await flow.end(BEGIN)
        await screen.shows(mark)
        await asyncio.sleep(2)
        points.append(await screen.held(batch * BATCH))
    warm = points[WARM:]
    grown, nodes = slope([one.megabytes for one in warm]), slope([float(one.nodes) for one in warm])
    batches = hour / BATCH
    table = "\n".join(one.row() for one in points)
    said = (
        f"an hour of {hour:,} messages, measured after each {BATCH:,}:\n"
        f"| events | heap MB | nodes | listeners |\n|---|---|---|---|\n{table}\n"
        f"after the first {WARM * BATCH:,}: {grown * batches:+.2f} MB, {nodes * batches:+.0f} nodes an hour "
        f"(to reach: under {MOST_GROWTH_MB:.1f} MB and {MOST_NODES})"
    )
    assert grown * batches < MOST_GROWTH_MB, f"the page grows\n{said}"
    assert nodes * batches < MOST_NODES, f"the page grows\n{said}"
    return said


def slope(values: Sequence[float]) -> float:
    """How much one is more than the one before it: the median over all pairs, so that one outlier is none."""
    pairs = combinations(enumerate(values), 2)
    return median((later - value) / (there - here) for (here, value), (there, later) in pairs)
