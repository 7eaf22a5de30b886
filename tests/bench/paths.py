"""The measured paths: (a) bare, (b) kit to store, (b2) visitor's frame to store, (c) frame to screen.

Each measures a burst (its rate) and then a paced run at 200 a second (its latencies), on SQLite files with
`synchronous=FULL`, one process of each service. The end of a burst is the commit of its last row, read
from the store's file; latencies end when the row's announcement arrives here, a hop after the commit, or at
the operator's WebSocket.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.bus.connection import Broker
from shared.bus.listener import Listener
from shared.contract.feed import FeedRow
from shared.topology import FEED
from tests.bench import bare, sources
from tests.bench.figures import Measure, Usage, cpu_seconds, used_since
from tests.support.live_client import LiveClient
from tests.support.stack import Stack
from tests.support.waiting import eventually

PACE = 200.0


@dataclass(frozen=True, slots=True)
class Size:
    """How many messages: in the burst, and in the paced run."""

    burst: int = 20_000
    paced: int = 2_000


async def child(*words: str) -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", *words)
    if await process.wait() != 0:
        raise RuntimeError(f"{words[0]} ended with {process.returncode}")


async def measure_bare(amqp_url: str, size: Size) -> Measure:
    """Path (a): three processes and nothing of ours."""
    burst = await _bare(amqp_url, size.burst, 0)
    rate = size.burst / (burst["sink"]["ended"] - burst["publish"]["started"])
    paced = await _bare(amqp_url, size.paced, PACE)
    usage = {role: Usage(figures["cpu_seconds"], figures["max_rss_bytes"]) for role, figures in burst.items()}
    return Measure("(a) bare", size.burst, rate, size.paced, tuple(paced["sink"]["latencies"]), usage)


async def _bare(amqp_url: str, count: int, rate: float) -> dict[str, Any]:
    await bare.declare(amqp_url)
    with tempfile.TemporaryDirectory(prefix="switchboard-bench-") as folder:
        words = (amqp_url, str(count), str(rate), folder)
        async with asyncio.TaskGroup() as group:
            group.create_task(child("tests.bench.bare", "sink", *words))
            group.create_task(child("tests.bench.bare", "relay", *words))
            await asyncio.sleep(1.5)  # both are consuming before the clock starts
            group.create_task(child("tests.bench.bare", "publish", *words))
        return {role: json.loads((Path(folder) / f"{role}.json").read_text()) for role in bare.ROLES}


class Store:
    """The store's file, read beside its writer: how many rows its history has, from the last row's number."""

    def __init__(self, url: str) -> None:
        self._file = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)

    def rows(self) -> int:
        return int(self._file.execute("SELECT coalesce(max(rowid), 0) FROM history").fetchone()[0])

    async def reaches(self, rows: int, seconds: float = 300) -> float:
        """The monotonic moment when the history has so many rows."""
        until = time.monotonic() + seconds
        while (now := time.monotonic()) < until:
            if self.rows() >= rows:
                return now
            await asyncio.sleep(0.005)
        raise TimeoutError(f"{self.rows()} of {rows} rows after {seconds:g} s")

    async def rests(self) -> None:
        """Returns when the history has not grown for half a second."""
        known = -1
        while known != (known := self.rows()):  # noqa: ASYNC110 - another process's file: there is no event
            await asyncio.sleep(0.5)


@asynccontextmanager
async def arrivals(amqp_url: str) -> AsyncIterator[dict[str, int]]:
    """When the announcement of each stored message came, by its id."""
    seen: dict[str, int] = {}

    async def on_body(body: bytes) -> None:
        now = time.monotonic_ns()
        row = FeedRow.model_validate_json(body)
        seen.setdefault(row.id, now)

    async with Broker(amqp_url, name="bench-watch") as broker, asyncio.TaskGroup() as group:
        listener = Listener(broker, [(FEED, "message.*")], on_body)
        task = group.create_task(listener.run())
        await listener.bound.wait()
        yield seen
        task.cancel()


class Source:
    """One of tests/bench/sources.py, run to its end."""

    def __init__(self, kind: str, *where: str) -> None:
        self.kind = kind
        self.lines_of_opening = sources.DIALOGS if kind == "kit" else 2 * sources.VISITORS
        """Lines beside the messages: of conversations that open, and the visitors' first words."""
        self._words = ("tests.bench.sources", kind, *where)

    async def run(self, count: int, rate: float) -> dict[str, Any]:
        with tempfile.TemporaryDirectory(prefix="switchboard-bench-") as folder:
            file = str(Path(folder) / "done.json")
            await child(*self._words, str(count), str(rate), file)
            done: dict[str, Any] = json.loads(await asyncio.to_thread(Path(file).read_text))
            return done


async def measure_ours(
    name: str, stack: Stack, source: Source, size: Size, seen: Callable[[], Any]
) -> Measure:
    """A burst to the store's file, then a paced run to whatever `seen` observes."""
    store = Store(stack.databases["store"])
    rows = store.rows() + sources.DIALOGS + source.lines_of_opening
    await source.run(sources.DIALOGS, 0)  # every dialog and conversation of the kit's exists afterwards
    await store.reaches(rows)
    pids = {member.name: member.pid for member in stack.members.values()}
    before = {process: cpu_seconds(pid) for process, pid in pids.items()}
    rows += size.burst + (source.lines_of_opening if source.kind == "frames" else 0)
    burst, ended = await asyncio.gather(source.run(size.burst, 0), store.reaches(rows))
    usage = used_since(before, pids)
    await store.rests()
    assert store.rows() == rows, f"{store.rows() - rows} rows that nobody sent"
    async with seen() as arrived:
        paced = await source.run(size.paced, PACE)
        await eventually(lambda: set(paced["sent"]) <= set(arrived), seconds=30)
        latencies = tuple((arrived[id_] - at) / 1e6 for id_, at in paced["sent"].items())
    rate = size.burst / (ended - burst["started"])
    return Measure(name, size.burst, rate, size.paced, latencies, usage)


@asynccontextmanager
async def on_screen(stack: Stack, login: str, password: str) -> AsyncIterator[dict[str, int]]:
    """When each message came to an operator's WebSocket, by its id."""
    seen: dict[str, int] = {}

    def look(frame: dict[str, Any]) -> bool:
        if frame["t"] == "delta" and frame["entity"] == "message":
            seen.setdefault(frame["id"], time.monotonic_ns())
        return False

    async with LiveClient(stack.desk_url, login, password, cut_after=look) as client:
        await eventually(lambda: client.connections > 0)
        yield seen
