"""A running stack with one operator for each column of the access matrix."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import uuid4

import aiohttp
from pydantic_core import from_json

from shared.contract import ids
from shared.contract.people import Actor
from tests.acceptance.access_object import ACCOUNT, SECRET, Object, hear_file
from tests.acceptance.access_table import ASKERS
from tests.support.live_client import HEADERS
from tests.support.stack import SERVICE_TOKEN, Signer, Stack
from tests.support.waiting import eventually

AT_ONCE = 12
"""Conversations that are opened together."""


@dataclass
class Town:
    """A running stack with one operator for each column, and a way to open conversations."""

    stack: Stack
    askers: dict[str, Signer]
    sessions: dict[str, aiohttp.ClientSession]
    group: asyncio.TaskGroup
    running: list[asyncio.Task[None]] = field(default_factory=list)
    vacant: list[Object] = field(default_factory=list)

    async def open(self) -> Object:
        """A fresh conversation of `webchat.main`."""
        if not self.vacant:
            self.vacant = await self._opened(AT_ONCE)
        return self.vacant.pop()

    async def _opened(self, count: int) -> list[Object]:
        visitors = [self.stack.visitor() for _ in range(count)]
        self.running += [self.group.create_task(visitor.run()) for visitor in visitors]
        await asyncio.gather(*(visitor.say(SECRET) for visitor in visitors))
        wanted = {str(ids.dialog_id("webchat", ACCOUNT, one.visitor)): one.visitor for one in visitors}

        async def appeared() -> list[Object]:
            there = [one for one in await self._listed() if one["dialog_id"] in wanted]
            assert len(there) == count
            return [
                Object(one["conversation_id"], one["dialog_id"], wanted[one["dialog_id"]]) for one in there
            ]

        return await eventually(appeared)

    async def open_with_file(self) -> Object:
        """A fresh conversation, with a message that has a file of the same words."""
        one = await self.open()
        data = json.dumps({"said": SECRET}).encode()
        one.message_id, one.attachment_id = await hear_file(self.stack, one.visitor, data)

        async def stored() -> bool:
            path = f"/v1/attachments/{one.attachment_id}"
            return (await self.ask_store("administrator", "GET", path))[0] == 200

        await eventually(stored)
        return one

    async def _listed(self) -> list[dict[str, Any]]:
        status, _, body = await self.ask("administrator", "GET", "/api/conversations?folder=all&limit=100")
        assert status == 200
        return cast(list[dict[str, Any]], body["items"])

    async def ask(
        self, asker: str, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, str, Any]:
        """The desk's status, text and JSON."""
        sent = HEADERS | {"Origin": self.stack.desk_url} if headers is None else headers
        url = self.stack.desk_url + path
        async with self.sessions[asker].request(method, url, json=body, headers=sent) as response:
            text = await response.text()
            body = from_json(text) if text and not text.startswith("<") else None
            return response.status, text, body

    async def ask_store(self, asker: str, method: str, path: str) -> tuple[int, str]:
        headers = {"X-Operator": str(self.askers[asker].operator_id)} if asker in self.askers else {}
        if asker != "nobody":
            headers["Authorization"] = f"Bearer {SERVICE_TOKEN}"
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, self.stack.store_url + path, headers=headers) as response,
        ):
            return response.status, await response.text()

    def actor(self, asker: str) -> Actor:
        known = self.askers.get(asker)
        return Actor(kind="operator", id=str(known.operator_id if known else uuid4()), name=asker)


@asynccontextmanager
async def town(amqp_url: str, database_url: Callable[[str], str]) -> AsyncIterator[Town]:
    async with Stack(amqp_url, database_url, warm=True) as stack, AsyncExitStack() as opened:
        await stack.say("router", "groups", "add", "sales", "--name", "Sales")
        await stack.say("router", "routing", "set", "webchat.main", "--groups", "sales")
        made = await asyncio.gather(
            stack.add_operator("elsewhere", accounts=["webchat.other"], groups=["sales"]),
            stack.add_operator("outside"),
            stack.add_operator("operator", accounts=["webchat.main"], groups=["sales"]),
            stack.add_operator("root", role="administrator", groups=["sales"]),
        )
        askers = dict(zip(ASKERS[1:], made, strict=True))
        sessions = {}
        for asker in ASKERS:
            jar = aiohttp.CookieJar(unsafe=True)
            sessions[asker] = await opened.enter_async_context(aiohttp.ClientSession(cookie_jar=jar))
        group = await opened.enter_async_context(asyncio.TaskGroup())
        this = Town(stack, askers, sessions, group)
        try:
            for asker in askers:
                await sign_in(this, asker)
            yield this
        finally:
            for task in this.running:
                task.cancel()


async def sign_in(this: Town, asker: str) -> None:
    signer = this.askers[asker]
    body = {"login": signer.login, "password": signer.password}
    assert (await this.ask(asker, "POST", "/api/session", body))[0] == 200
