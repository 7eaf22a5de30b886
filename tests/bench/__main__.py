"""`make bench`: rates and latencies beside the bare limit, in one run, order alternated, medians and ranges.

    python -m tests.bench [--repeats 3] [--burst 20000] [--paced 2000]
                          [--only a,b,b2,c,million,sockets,talk,places,page,mailbox,messengers]

Ends by itself; everything it starts is on this machine's loopback and is ended.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import sqlite3
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import aio_pika
import pydantic
import sqlalchemy

from shared.db.migrate import upgrade
from tests.bench import figures, million
from tests.bench.figures import Measure
from tests.bench.mailbox import measure_mailbox
from tests.bench.messengers import measure_messengers
from tests.bench.page import measure_page
from tests.bench.paths import Size, Source, arrivals, measure_bare, measure_ours, on_screen
from tests.bench.places import decisions, measure_places
from tests.bench.sockets import measure_sockets
from tests.bench.talk import measure_talk
from tests.support.session import Session
from tests.support.stack import Stack

CORE = ("router", "store-write")


class Bench:
    """One run: a broker of its own, fresh databases for each measurement."""

    def __init__(self, session: Session, size: Size) -> None:
        self._broker = session.shared_broker()
        self._size = size

    @contextmanager
    def place(self) -> Iterator[tuple[str, Path]]:
        """A fresh virtual host and a fresh folder."""
        name = self._broker.virtual_host("bench")
        with tempfile.TemporaryDirectory(prefix="switchboard-bench-") as folder:
            yield self._broker.node.url(name), Path(folder)
        self._broker.node.delete_virtual_host(name)

    def broker_version(self) -> str:
        return self._broker.node.evaluate("rabbit_misc:version()").strip('"')

    async def bare(self) -> Measure:
        with self.place() as (url, _):
            return await measure_bare(url, self._size)

    async def kit(self, name: str = "(b) kit → store", messages: int = 0) -> Measure:
        with self.place() as (url, folder):
            if messages:
                million.preload(folder / "store.db", messages)
            async with Stack(url, lambda owner: f"sqlite:///{folder}/{owner}.db", kinds=CORE) as stack:
                spool = f"sqlite:///{folder}/spool.db"
                await asyncio.to_thread(upgrade, spool, "gateways.webchat")
                source = Source("kit", url, spool)
                return await measure_ours(name, stack, source, self._size, lambda: arrivals(url))

    async def frames(self) -> Measure:
        with self.place() as (url, folder):
            kinds = (*CORE, "webchat")
            async with Stack(url, lambda owner: f"sqlite:///{folder}/{owner}.db", kinds=kinds) as stack:
                source = Source("frames", stack.webchat_url)
                return await measure_ours(
                    "(b2) frame → store", stack, source, self._size, lambda: arrivals(url)
                )

    async def screen(self) -> Measure:
        with self.place() as (url, folder):
            async with Stack(url, lambda owner: f"sqlite:///{folder}/{owner}.db") as stack:
                anna = await stack.add_operator("anna")
                source = Source("frames", stack.webchat_url)
                return await measure_ours(
                    "(c) frame → operator's screen",
                    stack,
                    source,
                    self._size,
                    lambda: on_screen(stack, anna.login, anna.password),
                )


def say(words: str) -> None:
    print(words, flush=True)


async def repeat(wanted: list[tuple[str, Callable[[], Awaitable[Measure]]]], repeats: int) -> list[Measure]:
    """Each measurement so many times, there and back, so that a slow minute hits none alone."""
    measures: list[Measure] = []
    for turn in range(repeats):
        for name, measure in wanted if turn % 2 == 0 else reversed(wanted):
            taken = await measure()
            say(f"  {turn + 1}/{repeats} {name}: {taken.per_second:,.0f} a second, p99 {taken.p99:.1f} ms")
            measures.append(taken)
    return measures


def verdict(measures: list[Measure]) -> str:
    """The ratios that are promised, from the medians of this run."""

    def median(name: str, what: Callable[[Measure], float]) -> float:
        return figures.median(what(one) for one in measures if one.name.startswith(name))

    names = {one.name.split(" ")[0] for one in measures}
    lines = []
    if {"(a)", "(b)"} <= names:
        ratio = median("(b) kit", lambda m: m.per_second) / median("(a)", lambda m: m.per_second)
        lines.append(f"rate of (b) over (a): {ratio:.2f} (to reach: 0.60)")
    if {"(a)", "(c)"} <= names:
        limit = 3 * median("(a)", lambda m: m.p99) + 10
        lines.append(f"p99 of (c): {median('(c)', lambda m: m.p99):.1f} ms (to reach: under {limit:.1f} ms)")
    if any("1,000,000" in one.name for one in measures):
        full = median("(b) with 1,000,000", lambda m: m.per_second)
        lines.append(
            f"rate with 1,000,000 messages over none: {full / median('(b) kit', lambda m: m.per_second):.2f}"
        )
        lines[-1] += " (to reach: 0.90)"
    return "\n".join(lines)


def versions(broker: str) -> str:
    return (
        f"Python {platform.python_version()}, aio-pika {aio_pika.__version__}, pydantic {pydantic.VERSION}, "
        f"SQLAlchemy {sqlalchemy.__version__}, SQLite {sqlite3.sqlite_version}, RabbitMQ {broker}, "
        f"{platform.system()} {platform.release()}, {os.cpu_count()} CPUs"
    )


async def run(repeats: int, size: Size, only: set[str]) -> None:
    session = Session()
    try:
        bench = Bench(session, size)
        every: dict[str, tuple[str, Callable[[], Awaitable[Measure]]]] = {
            "a": ("(a) bare", bench.bare),
            "b": ("(b) kit → store", bench.kit),
            "b2": ("(b2) frame → store", bench.frames),
            "c": ("(c) frame → operator's screen", bench.screen),
            "million": (
                "(b) with 1,000,000 messages",
                lambda: bench.kit("(b) with 1,000,000 messages", 1_000_000),
            ),
        }
        say(versions(bench.broker_version()))
        measures = await repeat([every[key] for key in every if key in only], repeats)
        if measures:
            say(f"\n{figures.table(measures)}\n\n{figures.usage_table(measures)}\n\n{verdict(measures)}\n")
        if "sockets" in only:
            with bench.place() as (url, folder):
                say(await measure_sockets(url, folder))
        if "talk" in only:
            with bench.place() as (url, folder):
                say(await measure_talk(url, folder, repeats))
        if "places" in only:
            say(decisions(repeats))
            with bench.place() as (url, folder):
                say(await measure_places(url, folder))
        if "mailbox" in only:
            await measure_mailbox(bench.place, repeats, say)
        if "messengers" in only:
            await measure_messengers(bench.place, repeats, say)
        if "page" in only:
            with bench.place() as (url, folder):
                await measure_page(url, folder, say)
    finally:
        million.forget()
        session.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Rates and latencies.")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--burst", type=int, default=20_000)
    parser.add_argument("--paced", type=int, default=2_000)
    parser.add_argument("--only", default="a,b,b2,c,million,sockets,talk,places,page,mailbox,messengers")
    given = parser.parse_args()
    asyncio.run(run(given.repeats, Size(given.burst, given.paced), set(given.only.split(","))))


if __name__ == "__main__":
    main()
