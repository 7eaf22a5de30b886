"""All messengers at once: their fake providers, a gateway process of each, and the services behind them.

    async with Telegraph(servers, "postgresql", folder, messengers) as telegraph:
        telegraph.deliver(messenger, update)      # as a provider does: again until it is taken
        await telegraph.kill_gateway(messenger)   # in the middle of a send of it
        await telegraph.accept_then_reset(messenger)

On PostgreSQL the router runs twice, and two gateways chosen by the seed; one of each stands by.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp
from sqlalchemy import text

from gateways.registry import GATEWAYS
from shared.db.engine import open_engine, reading
from shared.db.migrate import upgrade
from tests.faults.chaos import Fault
from tests.faults.messengers import Messenger
from tests.support.databases import postgresql_databases, sqlite_databases
from tests.support.member import Member
from tests.support.operator import Operator
from tests.support.provider import Request
from tests.support.provider_faults import AcceptThenReset, Delay
from tests.support.provider_faults import Fault as ProviderFault
from tests.support.quiet_ports import quiet_ports
from tests.support.session import Session
from tests.support.stack import Stack
from tests.support.waiting import eventually

KINDS = ("router", "store-write", "store-serve", "desk")
OUT_SECONDS = 2.0
AGAIN_SECONDS = 0.3
CALL_SECONDS = 12.0
EARLY_SECONDS = 0.1
CALLS = 8
"""Of one provider at once."""
UNTIL_SENT_SECONDS = 60.0


class Telegraph:
    """`done` are the faults; `calls` counts webhook calls by channel and how they ended."""

    def __init__(
        self, servers: Session, database: str, folder: Path, messengers: Sequence[Messenger], seed: int
    ) -> None:
        self.broker = servers.broker(f"broker-messengers-{database}")
        self.messengers = messengers
        self.done: list[Fault] = []
        self.calls: Counter[tuple[str, str]] = Counter()
        self.told_early: Counter[str] = Counter()
        self.refused: list[str] = []
        """Calls that were turned away for good."""
        self.gateways: dict[str, list[Member]] = {}
        self._postgres = servers.postgres("postgres-messengers") if database == "postgresql" else None
        self._folder = folder
        self._chance = random.Random(f"{seed} telegraph")
        self._twice = set(self._chance.sample([one.channel for one in messengers], 2))
        self._ports: dict[str, list[int]] = {}
        self._turns = itertools.count()
        self._limits = {one.channel: asyncio.Semaphore(CALLS) for one in messengers}
        self._calling: set[asyncio.Task[None]] = set()
        self._exit = AsyncExitStack()
        self._began = time.monotonic()

    async def __aenter__(self) -> Self:
        try:
            await self._open()
        except BaseException as error:
            self._print_tails(error)
            await self._exit.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._print_tails(error)
        for task in self._calling:
            task.cancel()
        await self._exit.__aexit__(kind, error, trace)

    async def _open(self) -> None:
        enter = self._exit.enter_async_context
        await asyncio.to_thread(self.broker.start)
        self._exit.callback(self._end_servers)
        vhost = await asyncio.to_thread(self.broker.virtual_host, "faults")
        url = self.broker.node.url(vhost)
        fresh = self._exit.enter_context(
            postgresql_databases(self._postgres) if self._postgres else sqlite_databases(self._folder)
        )
        self.session = await enter(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=CALL_SECONDS)))
        self.stack = await enter(Stack(url, fresh, kinds=KINDS))
        if self._postgres is not None:
            await self.stack.start("router", replica=2)
        for messenger in self.messengers:
            await enter(messenger.provider)
            await self._start(messenger, url, fresh(messenger.channel))
        signer = await self.stack.add_operator("anna", role="administrator")
        self.operator = await enter(
            Operator(self.stack.urls("desk"), signer.login, signer.password, patience=120.0, timeout=14.0)
        )
        await self.operator.stand()
        self._began = time.monotonic()

    async def _start(self, messenger: Messenger, amqp_url: str, database_url: str) -> None:
        channel = messenger.channel
        await asyncio.to_thread(upgrade, database_url, GATEWAYS[channel].package)
        replicas = 2 if self._postgres and channel in self._twice else 1
        self._ports[channel] = quiet_ports(replicas)
        accounts = messenger.write(self._folder / f"of-{channel}", self._ports[channel][0])
        self.gateways[channel] = []
        for number, port in enumerate(self._ports[channel], start=1):
            name, blobs = f"{channel}-{number}", self.stack.blobs_folder
            member = messenger.member(name, amqp_url, database_url, accounts, blobs, port)
            self.gateways[channel].append(member)
        for member in self.gateways[channel]:
            self._exit.callback(member.end)
            member.start()
            await member.ready(60)
        await eventually(lambda: messenger.listened_to, seconds=30)
        messenger.tells(lambda update: self._tell_early(messenger, update))

    def deliver(self, messenger: Messenger, update: Any) -> asyncio.Task[None]:
        """Calls a webhook until it is taken; the replicas share the calls."""
        return self._begun(self._limited(messenger, json.dumps(update).encode()))

    def _begun(self, call: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(call)
        self._calling.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._calling.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.refused.append(str(error))

    async def _limited(self, messenger: Messenger, body: bytes) -> None:
        async with self._limits[messenger.channel]:
            await self._call(messenger, body)

    async def _call(self, messenger: Messenger, body: bytes) -> None:
        channel = messenger.channel
        while True:
            hook = messenger.hook(self._chance.choice(self._ports[channel]))
            headers = {**hook.headers, **hook.sign(body)}
            try:
                async with self.session.post(hook.url, data=body, headers=headers) as answer:
                    self.calls[channel, str(answer.status)] += 1
                    if answer.status < 300:
                        return
                    if answer.status not in (429, 503):
                        raise AssertionError(f"{channel}: {answer.status} {await answer.text()}")
            except (aiohttp.ClientError, TimeoutError, OSError):
                self.calls[channel, "no answer"] += 1
            await asyncio.sleep(AGAIN_SECONDS)

    async def _tell_early(self, messenger: Messenger, update: Any) -> None:
        """The update is at the gateway before the answer that it belongs to."""
        self._begun(self._call(messenger, json.dumps(update).encode()))
        self.told_early[messenger.channel] += 1
        await asyncio.sleep(EARLY_SECONDS)

    async def settled(self) -> None:
        """Every call was taken."""
        await eventually(lambda: not self._calling, seconds=90)

    async def kill_gateway(self, messenger: Messenger) -> None:
        """While a message is on its way: the provider takes it, and nobody is there to hear so."""
        replicas = self.gateways[messenger.channel]
        member = replicas[next(self._turns) % len(replicas)]

        async def strike() -> str:
            send = await self._struck(messenger, lambda: Delay(1.0))
            pid = member.kill()
            await asyncio.sleep(OUT_SECONDS)
            member.start()
            await member.ready(60)
            return f"pid {pid} ended with -9 in a send, taken: {send.taken}; pid {member.pid} ready"

        await self._done("kill", member.name, strike)

    async def kill_service(self, kind: str, replica: int = 1) -> None:
        member = self.stack.member(kind, replica)

        async def strike() -> str:
            pid = member.kill()
            await asyncio.sleep(OUT_SECONDS)
            again = member.start()
            assert again != pid, "the same process was started again"
            await member.ready(60)
            return f"pid {pid} ended with -9, pid {again} ready"

        await self._done("kill", member.name, strike)

    async def kill_routers(self) -> None:
        """Each of them: the active one is among them."""
        for replica in range(1, 3 if self._postgres else 2):
            await self.kill_service("router", replica)

    async def kill_store(self) -> None:
        await self.kill_service("store-write")

    async def kill_broker(self) -> None:
        async def strike() -> str:
            pid = self.broker.pid
            await asyncio.to_thread(self.broker.kill)
            assert not self.broker.node.listening(), "the broker is still there"
            await asyncio.to_thread(self.broker.start)
            return f"pid {pid} killed, nobody listened, pid {self.broker.pid} up"

        await self._done("kill", "rabbitmq", strike)

    async def accept_then_reset(self, messenger: Messenger) -> None:
        """The provider takes a message, and its answer never comes."""

        async def strike() -> str:
            send = await self._struck(messenger, AcceptThenReset)
            await eventually(lambda: send.taken)
            return "a message was taken, the connection reset before the answer"

        await self._done("reset", messenger.channel, strike)

    async def _struck(self, messenger: Messenger, fault: Callable[[], ProviderFault]) -> Request:
        """The request to send that the fault happens to; another request of the route may come before it."""
        provider, path = messenger.provider, messenger.send_path
        planted = [fault()]
        provider.script(path, planted[-1])

        def struck() -> Any:
            for send in messenger.sends():
                if any(send.fault is one for one in planted):
                    return send
            if not provider.left(path):
                planted.append(fault())
                provider.script(path, planted[-1])
            return None

        send: Request = await eventually(struck, seconds=UNTIL_SENT_SECONDS)
        return send

    async def parked(self) -> int:
        """Messages that somebody gave up on."""
        engine = open_engine(self.stack.databases["store"])
        try:
            async with reading(engine) as conn:
                return int((await conn.execute(text("SELECT count(*) FROM parked"))).scalar() or 0)
        finally:
            await engine.dispose()

    async def _done(self, what: str, target: str, strike: Callable[[], Awaitable[str]]) -> None:
        at = time.monotonic()
        evidence = await strike()
        self.done.append(Fault(at - self._began, what, target, time.monotonic() - at, evidence))

    def _print_tails(self, error: BaseException | None) -> None:
        if error is not None:
            members = [member for replicas in self.gateways.values() for member in replicas]
            print("\n".join(f"--- {one.name}\n{one.tail(15)}" for one in members), file=sys.stderr)

    def _end_servers(self) -> None:
        self.broker.kill()
        if self._postgres is not None:
            self._postgres.stop()
