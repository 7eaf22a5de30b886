"""A channel of `make new-channel KIND=polling` as processes, its invented provider, and the router's end."""

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path
from typing import Any
from uuid import UUID

from shared.bus.outgoing import Outgoing
from shared.clock import uuid7
from shared.contract.content import Content, text_content
from shared.contract.envelope import wrap
from shared.contract.ids import dialog_id
from shared.contract.outbound import SendMessage
from shared.contract.people import DialogRef
from shared.files.blobs import Blobs
from shared.topology import OUTBOUND, outbound_key
from tests.support.new_channel.copy import POLLED as NAME
from tests.support.provider import Provider, Reply, Request, Route
from tests.support.provider_news import News
from tests.support.waiting import eventually
from tests.support.warm import WarmProcess, run_warm
from tests.support.webchat import Router

SECRET = "a secret of the test's own"
UPDATES, SEND, UPLOAD, FILE, PROBE = (
    "/v1/updates",
    "/v1/messages",
    "/v1/files",
    "/v1/files/{id}",
    "/v1/probe",
)

AT = int(time.time())
"""What was written longer ago than the deduplication keys live would open nothing."""


class Invented:
    """The provider: it tells, takes messages, keeps files. `during` is awaited while it takes a message."""

    def __init__(self) -> None:
        self.news = News()
        self.files: dict[str, Reply] = {}
        self.uploads: list[tuple[str, bytes]] = []
        self.sent: dict[str, dict[str, Any]] = {}
        self.during: Callable[[str], Any] | None = None
        self.provider = Provider(
            [
                Route("POST", UPDATES, self.news.answer),
                Route("POST", SEND, self._take),
                Route("POST", UPLOAD, self._keep),
                Route("GET", FILE, lambda request: self.files[request.names["id"]]),
                Route("POST", PROBE, lambda _request: {}),
            ]
        )

    @property
    def texts(self) -> list[str]:
        """What clients were shown: a repeat of a key is dropped."""
        return [message["text"] for message in self.sent.values()]

    async def _take(self, request: Request) -> dict[str, str]:
        message = request.json()
        self.sent.setdefault(message["key"], message)
        name = f"p{list(self.sent).index(message['key']) + 1}"
        if self.during is not None:
            await self.during(name)
        return {"id": name}

    def _keep(self, request: Request) -> dict[str, str]:
        head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
        form = BytesParser(policy=HTTP).parsebytes(head + request.body)
        (part,) = form.iter_parts()
        self.uploads.append((str(part.get_filename()), part.get_content()))
        return {"id": f"up{len(self.uploads)}"}


def said(external_id: str, text: str, chat: str = "c7", **more: Any) -> dict[str, Any]:
    """A client's words, as the provider tells them."""
    sender = {"id": chat.replace("c", "u"), "name": "Anna"}
    known = {"id": external_id, "chat": chat, "from": sender, "at": AT, "number": 1}
    return known | {"type": "text", "text": text} | more


def receipt(of: str, chat: str = "c7") -> dict[str, Any]:
    return {"type": "receipt", "chat": chat, "of": of, "state": "delivered", "at": AT}


@dataclass
class Replica:
    """One process, and what it logged."""

    process: WarmProcess
    log: Path

    def logged(self, event: str) -> list[dict[str, Any]]:
        whole = self.log.read_text().rpartition("\n")[0].splitlines()
        lines = [json.loads(line) for line in whole if line.startswith("{")]
        return [line for line in lines if line["event"] == event]

    async def ended(self, seconds: float = 20) -> int:
        """Its exit code; raises `TimeoutExpired` when it goes on."""
        return await asyncio.to_thread(self.process.wait, seconds)

    async def kill(self) -> None:
        self.process.kill()
        assert await self.ended() == -signal.SIGKILL


@dataclass
class Ground:
    """The provider, and where processes of the channel may be started."""

    project: Path
    folder: Path
    invented: Invented
    environment: dict[str, str]
    _started: int = field(default=0, init=False)

    @property
    def provider(self) -> Provider:
        return self.invented.provider

    @property
    def blobs(self) -> Blobs:
        return Blobs.open(self.environment["SWITCHBOARD_BLOBS_URL"])

    async def migrate(self) -> None:
        code, said = await run_warm(["gateways", "migrate", NAME], self.environment, self.project)
        assert code == 0, said

    @asynccontextmanager
    async def replica(self, *, listens: bool = True, **more: str) -> AsyncIterator[Replica]:
        """A process that has begun to listen; killed at the end if nobody ended it before."""
        self._started += 1
        log = self.folder / f"{self._started}.log"
        log.touch()
        process = WarmProcess(["gateways", NAME], self.environment | more, log, self.project)
        replica = Replica(process, log)
        try:
            awaited = "listening" if listens else "lease_awaited"
            await eventually(lambda: replica.logged(awaited) or process.returncode is not None, seconds=30)
            yield replica
        finally:
            process.kill()
            process.wait(10)


@dataclass
class Scene(Ground):
    """And the router's end of the wires."""

    router: Router = field(kw_only=True)

    async def send(self, content: str | Content, chat: str = "c7") -> UUID:
        """A message of ours, as the router gives it."""
        identity, now = uuid7(), datetime.now(UTC)
        ref = DialogRef(dialog_id=dialog_id(NAME, "main", chat), channel=NAME, account="main", chat=chat)
        act = SendMessage(
            dialog=ref, not_after=now + timedelta(hours=1), message_id=identity, created_at=now,
            content=text_content(content) if isinstance(content, str) else content,
        )  # fmt: skip
        envelope = wrap(act, id=identity, source="router", time=now, subject=str(ref.dialog_id))
        key = outbound_key(NAME, "main")
        await self.router.publisher.publish(
            Outgoing(OUTBOUND, key, envelope.encode(), str(identity), act.TYPE)
        )
        return identity

    def states(self) -> list[str]:
        """The account's health as it was told."""
        return [fact["data"]["state"] for fact in self.router.of_type("inbound.health.v1")]


@asynccontextmanager
async def ground(project: Path, amqp_url: str, database_url: str, folder: Path) -> AsyncIterator[Ground]:
    invented = Invented()
    async with invented.provider as provider:
        (folder / "main.secret").write_text(SECRET)
        account = {"slug": "main", "name": "Acme", "api": f"{provider.url}/v1", "secret_file": "main.secret"}
        lines = [f"[[{NAME}]]", *(f"{name} = {json.dumps(value)}" for name, value in account.items())]
        (folder / "accounts.toml").write_text("\n".join(lines))
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SWITCHBOARD_")}
        environment = kept | {
            "SWITCHBOARD_AMQP_URL": amqp_url,
            "SWITCHBOARD_DATABASE_URL": database_url,
            "SWITCHBOARD_ACCOUNTS_FILE": str(folder / "accounts.toml"),
            "SWITCHBOARD_BLOBS_URL": f"file://{folder / 'blobs'}",
            "SWITCHBOARD_PERMITTED": provider.end_point,
            "SWITCHBOARD_LEASE_SECONDS": "1",
            "SWITCHBOARD_FILE_BYTES": "1000000",
        }
        made = Ground(project, folder, invented, environment)
        await made.migrate()
        yield made
        assert not provider.lost


@asynccontextmanager
async def scene(project: Path, amqp_url: str, database_url: str, folder: Path) -> AsyncIterator[Scene]:
    async with ground(project, amqp_url, database_url, folder) as made, Router(amqp_url) as router:
        yield Scene(made.project, made.folder, made.invented, made.environment, router=router)
