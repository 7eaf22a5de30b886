"""Ten thousand idle visitors on one web chat process: memory a socket, and all of them coming back at once.

While nobody is connected each tenth visitor is written to; what was missed must be there after the resume.
Two client processes hold 5,000 sockets each.
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import sys
import time
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import uvloop

from shared.bus.connection import Broker
from shared.bus.listener import Listener
from shared.bus.outgoing import Outgoing
from shared.bus.publisher import Publisher
from shared.clock import uuid7
from shared.contract import ids
from shared.contract.content import text_content
from shared.contract.envelope import wrap
from shared.contract.outbound import SendMessage
from shared.contract.people import DialogRef
from shared.topology import INBOUND, OUTBOUND, outbound_key
from tests.bench.sources import ORIGIN, SITE
from tests.support.stack import Stack
from tests.support.visitor import Visitor
from tests.support.waiting import eventually
from tests.support.websocket import Closed, Refused

SOCKETS = 10_000
CROWDS = 2
OPENED_AT_ONCE = 100
RESUME_SECONDS = 60


class Crowd:
    """So many visitors of one process."""

    def __init__(self, url: str, count: int) -> None:
        address = f"{url.replace('http', 'ws', 1)}/ws"
        self._visitors = [Visitor(address, site=SITE, origin=ORIGIN) for _ in range(count)]
        self._gate = asyncio.Semaphore(OPENED_AT_ONCE)

    async def come(self) -> dict[str, Any]:
        """Everybody connects, a hundred at a time; the ids of each tenth."""
        seconds = await self._everybody(politely=True)
        return {"seconds": seconds, "visitors": [visitor.visitor for visitor in self._visitors[::10]]}

    async def cut(self) -> dict[str, Any]:
        for visitor in self._visitors:
            visitor.cut()
        return {}

    async def back(self) -> dict[str, Any]:
        """Everybody at once; what each tenth has received."""
        seconds = await self._everybody(politely=False)
        received = [[entry["text"] for entry in visitor.received] for visitor in self._visitors[::10]]
        return {"seconds": seconds, "received": received}

    async def _everybody(self, *, politely: bool) -> float:
        started = time.monotonic()
        await asyncio.gather(*(self._connect(visitor, politely=politely) for visitor in self._visitors))
        return time.monotonic() - started

    async def _connect(self, visitor: Visitor, *, politely: bool) -> None:
        """Until it is welcome; who is refused comes again after a pause."""
        while not visitor.welcomed.is_set():
            try:
                async with self._gate if politely else nullcontext():
                    await visitor.connect()
            except (OSError, TimeoutError, Closed, Refused):
                await asyncio.sleep(random.uniform(0.2, 1.0))


async def obey(crowd: Crowd) -> None:
    """Answers each word on standard input with a line of JSON."""
    words = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(words), sys.stdin)
    while word := (await words.readline()).decode().strip():
        answer: dict[str, Any] = await getattr(crowd, word)()
        print(json.dumps(answer), flush=True)


async def measure_sockets(amqp_url: str, folder: Path) -> str:
    """Runs it and says what was found; raises when somebody is not resumed in time or misses anything."""
    raise_limit()
    async with Stack(amqp_url, lambda owner: f"sqlite:///{folder}/{owner}.db", kinds=("webchat",)) as stack:
        return await _measure(stack, amqp_url)


async def _measure(stack: Stack, amqp_url: str) -> str:
    process = psutil.Process(stack.member("webchat").pid)
    empty = process.memory_info().rss
    crowds = [await _start(stack.webchat_url) for _ in range(CROWDS)]
    try:
        came = await _tell(crowds, "come")
        await asyncio.sleep(2)
        full = process.memory_info().rss
        await _tell(crowds, "cut")
        await eventually(lambda: process.num_fds() < SOCKETS // 10, seconds=30)
        away = [visitor for answer in came for visitor in answer["visitors"]]
        await write_to(amqp_url, away)
        back = await _tell(crowds, "back")
    finally:
        for one in crowds:
            one.kill()
            await one.wait()
    seconds = max(answer["seconds"] for answer in back)
    assert seconds <= RESUME_SECONDS, f"resumed after {seconds:.1f} s"
    received = [texts for answer in back for texts in answer["received"]]
    missed = sum(texts != [f"for {visitor}"] for visitor, texts in zip(away, received, strict=True))
    assert missed == 0, f"{missed} of {len(away)} missed what was written to them"
    return (
        f"{SOCKETS:,} idle visitors on one web chat process: "
        f"{(full - empty) / SOCKETS / 1024:.1f} KB a socket ({empty / 1e6:.0f} → {full / 1e6:.0f} MB), "
        f"opened in {max(answer['seconds'] for answer in came):.1f} s; "
        f"all cut and reconnecting at once: resumed in {seconds:.1f} s, "
        f"{missed} of the {len(away):,} messages written meanwhile missed"
    )


async def write_to(amqp_url: str, visitors: list[str]) -> None:
    """A message to each, as the router gives them to the account; returns when all are reported sent."""
    reported: set[str] = set()

    async def on_body(body: bytes) -> None:
        reported.add(json.loads(body)["data"]["message_id"])

    async with Broker(amqp_url, name="bench-writer") as broker, asyncio.TaskGroup() as group:
        listener = Listener(broker, [(INBOUND, "delivery.#")], on_body)
        task = group.create_task(listener.run())
        await listener.bound.wait()
        await Publisher(broker).publish_in_order([_act(visitor) for visitor in visitors])
        await eventually(lambda: len(reported) == len(visitors), seconds=60)
        task.cancel()


def _act(visitor: str) -> Outgoing:
    now, message_id = datetime.now(UTC), uuid7()
    dialog = DialogRef(
        dialog_id=ids.dialog_id("webchat", "main", visitor), channel="webchat", account="main", chat=visitor
    )
    act = SendMessage(
        dialog=dialog,
        not_after=now + timedelta(hours=1),
        message_id=message_id,
        content=text_content(f"for {visitor}"),
        created_at=now,
    )
    body = wrap(act, id=message_id, source="router", time=now, subject=str(dialog.dialog_id)).encode()
    return Outgoing(OUTBOUND, outbound_key("webchat", "main"), body, str(message_id), act.TYPE)


async def _start(url: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.sockets", url, str(SOCKETS // CROWDS),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=2**24,
    )  # fmt: skip


async def _tell(crowds: list[asyncio.subprocess.Process], word: str) -> list[dict[str, Any]]:
    async def tell(one: asyncio.subprocess.Process) -> dict[str, Any]:
        assert one.stdin is not None
        assert one.stdout is not None
        one.stdin.write(f"{word}\n".encode())
        async with asyncio.timeout(180):
            answer: dict[str, Any] = json.loads(await one.stdout.readline())
            return answer

    return list(await asyncio.gather(*(tell(one) for one in crowds)))


def raise_limit() -> None:
    """Room for every socket, here and in the processes that we start."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65_536), hard))


if __name__ == "__main__":
    raise_limit()
    uvloop.run(obey(Crowd(sys.argv[1], int(sys.argv[2]))))
