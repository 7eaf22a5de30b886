"""A reference client of the live connection: a snapshot, then deltas applied to it, as the page does.

    async with LiveClient(base_url, login, password) as client:
        await client.settled(seq)           # everything up to this row of the feed is in the model
        client.model.shown() == (await client.snapshot()).shown()

The model is what a page that has opened every conversation would hold: conversations by id with the lines of
their history. Each thing is kept with the row up to which it was read, and older deltas of it are ignored.
Connect to it through a cutting proxy: it comes back by itself, from where it stands.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import aiohttp

HEADERS = {"X-Switchboard-Request": "1"}
FOLDERS = ("all", "closed")


@dataclass
class Thing:
    """An entity's state as of row `seq`; None: gone, or never seen."""

    seq: int
    state: dict[str, Any] | None


@dataclass
class Model:
    """Lines are by their own id: a dialog's are shown through each of its conversations."""

    conversations: dict[str, Thing] = field(default_factory=dict)
    lines: dict[str, Thing] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        """What a screen shows of it: plain data to compare."""
        seen = {id_: one.state for id_, one in self.conversations.items() if one.state is not None}
        lines = [one.state for one in self.lines.values() if one.state is not None]
        lines.sort(key=lambda line: int(line["position"]))
        return {
            id_: {
                "state": state,
                "lines": [
                    line
                    for line in lines
                    if line["dialog_id"] == state["dialog_id"]
                    and (line["conversation_id"] is None or line["conversation_id"] in seen)
                ],
            }
            for id_, state in sorted(seen.items())
        }


class LiveClient:
    """`api` is asked for snapshots and tickets; the socket is opened at `live`, of the desk at `origin`.

    `cut_after` is asked after each frame that was applied, and whether it cut the connection: what came after
    the frame is not read any more.
    """

    def __init__(
        self,
        api: str,
        login: str,
        password: str,
        *,
        live: str | None = None,
        origin: str | None = None,
        cut_after: Callable[[dict[str, Any]], bool] | None = None,
    ) -> None:
        self.api, self.live, self.origin = api, live or api, origin or api
        self.model = Model()
        self.cursor = 0
        self.began_at = 0
        """The row up to which the first snapshot was read."""
        self.access = ""
        self.connections = 0
        self.frames = 0
        self.resyncs: list[str] = []
        self.counters: dict[str, Any] | None = None
        self.errors: list[str] = []
        self.deltas: list[dict[str, Any]] = []
        self._login, self._password = login, password
        self._cut_after = cut_after
        self._moved = asyncio.Event()
        self._session = aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True), timeout=aiohttp.ClientTimeout(total=20)
        )
        self._group = asyncio.TaskGroup()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        try:
            await self.call("POST", "/api/session", {"login": self._login, "password": self._password})
            await self._take_snapshot()
            self.began_at = self.cursor
        except BaseException:
            await self._session.close()
            raise
        self._task = self._group.create_task(self._run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._task is not None:
                self._task.cancel()
            await self._group.__aexit__(kind, error, trace)
        finally:
            await self._session.close()

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        headers = HEADERS | {"Origin": self.api}
        async with self._session.request(method, self.api + path, json=body, headers=headers) as response:
            if response.status == 404:
                raise LookupError(path)
            if response.status >= 300:
                raise RuntimeError(f"{method} {path}: {response.status} {await response.text()}")
            return await response.json() if response.status != 204 else None

    async def settled(self, seq: int, seconds: float = 30) -> None:
        """Returns when everything up to row `seq` has been applied."""
        async with asyncio.timeout(seconds):
            while self.cursor < seq:
                self._moved.clear()
                await self._moved.wait()

    async def snapshot(self) -> Model:
        """What a page that is opened now shows. Read until nothing changed meanwhile."""
        model, _ = await self._read_all()
        return model

    async def _read_all(self) -> tuple[Model, int]:
        """Everything, each with the row it was read at, and the oldest of those rows."""
        model, oldest = Model(), 2**62
        for folder in FOLDERS:
            after = ""
            while True:
                page = await self.call("GET", f"/api/conversations?folder={folder}&limit=100{after}")
                oldest = min(oldest, page["seq"])
                for state in page["items"]:
                    _keep(model.conversations, state["conversation_id"], page["seq"], state)
                if not page.get("next"):
                    break
                after = f"&after={page['next']}"
        for id_ in list(model.conversations):
            await self._read_history(model, id_)
        return model, oldest

    async def _read_history(self, model: Model, conversation_id: str) -> None:
        """All lines of one conversation's dialog; nothing when it has gone out of sight meanwhile."""
        before = ""
        while True:
            path = f"/api/conversations/{conversation_id}/history?limit=200{before}"
            try:
                page = await self.call("GET", path)
            except LookupError:
                return
            for state in page["items"]:
                _keep(model.lines, state["entry_id"], page["seq"], state)
            if not page["more"] or not page["items"]:
                return
            before = f"&before={page['items'][0]['position']}"

    async def _take_snapshot(self) -> None:
        """A new model. `access` is asked for first, so that what is read is not wider than it says."""
        self.access = (await self.call("GET", "/api/me"))["access"]
        self.model, self.cursor = await self._read_all()
        self._moved.set()

    async def _run(self) -> None:
        while True:
            try:
                await self._connect()
            except (aiohttp.ClientError, OSError, RuntimeError, TimeoutError, ValueError) as error:
                self.errors.append(repr(error)[:200])
                await asyncio.sleep(0.02)

    async def _connect(self) -> None:
        ticket = (await self.call("POST", "/api/ticket"))["ticket"]
        address = f"{self.live}/api/live?ticket={ticket}"
        async with self._session.ws_connect(address, headers={"Origin": self.origin}) as socket:
            self.connections += 1
            await socket.send_json({"t": "resume", "seq": self.cursor, "access": self.access})
            async for message in socket:
                if message.type is not aiohttp.WSMsgType.TEXT:
                    return
                frame = json.loads(message.data)
                await self._apply(frame, socket)
                if self._cut_after is not None and self._cut_after(frame):
                    return

    async def _apply(self, frame: dict[str, Any], socket: aiohttp.ClientWebSocketResponse) -> None:
        self.frames += 1
        match frame["t"]:
            case "delta":
                await self._apply_delta(frame)
                self.cursor = frame["seq"]
            case "head":
                self.cursor = max(self.cursor, frame["seq"])
            case "counters":
                self.counters = frame
            case "resync":
                self.resyncs.append(frame["reason"])
                await self._take_snapshot()
                await socket.send_json({"t": "resume", "seq": self.cursor, "access": self.access})
        self._moved.set()

    async def _apply_delta(self, frame: dict[str, Any]) -> None:
        self.deltas.append(frame)
        seq, id_, state = frame["seq"], frame["id"], frame["state"]
        if frame["entity"] == "conversation":
            known = self.model.conversations.get(id_)
            if known is not None and known.seq >= seq:
                return
            if state is None:
                self._forget_lines(id_)
            elif known is None or known.state is None:
                await self._read_history(self.model, id_)
            self.model.conversations[id_] = Thing(seq, state)
        elif frame["entity"] == "message":
            _keep(self.model.lines, id_, seq, state)

    def _forget_lines(self, conversation_id: str) -> None:
        lines = self.model.lines
        for id_, one in list(lines.items()):
            if one.state is not None and one.state["conversation_id"] == conversation_id:
                del lines[id_]


def _keep(things: dict[str, Thing], id_: str, seq: int, state: dict[str, Any] | None) -> None:
    """Takes the state unless what is known is as new."""
    known = things.get(id_)
    if known is None or known.seq < seq:
        things[id_] = Thing(seq, state)
