"""A thousand visitors talking at once on one web chat process, alone and with big files uploaded beside them.

Each says something every five seconds, 200 messages a second in all; the figure is the time from a frame to
its acknowledgement, which comes after the commit. Beside them four visitors upload files of 30 MB, one after
another, each at 12.5 MB a second (a line of 100 Mbit/s). Alone and beside take turns, there and back. The
visitors are one process, the uploaders another: neither waits for the other's work.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import uvloop

from tests.bench.figures import median, percentile
from tests.bench.sockets import raise_limit
from tests.bench.sources import ORIGIN, SITE, WORDS
from tests.support.stack import Stack
from tests.support.visitor import Visitor

VISITORS = 1_000
EVERY_SECONDS = 5.0
ROUNDS = 4
UPLOADERS = 4
FILE_BYTES = 30_000_000
CHUNK_BYTES = 125_000
CHUNKS_A_SECOND = 100
COMING_AT_ONCE = 50

Process = asyncio.subprocess.Process


async def measure_talk(amqp_url: str, folder: Path, repeats: int) -> str:
    """Runs it and says what was found; raises when a message or an upload failed."""
    settings = {"webchat": {"uploads_per_minute": "1000"}}
    where = f"sqlite:///{folder}/webchat.db"
    async with Stack(amqp_url, lambda _: where, settings, kinds=("webchat",)) as stack:
        talk = await _start("talk", stack.webchat_url)
        upload = await _start("upload", stack.webchat_url)
        try:
            await _told(talk)
            await _told(upload)
            taken: dict[bool, list[dict[str, Any]]] = {False: [], True: []}
            for turn in range(2 * repeats):
                beside = turn % 4 in {1, 2}
                taken[beside].append(await _turn(talk, upload, beside=beside))
        finally:
            for one in (talk, upload):
                one.kill()
                await one.wait()
    return _words(taken)


async def _turn(talk: Process, upload: Process, *, beside: bool) -> dict[str, Any]:
    if beside:
        await _tell(upload, "go")
    await _tell(talk, "go")
    said = await _told(talk)
    if beside:
        await _tell(upload, "stop")
        said["files"] = (await _told(upload))["files"]
        assert said["files"] > 0, "no file was uploaded beside them"
    return said


def _words(taken: dict[bool, list[dict[str, Any]]]) -> str:
    lines = []
    for beside, runs in taken.items():
        p50, p99 = ([percentile(run["milliseconds"], share) for run in runs] for share in (0.5, 0.99))
        files = f", {sum(run['files'] for run in runs)} files of 30 MB uploaded meanwhile" if beside else ""
        said = sum(len(run["milliseconds"]) for run in runs)
        lines.append(
            f"{VISITORS:,} visitors talking, {'uploads beside' if beside else 'alone'}: "
            f"{said:,} messages in {len(runs)} runs; acknowledged after "
            f"p50 {median(p50):.1f} ms ({min(p50):.1f} to {max(p50):.1f}), "
            f"p99 {median(p99):.1f} ms ({min(p99):.1f} to {max(p99):.1f}){files}"
        )
    alone, busy = (median(percentile(run["milliseconds"], 0.99) for run in taken[beside]) for beside in taken)
    return "\n".join([*lines, f"p99 with uploads over p99 alone: {busy / alone:.2f} (to reach: under 2.00)"])


async def talk(url: str) -> None:
    """Everybody comes, then talks for some rounds at each word `go`."""
    address = f"{url.replace('http', 'ws', 1)}/ws"
    visitors = [Visitor(address, site=SITE, origin=ORIGIN) for _ in range(VISITORS)]
    gate = asyncio.Semaphore(COMING_AT_ONCE)

    async def come(visitor: Visitor) -> None:
        async with gate:
            await visitor.connect()

    async with asyncio.TaskGroup() as group:
        await asyncio.gather(*(come(visitor) for visitor in visitors))
        listening = [group.create_task(visitor.listen()) for visitor in visitors]
        await asyncio.gather(*(visitor.say(WORDS) for visitor in visitors))  # a first message makes a dialog
        _say({})
        words = await _stdin()
        while await words.readline():
            taken: list[float] = []
            await asyncio.gather(*(_converse(visitor, taken) for visitor in visitors))
            _say({"milliseconds": taken})
        for task in listening:
            task.cancel()


async def _converse(visitor: Visitor, taken: list[float]) -> None:
    started = time.monotonic() + random.uniform(0, EVERY_SECONDS)
    for number in range(ROUNDS):
        await asyncio.sleep(max(0.0, started + number * EVERY_SECONDS - time.monotonic()))
        before = time.monotonic()
        await visitor.say(WORDS)
        taken.append((time.monotonic() - before) * 1000)


async def upload(url: str) -> None:
    """From `go` to `stop` each uploader sends one file after another; how many were taken."""
    address = f"{url.replace('http', 'ws', 1)}/ws"
    visitors = [Visitor(address, site=SITE, origin=ORIGIN) for _ in range(UPLOADERS)]
    for visitor in visitors:
        await visitor.connect()
        visitor.cut()
    _say({})
    words = await _stdin()
    while await words.readline():
        stopping = asyncio.Event()
        work = [asyncio.create_task(_upload(url, str(visitor.token), stopping)) for visitor in visitors]
        await words.readline()
        stopping.set()
        _say({"files": sum(await asyncio.gather(*work))})


async def _upload(url: str, token: str, stopping: asyncio.Event) -> int:
    headers = {
        "Origin": ORIGIN,
        "Authorization": f"Visitor {token}",
        "Content-Length": str(FILE_BYTES),
        "Content-Type": "application/octet-stream",
    }
    where = {"site": SITE, "name": "film.bin"}
    taken = 0
    async with aiohttp.ClientSession() as session:
        while not stopping.is_set():
            async with session.post(f"{url}/upload", params=where, data=_file(), headers=headers) as answer:
                assert answer.status == 201, await answer.text()
                taken += 1
    return taken


async def _file() -> AsyncIterator[bytes]:
    started, chunk = time.monotonic(), random.randbytes(CHUNK_BYTES)
    for number in range(FILE_BYTES // CHUNK_BYTES):
        await asyncio.sleep(max(0.0, started + number / CHUNKS_A_SECOND - time.monotonic()))
        yield chunk


async def _start(part: str, url: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.talk", part, url,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=2**24,
    )  # fmt: skip


async def _tell(one: Process, word: str) -> None:
    assert one.stdin is not None
    one.stdin.write(f"{word}\n".encode())
    await one.stdin.drain()


async def _told(one: Process) -> dict[str, Any]:
    assert one.stdout is not None
    async with asyncio.timeout(120):
        told: dict[str, Any] = json.loads(await one.stdout.readline())
    return told


async def _stdin() -> asyncio.StreamReader:
    words = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(words), sys.stdin)
    return words


def _say(told: dict[str, Any]) -> None:
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    raise_limit()
    uvloop.run({"talk": talk, "upload": upload}[sys.argv[1]](sys.argv[2]))
