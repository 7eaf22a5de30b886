"""The connections of a process to the broker: one to publish, one to consume, each kept up by a task.

Two, because an alarm of the broker stops publishing connections and must not stop consuming. Reconnection
is ours and not the library's, because only we know what has to be forgotten (deliveries) or repeated
(unconfirmed publishes) when a channel is lost. Entering neither waits for the broker nor fails without it.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Coroutine, Iterable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self, cast

import aio_pika
import aiormq
from aio_pika.abc import UnderlayConnection
from aiormq.exceptions import AMQPError
from yarl import URL

from shared.failure import Unavailable
from shared.log import get_logger
from shared.metrics import BROKER_CONNECTED
from shared.topology import EXCHANGES, QUEUES, Queue

log = get_logger()

CONNECT_SECONDS: Final = 5.0
CLOSE_SECONDS: Final = 3.0
LONGEST_PAUSE_SECONDS: Final = 5.0

BROKER_FAILURES: Final = (AMQPError, ConnectionError, OSError, TimeoutError, RuntimeError, EOFError)
"""What aiormq raises when a connection or a channel does not come up, or is lost under a call."""


class Connection(aiormq.Connection):
    """The protocol of a connection, given up after `heartbeat + 1` silent seconds instead of thrice that."""

    HEARTBEAT_GRACE_MULTIPLIER = 1
    FRAME_BUFFER_SIZE = 1000


class _Underlay(UnderlayConnection):
    """What aio-pika builds upon: our protocol in place of its usual one."""

    @classmethod
    async def make_connection(cls, url: URL, timeout: Any = None, **kwargs: Any) -> Connection:
        connection = Connection(url, **kwargs)
        try:
            async with asyncio.timeout(timeout):
                await connection.connect()
        except BaseException:
            await _close(connection)
            raise
        return connection


class _PikaConnection(aio_pika.Connection):
    """aio-pika's connection over our protocol: what is not on a hot path goes through it."""

    async def connect(self, timeout: Any = None) -> None:
        arguments = {**self.kwargs, "timeout": timeout}
        self.transport = await _Underlay.connect(self.url, self._on_connection_close, **arguments)
        await self._on_connected()

    @property
    def protocol(self) -> Connection:
        """The connection underneath."""
        if self.transport is None:
            raise Unavailable("not connected to the broker")
        return cast(Connection, self.transport.connection)

    def __del__(self) -> None:
        """Nothing: the keeper closes. The library's would begin a closing in whatever loop comes next."""


def pause_seconds(failures: int) -> float:
    """A growing pause with jitter: about 0.1 s after the first failure, never above the longest."""
    highest = min(LONGEST_PAUSE_SECONDS, 0.1 * 2 ** min(failures, 10))
    return random.uniform(highest / 2, highest)  # noqa: S311 - spreads replicas, no secret


class Link:
    """One connection by purpose, opened again as long as its keeper runs."""

    def __init__(self, url: str, name: str, heartbeat_seconds: int) -> None:
        self.name = name
        self._url = URL(url).update_query(heartbeat=str(heartbeat_seconds), name=name)
        self._connection: Connection | None = None
        self._pika: _PikaConnection | None = None
        self._up = asyncio.Event()

    @property
    def up(self) -> bool:
        """Whether the connection is open, as far as heartbeats tell."""
        return self._connection is not None and self._connection.is_opened

    async def connection(self) -> Connection:
        """The open connection; waits for it."""
        while True:
            await self._up.wait()
            connection = self._connection
            if connection is not None and connection.is_opened:
                return connection
            await asyncio.sleep(0.01)  # it was lost this instant: its keeper clears the event next

    async def pika(self) -> _PikaConnection:
        """The same as aio-pika sees it."""
        while True:
            await self.connection()
            if self._pika is not None:
                return self._pika

    async def keep(self, broker: Broker) -> None:
        """Connects, prepares and waits for the end, again and again."""
        failures = 0
        while True:
            pika = _PikaConnection(self._url)
            try:
                await pika.connect(CONNECT_SECONDS)
                await broker.prepare(self, pika)
                failures = 0
                await self._serve(pika, broker)
            except BROKER_FAILURES as error:
                failures += 1
                broker.complain(self.name, error)
            except Exception as error:  # a bug, ours or the library's, must not end the keeper
                failures += 1
                log.exception("broker_link_failed", link=self.name)
                broker.complain(self.name, error)
            finally:
                if pika.transport is not None:
                    await _close(pika.protocol)
            await asyncio.sleep(pause_seconds(failures))

    async def _serve(self, pika: _PikaConnection, broker: Broker) -> None:
        self._pika, self._connection = pika, pika.protocol
        self._up.set()
        broker.noticed()
        log.info("broker_connected", link=self.name)
        try:
            await asyncio.wait([pika.protocol.closing])
            log.warning("broker_disconnected", link=self.name)
        finally:
            self._up.clear()
            self._pika = self._connection = None
            broker.noticed()


class Broker:
    """Both links of one process; `async with` starts and ends them, consumers before publishers."""

    def __init__(self, url: str, *, name: str, heartbeat_seconds: int = 2) -> None:
        self.name = name
        self.heartbeat_seconds = heartbeat_seconds
        self.trouble = ""
        """Why it is not connected, in one line, for readiness."""
        self.publish_link = Link(url, f"{name} publish", heartbeat_seconds)
        self.consume_link = Link(url, f"{name} consume", heartbeat_seconds)
        self._extra: dict[str, Queue] = {}
        self._declared = asyncio.Event()
        self._ready = asyncio.Event()
        self._away_since = time.monotonic()
        self._tasks: asyncio.TaskGroup | None = None
        self._publishing: asyncio.Task[None] | None = None
        self._others: set[asyncio.Task[None]] = set()

    @property
    def connected(self) -> bool:
        """Whether both links are up and the topology is declared."""
        return self.publish_link.up and self.consume_link.up

    @property
    def away_seconds(self) -> float:
        """For how long it has not been connected; 0 while it is."""
        return 0.0 if self.connected else time.monotonic() - self._away_since

    async def ready(self) -> None:
        """Waits until both links are up and the topology is declared."""
        while not self.connected:
            await self._ready.wait()
            if not self.connected:
                await asyncio.sleep(0.01)

    async def consuming(self) -> Connection:
        """The connection to consume from, once the topology has been declared; waits for both."""
        await self._declared.wait()
        return await self.consume_link.connection()

    async def declare(self, *queues: Queue) -> None:
        """Declares queues beside the fixed ones, now and after each reconnection; waits for the broker."""
        self._extra |= {queue.name: queue for queue in queues}
        while True:
            pika = await self.publish_link.pika()
            try:
                return await _declare(pika, (), queues)
            except BROKER_FAILURES as error:
                self.complain("declare", error)
                await asyncio.sleep(pause_seconds(1))

    async def restore(self) -> None:
        """Declares everything again, for who found a queue deleted; raises what aiormq raises."""
        await self.prepare(self.publish_link, await self.publish_link.pika())

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs `work` in this broker's task group until it ends or the broker is left."""
        if self._tasks is None:
            work.close()
            raise Unavailable("the broker is not entered")
        task = self._tasks.create_task(work)
        self._others.add(task)
        task.add_done_callback(self._others.discard)

    async def prepare(self, link: Link, pika: aio_pika.Connection) -> None:
        """What a new connection needs before it is offered: for the publishing one, the topology."""
        if link is self.publish_link:
            exchanges = [exchange.name for exchange in EXCHANGES]
            await _declare(pika, exchanges, [*QUEUES, *self._extra.values()])
            self._declared.set()

    def complain(self, where: str, error: BaseException) -> None:
        """Keeps and logs why something of the broker failed."""
        words = f"{type(error).__name__}: {error}"
        if words != self.trouble:
            log.warning("broker_unavailable", link=where, reason=words)
        self.trouble = words

    def noticed(self) -> None:
        """Called by a link that came up or went down."""
        if self.connected:
            self.trouble = ""
            self._ready.set()
        elif self._ready.is_set():
            self._ready.clear()
            self._away_since = time.monotonic()
        BROKER_CONNECTED.set(float(self.connected))

    async def __aenter__(self) -> Self:
        self._tasks = asyncio.TaskGroup()
        await self._tasks.__aenter__()
        self._publishing = self._tasks.create_task(self.publish_link.keep(self))
        self.spawn(self.consume_link.keep(self))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        tasks, self._tasks = self._tasks, None
        consuming = list(self._others)
        for task in consuming:
            task.cancel()
        if consuming:
            await asyncio.wait(consuming)
        if self._publishing is not None:
            self._publishing.cancel()
        if tasks is not None:
            await tasks.__aexit__(kind, error, trace)


async def _declare(pika: aio_pika.Connection, exchanges: Sequence[str], queues: Iterable[Queue]) -> None:
    channel = pika.channel(publisher_confirms=False)
    await channel.initialize()
    try:
        for name in exchanges:
            await channel.declare_exchange(name, aio_pika.ExchangeType.TOPIC, durable=True)
        for queue in queues:
            declared = await channel.declare_queue(queue.name, durable=True, arguments=dict(queue.arguments))
            for exchange, pattern in queue.bindings:
                await declared.bind(exchange, pattern)
    finally:
        with suppress(*BROKER_FAILURES):
            await (await channel.get_underlay_channel()).close()


async def _close(connection: Connection) -> None:
    """Ends a connection, gracefully if the broker answers in time.

    aio-pika's own closing waits for callbacks even when it is cancelled, so it is not asked.
    """
    with suppress(*BROKER_FAILURES, AttributeError):  # one that never came up has no writer to stop
        async with asyncio.timeout(CLOSE_SECONDS):
            await connection.close()
