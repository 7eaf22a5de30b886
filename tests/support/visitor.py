"""A visitor of a site, as the widget is one: says hello, sends with ids of its own, repeats what is not
acknowledged in order after each reconnection, keeps its place in the mailbox. Light enough for ten thousand.

    visitor = Visitor("ws://127.0.0.1:8082/ws", site="demo-key", origin="http://shop.example")
    async with asyncio.TaskGroup() as group:
        running = group.create_task(visitor.run())      # connects, and again and again
        entry = await visitor.say("Hello")              # returns when acknowledged, however long that takes
        running.cancel()
"""

import asyncio
import json
import random
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.support.websocket import Closed, Refused, WebSocket, connect

PING_SECONDS = 25.0
ANSWER_SECONDS = 10.0


@dataclass(slots=True)
class Unsent:
    """A message that is not acknowledged; repeated under the same id."""

    cid: str
    text: str
    future: "asyncio.Future[dict[str, Any]] | None"
    traceparent: str | None = None


class Visitor:
    """`urls`: one address, or several replicas that are tried in turn."""

    __slots__ = (
        "_again", "_beyond", "_next", "_socket", "_unsent", "_urls", "acked", "byes", "connections",
        "errors", "language", "last_seq", "origin", "page", "received", "resumed_at", "site", "token",
        "user", "visitor", "welcomed",
    )  # fmt: skip

    def __init__(
        self,
        urls: str | Sequence[str],
        *,
        site: str,
        origin: str,
        language: str = "en",
        page: dict[str, Any] | None = None,
    ) -> None:
        self._urls = [urls] if isinstance(urls, str) else list(urls)
        self._next = random.randrange(len(self._urls))
        self.site = site
        self.origin = origin
        self.language = language
        self.page = page
        self.token: str | None = None
        self.user: dict[str, Any] | None = None
        """Who the host page says that this is."""
        self.visitor = ""
        self.last_seq: int | None = None
        self.received: list[dict[str, Any]] = []
        """Entries of the mailbox in the order of their numbers, each once."""
        self.acked: list[dict[str, Any]] = []
        self.errors: list[dict[str, Any]] = []
        self.byes = 0
        self.connections = 0
        self.resumed_at = 0.0
        self.welcomed = asyncio.Event()
        self._socket: WebSocket | None = None
        self._unsent: deque[Unsent] = deque()
        self._beyond: dict[int, dict[str, Any]] = {}
        self._again: asyncio.TimerHandle | None = None

    @property
    def unsent(self) -> int:
        """Messages that are not acknowledged."""
        return len(self._unsent)

    async def say(self, text: str, *, traceparent: str | None = None) -> dict[str, Any]:
        """Sends, now or when the connection is back; returns the acknowledgement."""
        return await self.post(text, traceparent=traceparent)

    def post(
        self, text: str, *, cid: str | None = None, traceparent: str | None = None
    ) -> "asyncio.Future[dict[str, Any]]":
        """The same without waiting: the future ends with the acknowledgement, or a refusal for good."""
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        unsent = Unsent(cid or str(uuid4()), text, future, traceparent)
        self._unsent.append(unsent)
        if self.welcomed.is_set() and self._again is None:
            self._write(unsent)
        return future

    async def run(self) -> None:
        """Connects again and again, until cancelled."""
        failures = 0
        while True:
            pause = min(5.0, 0.2 * 2**failures) * random.uniform(0.5, 1.0)
            try:
                await self.connect()
                failures = 0
                pause = await self.listen()
            except (OSError, Closed, Refused, TimeoutError):
                failures = min(failures + 1, 6)
            finally:
                self.cut()
            await asyncio.sleep(pause)

    async def connect(self) -> dict[str, Any]:
        """One connection up to its welcome, in place of a former one; what was not acknowledged is repeated,
        in order."""
        url = self._urls[self._next % len(self._urls)]
        self._next += 1
        async with asyncio.timeout(ANSWER_SECONDS):
            socket = await connect(f"{url}?site={self.site}", origin=self.origin, language=self.language)
            former, self._socket = self._socket, socket
            if former is not None:
                former.cut()
            hello: dict[str, Any] = {
                "t": "hello",
                "site": self.site,
                "last_seq": self.last_seq,
                "lang": self.language,
            }
            if self.token:
                hello["token"] = self.token
            if self.page:
                hello["page"] = self.page
            if self.user:
                hello["user"] = self.user
            socket.send(json.dumps(hello))
            welcome = json.loads(await socket.receive())
        if welcome["t"] != "welcome":
            self.errors.append(welcome)
            raise Closed(1006, welcome.get("code", ""))
        self._welcome(welcome)
        return dict(welcome)

    async def listen(self) -> float:
        """Takes frames until the socket ends; returns for how many seconds to stay away."""
        pause = random.uniform(0.05, 0.2)
        socket = self._socket
        assert socket is not None
        while True:
            try:
                raw = await self._receive(socket)
            except Closed:
                return pause
            frame = json.loads(raw)
            if frame["t"] == "bye":
                self.byes += 1
                pause = frame["retry_after"]
            else:
                self._take(frame)

    async def _receive(self, socket: WebSocket) -> str:
        while True:
            try:
                async with asyncio.timeout(PING_SECONDS):
                    return await socket.receive()
            except TimeoutError:
                socket.send('{"t":"ping"}')

    async def hear(self) -> dict[str, Any]:
        """The next frame, where nobody listens; those of delivery are passed by: they come when they come."""
        while True:
            frame: dict[str, Any] = json.loads(await self.socket.receive())
            if frame["t"] != "got":
                return frame

    def cut(self) -> None:
        """Loses the connection without a word."""
        self.welcomed.clear()
        if self._again is not None:
            self._again.cancel()
            self._again = None
        socket, self._socket = self._socket, None
        if socket is not None:
            socket.cut()

    def send_raw(self, text: str) -> None:
        """Any frame, wrong ones too."""
        assert self._socket is not None
        self._socket.send(text)

    @property
    def socket(self) -> WebSocket:
        assert self._socket is not None
        return self._socket

    def _welcome(self, welcome: dict[str, Any]) -> None:
        self.token, self.visitor = welcome["token"], welcome["visitor"]
        self.connections += 1
        self.resumed_at = time.monotonic()
        history = welcome["history"]
        if self.last_seq is None:
            self.last_seq = history[0]["seq"] - 1 if history else welcome["seq"]
        for entry in history:
            self._take({"t": "msg", **entry})
        self.welcomed.set()
        self._repeat()

    def _repeat(self) -> None:
        """Writes everything that is not acknowledged, oldest first."""
        self._again = None
        if self.welcomed.is_set():
            for unsent in self._unsent:
                self._write(unsent)

    def _write(self, unsent: Unsent) -> None:
        frame: dict[str, str] = {"t": "msg", "cid": unsent.cid, "text": unsent.text}
        if unsent.traceparent:
            frame["traceparent"] = unsent.traceparent
        if self._socket is not None and self._socket.closed is None:
            self._socket.send(json.dumps(frame))

    def _take(self, frame: dict[str, Any]) -> None:
        match frame["t"]:
            case "msg" | "edit" | "delete" | "seen" | "closed":
                self._keep(frame)
            case "ack":
                self._acknowledged(frame)
            case "err":
                self._refused(frame)

    def _acknowledged(self, frame: dict[str, Any]) -> None:
        for unsent in self._unsent:
            if unsent.cid == frame["cid"]:
                self._unsent.remove(unsent)
                self.acked.append(frame)
                if unsent.future is not None and not unsent.future.done():
                    unsent.future.set_result(frame)
                self._keep(
                    {
                        "seq": frame["seq"],
                        "id": frame["id"],
                        "from": "client",
                        "text": unsent.text,
                        "cid": unsent.cid,
                    }
                )
                return

    def _refused(self, frame: dict[str, Any]) -> None:
        self.errors.append(frame)
        if "retry_after" in frame:
            if self._again is None:
                self._again = asyncio.get_running_loop().call_later(frame["retry_after"], self._repeat)
            return
        for unsent in list(self._unsent):
            if unsent.cid == frame.get("cid"):
                self._unsent.remove(unsent)
                if unsent.future is not None and not unsent.future.done():
                    unsent.future.set_result(frame)

    def _keep(self, entry: dict[str, Any]) -> None:
        """Each entry once, in order; what is ahead of a gap waits."""
        assert self.last_seq is not None
        if entry["seq"] <= self.last_seq:
            return
        self._beyond[entry["seq"]] = entry
        while (following := self._beyond.pop(self.last_seq + 1, None)) is not None:
            self.received.append(following)
            self.last_seq += 1
