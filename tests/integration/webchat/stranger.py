"""Somebody whose browser is not ours: opens a chat as a widget does, then writes whatever bytes it likes."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.integration.webchat.recipes import as_bytes
from tests.support.waiting import eventually
from tests.support.webchat import ORIGIN, SITE_KEY, Replica
from tests.support.websocket import TEXT, Closed, WebSocket, connect

ANSWER_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over HTTP."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def said(self) -> Any:
        return json.loads(self.body) if "json" in self.headers.get("content-type", "") else {}


async def ask(port: int, raw: bytes) -> Answer:
    """Writes these bytes to the public port and reads one answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            writer.write(raw)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.rstrip().split("\r\n")
            pairs = (line.partition(":") for line in lines)
            headers = {name.lower(): value.strip() for name, _, value in pairs}
            length = 0 if raw.startswith(b"HEAD") else int(headers.get("content-length", 0))
            return Answer(int(first.split(" ", 2)[1]), headers, await reader.readexactly(length))
    finally:
        writer.transport.abort()
        with suppress(OSError):
            await writer.wait_closed()


async def leave(port: int, raw: bytes) -> None:
    """Writes these bytes and goes, in the middle of whatever they were."""
    _reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(raw)
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


def request(method: str, path: str, headers: Mapping[str, str | None], body: str | bytes) -> bytes:
    """A request as bytes; a header of None is left out."""
    data = as_bytes(body)
    usual = {"Host": "chat.example", "Origin": ORIGIN, "Content-Length": str(len(data))}
    if "Transfer-Encoding" in headers or method in ("GET", "HEAD"):
        del usual["Content-Length"]
    lines = [f"{name}: {value}" for name, value in (usual | dict(headers)).items() if value is not None]
    return as_bytes("\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""])) + data


class Stranger:
    """A visitor of the demo site over bare wires."""

    def __init__(self, replica: Replica) -> None:
        self.replica = replica
        self.token = ""
        self.visitor = ""
        self.wire: WebSocket | None = None

    async def greet(self, **hello: Any) -> dict[str, Any]:
        """Lets itself in as everybody does; later with its token."""
        self.cut()
        self.wire = await connect(f"{self.replica.url}?site={SITE_KEY}", origin=ORIGIN)
        known = {"token": self.token} if self.token else {}
        self.write(json.dumps({"t": "hello", "site": SITE_KEY, "lang": "en"} | known | hello))
        welcome = await self.hear()
        assert welcome["t"] == "welcome", welcome
        self.token, self.visitor = welcome["token"], welcome["visitor"]
        return welcome

    async def hear(self) -> dict[str, Any]:
        """The next frame; raises `Closed`."""
        assert self.wire is not None
        async with asyncio.timeout(ANSWER_SECONDS):
            return dict(json.loads(await self.wire.receive()))

    async def come_and_go(self) -> None:
        await self.greet()
        self.cut()

    def write_all(self, step: Any) -> None:
        """A step as often as it says, `$n` being the number; raises `Closed`."""
        if not isinstance(step, dict):
            self.write(step)
            return
        times = step.get("times", 1)
        step = {name: one for name, one in step.items() if name != "times"}
        words = json.dumps(step.get("raw", step), ensure_ascii=False) if times > 1 else ""
        for number in range(times):
            one = json.loads(words.replace("$n", str(number))) if "$n" in words else step
            self.write(one.get("raw", one) if isinstance(one, dict) else one)
        for frame in step.get("frames", ()):
            self.write(frame)

    def write(self, step: Any) -> None:
        """A text frame, a frame as JSON, any opcode, or bytes as they are; or reading no more, and again."""
        wire = self.wire
        assert wire is not None
        assert wire.transport is not None
        match step:
            case {"bytes": body}:
                wire.transport.write(as_bytes(body))
            case {"op": int(opcode)}:
                wire.write(opcode, as_bytes(step.get("body", "")), final=step.get("final", True))
            case {"deaf": _}:
                wire.transport.pause_reading()
            case {"hear": _}:
                wire.transport.resume_reading()
            case {"frames": _}:
                pass
            case dict():
                wire.send(json.dumps(step))
            case _:
                wire.write(TEXT, as_bytes(step))

    async def answers(self, wanted: Any) -> list[str]:
        """What was answered so far: codes of refusals and kinds of frames, before the pong to a last ping.

        Frames of delivery come when they come, and are no answer.
        """
        heard: list[str] = []
        pongs = 1 + (wanted.count("pong") if isinstance(wanted, list) else 0)
        self.write('{"t":"ping"}')
        while pongs:
            frame = await self.hear()
            if frame["t"] != "got":
                heard.append(frame["code"] if frame["t"] == "err" else frame["t"])
            pongs -= frame["t"] == "pong"
        return heard[:-1]

    async def closing(self) -> tuple[int, str]:
        """With which code the other side closes, and the last refusal before."""
        code = ""
        try:
            while True:
                code = (await self.hear()).get("code", code)
        except Closed as closed:
            return closed.code, code

    async def say(self, text: str, **more: Any) -> None:
        """The next message: over the same connection while it is open, repeated as a widget does."""
        cid = uuid4().hex

        async def accepted() -> bool:
            if self.wire is None or self.wire.closed is not None:
                await self.greet()
            try:
                self.write({"t": "msg", "cid": cid, "text": text} | more)
                while (answer := await self.hear()).get("cid") != cid:
                    pass
            except Closed:
                return False
            if answer["t"] == "err":
                assert "retry_after" in answer, answer
                self.cut()
            return bool(answer["t"] == "ack")

        await eventually(accepted, every_seconds=0.1)

    def cut(self) -> None:
        wire, self.wire = self.wire, None
        if wire is not None:
            wire.cut()
