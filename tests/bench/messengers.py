"""Webhooks of each messenger to the store, messages a second, and the bare limit on the same calls, in turns.

The same calls over loopback, proofs and all, on 32 connections; the messages of a client one after another.
Ours: the channel's gateway, the router and the store's writer, a process each; what is measured ends with the
last row of the history. Bare: a process that reads the JSON, publishes the call as it came with a confirm and
answers, and tests/bench/bare_mail.py's that inserts it; no proof is looked at, nothing is understood.

    python -m tests.bench.messengers serve AMQP_URL COUNT PORT
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

import aiohttp
import uvloop
from aiohttp import web

from gateways.registry import GATEWAYS
from shared.db.migrate import upgrade
from tests.bench import bare
from tests.bench.figures import Usage, cpu_seconds, spread, used_since
from tests.bench.paths import Store, child
from tests.faults.bots import Max, Telegram
from tests.faults.messengers import Messenger, Open, Vk, Whatsapp
from tests.support.quiet_ports import give_back, quiet_ports
from tests.support.stack import Stack
from tests.support.waiting import eventually

COUNT = 2_000
CLIENTS = 64
CONNECTIONS = 32
KINDS = ("router", "store-write")
MESSENGERS: tuple[type[Messenger], ...] = (Telegram, Vk, Whatsapp, Max, Open)
Place: TypeAlias = Callable[[], AbstractContextManager[tuple[str, Path]]]
"""A fresh virtual host's address and a fresh folder."""


@dataclass(frozen=True, slots=True)
class Calls:
    """What a provider calls us with: bodies by client, in their order, each with its headers."""

    url: str
    of_clients: Sequence[Sequence[tuple[bytes, Mapping[str, str]]]]

    async def make(self) -> None:
        """All of them, as fast as they are taken."""
        connector = aiohttp.TCPConnector(limit=CONNECTIONS)
        async with aiohttp.ClientSession(connector=connector) as session, asyncio.TaskGroup() as group:
            for first in range(CONNECTIONS):
                group.create_task(self._of(session, self.of_clients[first::CONNECTIONS]))

    async def _of(
        self, session: aiohttp.ClientSession, clients: Sequence[Sequence[tuple[bytes, Mapping[str, str]]]]
    ) -> None:
        for one in clients:
            for body, headers in one:
                async with session.post(self.url, data=body, headers=headers) as answer:
                    assert answer.status < 300, f"{answer.status} {await answer.text()}"


def calls(messenger: Messenger, port: int, count: int) -> Calls:
    """Texts of `CLIENTS` clients, each a second after the one before."""
    hook, begun = messenger.hook(port), datetime.now(UTC) - timedelta(hours=1)
    made: list[list[tuple[bytes, Mapping[str, str]]]] = [[] for _ in range(CLIENTS)]
    for number in range(count):
        client, turn = number % CLIENTS, number // CLIENTS
        words = f"message {turn} of client {client}: has my order come?"
        update = messenger.update(client, turn, words, begun + timedelta(seconds=turn))
        body = json.dumps(update, ensure_ascii=False).encode()
        made[client].append((body, {**hook.headers, **hook.sign(body)}))
    return Calls(hook.url, made)


async def our_rate(
    messenger: Messenger, amqp_url: str, folder: Path, count: int
) -> tuple[float, dict[str, Usage]]:
    """Messages a second from the call to the row of the history, and what each process used."""
    ports = quiet_ports(1)
    async with (
        messenger.provider,
        Stack(amqp_url, lambda owner: f"sqlite:///{folder}/{owner}.db", kinds=KINDS) as stack,
        _gateway(messenger, amqp_url, folder, ports[0]) as pid,
    ):
        store = Store(stack.databases["store"])
        rows = store.rows() + count + CLIENTS
        pids = {member.name: member.pid for member in stack.members.values()} | {"gateway": pid}
        made = calls(messenger, ports[0], count)
        before = {name: cpu_seconds(pid) for name, pid in pids.items()}
        started = time.monotonic()
        _, ended = await asyncio.gather(made.make(), store.reaches(rows))
        usage = used_since(before, pids)
        await store.rests()
        assert store.rows() == rows, f"{store.rows() - rows} rows too many"
    give_back(ports)
    return count / (ended - started), usage


@asynccontextmanager
async def _gateway(messenger: Messenger, amqp_url: str, folder: Path, port: int) -> AsyncIterator[int]:
    """The pid of a process that its provider calls."""
    database = f"sqlite:///{folder}/gateway.db"
    await asyncio.to_thread(upgrade, database, GATEWAYS[messenger.channel].package)
    accounts = messenger.write(folder / "accounts", port)
    member = messenger.member("gateway", amqp_url, database, accounts, folder / "blobs", port)
    try:
        member.start()
        await member.ready(60)
        await eventually(lambda: messenger.listened_to and member.lines("account_declared"), seconds=30)
        yield member.pid
    finally:
        member.end()


async def bare_rate(messenger: Messenger, amqp_url: str, folder: Path, count: int) -> float:
    """The same calls to the row, with nothing of ours."""
    (port,) = ports = quiet_ports(1)
    file = folder / "keep.json"
    await bare.declare(amqp_url)
    async with messenger.provider, asyncio.TaskGroup() as group:
        messenger.assume_listened_to()
        made = calls(messenger, port, count)
        words = (amqp_url, str(count), str(folder / "bare.db"), str(file))
        group.create_task(child("tests.bench.bare_mail", "keep", *words))
        group.create_task(child("tests.bench.messengers", "serve", amqp_url, str(count), str(port)))
        await asyncio.sleep(2)  # both are there before the clock starts
        started = time.monotonic()
        await made.make()
    give_back(ports)
    return count / (float(json.loads(file.read_text())["ended"]) - started)


async def serve(amqp_url: str, count: str, port: str) -> None:
    """Takes so many calls."""
    taken, ended = 0, asyncio.Event()
    async with bare.channel_of(amqp_url) as channel:
        pipeline = bare.Pipeline(channel, bare.FIRST)

        async def take(request: web.Request) -> web.Response:
            nonlocal taken
            body = await request.read()
            json.loads(body)
            await (await pipeline.publish(body))
            taken += 1
            if taken == int(count):
                ended.set()
            return web.Response(text="ok")

        app = web.Application()
        app.router.add_post("/{anything:.*}", take)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", int(port)).start()
        await ended.wait()
        await asyncio.sleep(0.2)  # the last answer leaves
        await runner.cleanup()


async def measure_messengers(
    place: Place, repeats: int, say: Callable[[str], None], count: int = COUNT
) -> None:
    """Runs both for each messenger in turns, there and back, and says what was found."""
    found: dict[tuple[str, str], list[float]] = {}
    usage: dict[str, dict[str, Usage]] = {}
    for turn in range(repeats):
        for kind in MESSENGERS if turn % 2 == 0 else reversed(MESSENGERS):
            for name in ("bare", "ours") if turn % 2 == 0 else ("ours", "bare"):
                with place() as (url, folder):
                    if name == "bare":
                        rate = await bare_rate(kind(), url, folder, count)
                    else:
                        rate, usage[kind.channel] = await our_rate(kind(), url, folder, count)
                found.setdefault((kind.channel, name), []).append(rate)
                say(f"  {turn + 1}/{repeats} {kind.channel}, {name}: {rate:,.0f} messages a second")
    say(f"\nMessages a second from the webhook to the store, n {count} over {CLIENTS} dialogs, by messenger:")
    for kind in MESSENGERS:
        channel = kind.channel
        used = ", ".join(
            f"{name} {1000 * one.cpu_seconds / count:.2f} ms" for name, one in usage[channel].items()
        )
        say(
            f"  {channel}: bare {spread(found[channel, 'bare'])}, ours {spread(found[channel, 'ours'])}; "
            f"CPU a message: {used}"
        )


if __name__ == "__main__":
    assert sys.argv[1] == "serve", __doc__
    uvloop.run(serve(*sys.argv[2:]))
