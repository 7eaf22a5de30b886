"""Everything of one fault run: broker and databases of its own, all services in replicas, links to be cut.

    async with Town(servers, "postgresql", folder) as town:
        town.stack.member("router", 2).kill()
        town.links["webchat amqp"].reset()

On PostgreSQL each service runs twice, on SQLite once. The first replica of each reaches broker and database
through a TCP proxy of its own. Operators and visitors reach all replicas. `planted` bugs are the routers'.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.db.engine import open_engine, reading
from shared.failure import Unavailable
from tests.support.databases import postgresql_databases, sqlite_databases
from tests.support.member import Member
from tests.support.operator import Operator
from tests.support.proxy import Proxy
from tests.support.session import Session
from tests.support.stack import KINDS, Site, Stack
from tests.support.visitor import Visitor

OWNERS = ("router", "store", "webchat", "desk")
_OWNER_OF = {"store-write": "store", "store-serve": "store"}
PATIENCE_SECONDS = 240.0
TIMEOUT_SECONDS = 14.0


class Town:
    """`replicas` of each service; `links` are the proxies by `<member> amqp` and `<member> database`."""

    def __init__(
        self,
        servers: Session,
        database: str,
        folder: Path,
        *,
        name: str,
        proxied: bool = True,
        planted: str = "",
        origin: str = "http://shop.test",
    ) -> None:
        self.database = database
        self.replicas = 2 if database == "postgresql" else 1
        self.broker = servers.broker(f"broker-{name}")
        self.postgres = servers.postgres(f"postgres-{name}") if database == "postgresql" else None
        self.site = Site("main", "site_main", origin)
        self.links: dict[str, Proxy] = {}
        self.engines: dict[str, AsyncEngine] = {}
        self.vhost = ""
        self._operators: dict[str, Operator] = {}
        self._folder = folder
        self._proxied = proxied
        self._planted = planted
        self._exit = AsyncExitStack()

    @property
    def amqp_url(self) -> str:
        return self.broker.node.url(self.vhost)

    async def __aenter__(self) -> Self:
        try:
            await asyncio.to_thread(self.broker.start)
            self._exit.push_async_callback(asyncio.to_thread, self._end_servers)
            self.vhost = await asyncio.to_thread(self.broker.virtual_host, "faults")
            urls = self._databases()
            settings: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}
            if self._proxied and self.postgres is not None:
                settings = {kind: await self._linked(kind, urls) for kind in KINDS}
            settings["router"]["fault_on"] = self._planted
            self.stack = Stack(self.amqp_url, urls.__getitem__, settings, sites=(self.site,))
            await self._exit.enter_async_context(self.stack)
            if self.replicas > 1:
                for kind in KINDS:
                    await self._start_second(kind, urls)
            for owner, url in urls.items():
                self.engines[owner] = open_engine(url)
                self._exit.push_async_callback(self.engines[owner].dispose)
        except BaseException:
            await self._exit.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exit.__aexit__(kind, error, trace)

    async def operator(self, login: str) -> Operator:
        """An administrator who is signed in and available: the same one each time."""
        if login in self._operators:
            return self._operators[login]
        signer = await self.stack.add_operator(login, role="administrator")
        operator = Operator(
            self.stack.urls("desk"), signer.login, signer.password,
            patience=PATIENCE_SECONDS, timeout=TIMEOUT_SECONDS,
        )  # fmt: skip
        await self._exit.enter_async_context(operator)
        await operator.stand()
        self._operators[login] = operator
        return operator

    def visitor(self) -> Visitor:
        sockets = [url.replace("http", "ws", 1) + "/ws" for url in self.stack.urls("webchat")]
        return Visitor(sockets, site=self.site.key, origin=self.site.origin)

    async def one(self, owner: str, query: str) -> Any:
        """The single value of a query to a service's own database, for evidence; AssertionError: not now."""
        try:
            async with reading(self.engines[owner]) as conn:
                return (await conn.execute(text(query))).scalar()
        except Unavailable as error:
            raise AssertionError(f"the database of the {owner} is away: {error}") from error

    async def owner_of(self, owner: str, lease: str) -> str:
        """The member that holds a lease."""
        name = str(await self.one(owner, f"SELECT owner FROM leases WHERE name = '{lease}'"))
        return name.partition("/")[0]

    def members(self, kind: str) -> list[Member]:
        """The replicas of a service."""
        return [self.stack.member(kind, number) for number in range(1, self.replicas + 1)]

    def _databases(self) -> dict[str, str]:
        if self.postgres is not None:
            fresh = self._exit.enter_context(postgresql_databases(self.postgres))
        else:
            fresh = self._exit.enter_context(sqlite_databases(self._folder))
        return {owner: fresh(owner) for owner in OWNERS}

    async def _linked(self, kind: str, urls: dict[str, str]) -> dict[str, str]:
        amqp = await self._link(f"{kind} amqp", self.broker.node.amqp_port)
        database = urls[_OWNER_OF.get(kind, kind)]
        assert self.postgres is not None
        direct = make_url(database)
        through = await self._link(f"{kind} database", self.postgres.port)
        parts = urlsplit(self.amqp_url)
        return {
            "amqp_url": self.amqp_url.replace(f":{parts.port}/", f":{amqp.port}/", 1),
            "database_url": direct.set(port=through.port).render_as_string(hide_password=False),
        }

    async def _link(self, name: str, port: int) -> Proxy:
        proxy = self.links[name] = Proxy(port)
        await self._exit.enter_async_context(proxy)
        return proxy

    async def _start_second(self, kind: str, urls: dict[str, str]) -> None:
        changes = {
            "SWITCHBOARD_AMQP_URL": self.amqp_url,
            "SWITCHBOARD_DATABASE_URL": urls[_OWNER_OF.get(kind, kind)],
        }
        if kind == "desk":
            changes["SWITCHBOARD_STORE_URL"] = self.stack.urls("store-serve")[1]
        await self.stack.start(kind, 2, **changes)

    def _end_servers(self) -> None:
        self.broker.kill()
        if self.postgres is not None:
            self.postgres.stop()
