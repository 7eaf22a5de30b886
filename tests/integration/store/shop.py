"""A store at work: a writer on a real broker and database, queries by HTTP, the feed as desks hear it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from uuid import UUID, uuid4

import aiohttp
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.bus.call import Caller
from shared.bus.connection import Broker
from shared.bus.listener import Listener
from shared.bus.loop import run_loop
from shared.bus.outgoing import Outgoing
from shared.bus.publisher import Publisher
from shared.clock import Clock, SystemClock
from shared.contract.commands import PATIENCE, Answer, Command
from shared.contract.envelope import Data, Envelope, wrap
from shared.contract.events import GroupChanged
from shared.contract.feed import FeedHead, FeedRow
from shared.contract.people import Actor
from shared.db.dialect import is_sqlite
from shared.db.engine import open_engine, reading
from shared.db.lease import Lease
from shared.http.server import HttpServer
from shared.topology import EVENTS, FEED, event_key
from store import feed
from store.api.application import application
from store.catalogue import CATALOGUE
from store.process import LEASE
from store.writer import QUEUES, StoreConsumer, StoreWriter
from tests.support.waiting import eventually
from tests.unit.store.story import envelope

TOKEN = "a token of the tests"
A_CENTURY = timedelta(days=36_500)
Json = dict[str, Any]


@dataclass(frozen=True)
class Writer:
    """A writer at work."""

    task: asyncio.Task[None]
    lease: Lease
    stopping: asyncio.Event
    in_file: bool

    async def kill(self) -> None:
        """In the middle of whatever it does; on SQLite after its transaction.

        There a cancelled task is no dead process: its thread may still take the file's lock and keep it. The
        fault suite kills processes on both databases.
        """
        if self.in_file:
            self.stopping.set()
        else:
            self.task.cancel()
        await asyncio.wait([self.task])


@asynccontextmanager
async def writer(
    amqp_url: str,
    engine: AsyncEngine,
    name: str = "writer",
    clock: Clock | None = None,
    files_kept: timedelta = A_CENTURY,
) -> AsyncIterator[Writer]:
    """A writer that runs until the block ends or it is killed. Stories are of months ago: files stay."""
    clock = clock or SystemClock()
    lease = Lease(engine, LEASE, name, 2.0)
    stopping = asyncio.Event()
    async with Broker(amqp_url, name=name) as broker:
        work = run_loop(
            engine=engine,
            lease=lease,
            broker=broker,
            publisher=Publisher(broker),
            consumer=StoreConsumer(broker, QUEUES),
            handler=StoreWriter(clock, files_kept),
            decoder=CATALOGUE.decode,
            clock=clock,
            stopping=stopping,
        )
        async with asyncio.TaskGroup() as group:
            task = group.create_task(work)
            try:
                yield Writer(task, lease, stopping, is_sqlite(engine))
            finally:
                stopping.set()
                await asyncio.wait([task], timeout=5)
                task.cancel()


@dataclass
class Shop:
    """The other ends: `publish` as the router, `get` as a desk, `heard` what came by the feed."""

    engine: AsyncEngine
    broker: Broker
    publisher: Publisher
    caller: Caller
    session: aiohttp.ClientSession
    heard: list[Json] = field(default_factory=list)
    heads: list[int] = field(default_factory=list)

    @classmethod
    @asynccontextmanager
    async def open(cls, amqp_url: str, database_url: str) -> AsyncIterator[Self]:
        async with AsyncExitStack() as stack:
            engine = open_engine(database_url)
            stack.push_async_callback(engine.dispose)
            broker = await stack.enter_async_context(Broker(amqp_url, name="shop"))
            await broker.ready()
            server = HttpServer(application(engine, lambda: TOKEN), "127.0.0.1", 0)
            await stack.enter_async_context(server)
            session = await stack.enter_async_context(aiohttp.ClientSession(server.url))
            publisher = Publisher(broker)
            shop = cls(engine, broker, publisher, Caller(broker, publisher), session)
            listener = Listener(broker, [(FEED, "#")], shop._hear)
            group = await stack.enter_async_context(asyncio.TaskGroup())
            task = group.create_task(listener.run())
            stack.callback(task.cancel)
            await listener.bound.wait()
            yield shop

    async def _hear(self, body: bytes) -> None:
        said = FeedRow.model_validate_json(body) if b'"seq"' in body else None
        if said is None:
            self.heads.append(FeedHead.model_validate_json(body).head)
        else:
            self.heard.append(said.model_dump(mode="json"))

    async def publish(self, *told: Envelope[Data]) -> None:
        """As the router does: persistent, confirmed, in order."""
        messages = [
            Outgoing(EVENTS, event_key(one.type), one.encode(), str(one.id), one.type) for one in told
        ]
        assert await self.publisher.publish_in_order(messages) == [None] * len(messages)

    async def ask(self, kind: type[Command], who: UUID | None = None, **said: Any) -> Answer:
        """Gives a command, for an operator or from the command line."""
        return await self.give(kind, uuid4(), who, **said)

    async def give(self, kind: type[Command], id_: UUID, who: UUID | None = None, **said: Any) -> Answer:
        """The same under an id: a repeat of it is the same act."""
        actor = (
            Actor(kind="console", id="root") if who is None else Actor(kind="operator", id=str(who), name="A")
        )
        now = datetime.now(UTC)
        command = kind(actor=actor, deadline=now + PATIENCE, **said)
        return await self.caller.call(
            wrap(command, id=id_, source="test", time=now, subject="test"), timeout=20
        )

    async def settled(self, at_least: int) -> int:
        """The head of the feed, once it is there."""

        async def there() -> int:
            async with reading(self.engine) as conn:
                head = await feed.head(conn)
            assert head >= at_least, head
            return head

        return await eventually(there, seconds=20)

    async def caught_up(self) -> int:
        """The head of the feed when everything published so far is in it: a last event marks the place."""
        mark = f"mark_{uuid4().hex[:8]}"
        changed = GroupChanged(slug=mark, name=mark, version=1, cause=uuid4())
        await self.publish(envelope(changed, f"group:{mark}"))

        async def there() -> int:
            async with reading(self.engine) as conn:
                head = await feed.head(conn)
                last = (await feed.page(conn, head - 1, 1)).items
            return head if last and last[0].id == mark else 0

        return await eventually(there, seconds=20)

    async def get(self, path: str, operator: UUID | None = None, *, status: int = 200, **params: Any) -> Json:
        query = {name: str(value) for name, value in params.items()}
        async with self.session.get(path, headers=self.headers(operator), params=query) as response:
            found: Json = await response.json(content_type=None)
            assert response.status == status, found
            return found

    async def rows(self, after: int, limit: int) -> list[Json]:
        """A page of the feed."""
        items: list[Json] = (await self.get("/v1/feed", after=after, limit=limit))["items"]
        return items

    def headers(self, operator: UUID | None) -> dict[str, str]:
        """A service that asks for an operator, or for itself."""
        service = {"Authorization": f"Bearer {TOKEN}"}
        return service if operator is None else {**service, "X-Operator": str(operator)}

    async def everything(self, operator: UUID) -> Json:
        """A fresh snapshot: all that this operator may see."""
        templates = (await self.get("/v1/templates", operator))["items"]
        shown: Json = {"conversations": {}, "lines": {}}
        shown["templates"] = {one["template_id"]: one for one in templates}
        for folder in ("all", "closed"):
            page = await self.get("/v1/conversations", operator, folder=folder, limit=100)
            assert page["next"] is None
            shown["seq"] = page["seq"]
            shown["conversations"] |= {one["conversation_id"]: one for one in page["items"]}
        for conversation_id in shown["conversations"]:
            lines = await self.get(f"/v1/conversations/{conversation_id}/history", operator, limit=200)
            shown["lines"] |= {one["entry_id"]: one for one in lines["items"]}
        return shown
