"""An integrator's system: the server behind a webhook that believes signatures alone, and what it tells us.

async with Integrator() as integrator:
    write_accounts(folder, integrator)
    async with gateway(folder, amqp_url, database_url, integrator) as gate: …
    await gate.tell({"type": "message", …})
"""

import asyncio
import io
import json
import os
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiohttp
from pydantic import SecretStr

from gateways.http.signature import Proof, claim, signed
from shared.bus.outgoing import Outgoing
from shared.clock import uuid7
from shared.contract.content import Content, text_content
from shared.contract.envelope import wrap
from shared.contract.ids import dialog_id
from shared.contract.outbound import Act, SendMessage
from shared.contract.people import DialogRef
from shared.topology import OUTBOUND, outbound_key
from tests.support.provider import Provider, Reply, Request, Route
from tests.support.waiting import eventually
from tests.support.warm import WarmProcess
from tests.support.webchat import Router

SECRET = "a secret of the test's own"
NEXT_SECRET = "the secret that follows it"
HOOK = "/switchboard"
SENT_AT = datetime.now(UTC).isoformat()


class Integrator(Provider):
    """`notices` are those that were proven and new, in order of arrival; `secret` is what it believes."""

    def __init__(self) -> None:
        super().__init__(
            [
                Route("POST", HOOK, self._take),
                Route("GET", "/bill.pdf", lambda _request: Reply(b"%PDF-1.7 bill")),
            ]
        )
        self.secret = SECRET
        self.notices: list[dict[str, Any]] = []
        self.refused = 0
        self.broken = False
        """Whether it answers 502 to whatever it is asked."""

    def _take(self, request: Request) -> Any:
        claimed = claim(request.headers)
        proof = Proof((SecretStr(self.secret),), claimed.stamp if claimed else "0")
        proof.update(request.body)
        if claimed is None or not proof.holds(claimed):
            self.refused += 1
            return Reply({}, 401)
        if self.broken:
            return Reply("<html>", 502)
        notice = request.json()
        if notice["type"] != "ping" and notice["id"] not in [one["id"] for one in self.notices]:
            assert request.headers["Idempotency-Key"] == notice["id"]
            self.notices.append(notice)
        return {"external_ids": [f"x-{notice['id']}"]}

    def told(self, kind: str = "message") -> list[dict[str, Any]]:
        return [one for one in self.notices if one["type"] == kind]

    @property
    def texts(self) -> list[str]:
        return [one["parts"][0]["text"] for one in self.told()]

    def tried(self, kind: str = "message") -> list[Request]:
        """Every request of a kind, repeats too."""
        return [one for one in self.seen(HOOK) if one.json()["type"] == kind]


def message(external_id: str, text: str, chat: str = "c7", **more: Any) -> dict[str, Any]:
    """A fact as an integrator says it."""
    return {
        "type": "message", "chat": chat, "id": external_id, "sent_at": SENT_AT,
        "sender": {"id": "u1", "name": "Anna"}, "parts": [{"kind": "text", "text": text}], **more,
    }  # fmt: skip


def write_accounts(folder: Path, webhook: str, **declared: Any) -> Path:
    (folder / "main.secret").write_text(SECRET)
    (folder / "next.secret").write_text(NEXT_SECRET)
    entry = {
        "slug": "main", "name": "Old CRM", "webhook": webhook, "secret_file": "main.secret",
        "second_secret_file": "next.secret",
    }  # fmt: skip
    lines = ["[[http]]", *(f"{name} = {json.dumps(value)}" for name, value in entry.items())]
    lines += ["[http.capabilities]", *(f"{name} = {json.dumps(value)}" for name, value in declared.items())]
    path = folder / "accounts.toml"
    path.write_text("\n".join(lines))
    return path


@dataclass
class Gate:
    """The gateway as its integrator sees it, and the router's end of its wires."""

    environment: Mapping[str, str]
    log: Path
    router: Router
    session: aiohttp.ClientSession
    process: WarmProcess | None = None
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def lines(self) -> list[dict[str, Any]]:
        whole = self.log.read_text().rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines() if line.startswith("{")]

    def logged(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == event]

    async def start(self) -> None:
        """Begins a life of it, and returns when it listens and its account was declared."""
        begun = len(self.lines) if self.log.exists() else 0
        self.log.touch()
        self.process = WarmProcess(["gateways", "http"], self.environment, self.log)
        process = self.process

        def settled() -> bool:
            events = {line["event"]: line for line in self.lines[begun:]}
            if {"webhooks_listening", "account_declared"} <= events.keys():
                self.port = events["webhooks_listening"]["port"]
            return bool(self.port) or process.poll() is not None

        self.port = 0
        await eventually(settled, seconds=30)
        assert process.poll() is None, self.log.read_text()[-2000:]

    def end(self) -> None:
        """At once, whatever it does."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)

    async def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        secret: str = SECRET,
        age: float = 0,
        **headers: str,
    ) -> tuple[int, Any]:
        """Signed; the status, and the JSON of the answer. `age`: seconds since it was signed."""
        stamp = datetime.fromtimestamp(time.time() - age, UTC)
        proof = signed((SecretStr(secret),), body or f"{method} {path}".encode(), stamp)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        asked = {"Content-Type": "application/json", **proof, **named}
        async with self.session.request(
            method, self.url + path, data=io.BytesIO(body) if body else None, headers=asked
        ) as answer:
            return answer.status, json.loads(await answer.read() or b"null")

    async def tell(self, *facts: dict[str, Any], **more: Any) -> tuple[int, Any]:
        return await self.ask("POST", "/http/main/facts", json.dumps({"facts": facts}).encode(), **more)

    async def tell_form(self, fact: dict[str, Any], files: Mapping[str, bytes]) -> tuple[int, Any]:
        """With the files in fields of their own."""
        boundary = uuid4().hex
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{{}}"{{}}\r\n\r\n'
        body = head.format("facts", "").encode() + json.dumps(fact).encode() + b"\r\n"
        for name, content in files.items():
            body += head.format(name, f'; filename="{name}.png"').encode() + content + b"\r\n"
        body += f"--{boundary}--\r\n".encode()
        kind = f"multipart/form-data; boundary={boundary}"
        return await self.ask("POST", "/http/main/facts", body, Content_Type=kind)

    async def send(self, content: str | Content, chat: str = "c7", seconds: float = 3600) -> UUID:
        """A message of ours, as the router gives it."""
        identity, now = uuid7(), datetime.now(UTC)
        told = text_content(content) if isinstance(content, str) else content
        act = SendMessage(
            dialog=ref(chat), not_after=now + timedelta(seconds=seconds), message_id=identity, content=told,
            author_name="Olga", created_at=now,
        )  # fmt: skip
        await self.act(act, identity)
        return identity

    async def act(self, act: Act, identity: UUID | None = None) -> None:
        envelope = wrap(
            act,
            id=identity or uuid7(),
            source="router",
            time=datetime.now(UTC),
            subject=str(act.dialog.dialog_id),
        )
        key = outbound_key("http", "main")
        await self.router.publisher.publish(
            Outgoing(OUTBOUND, key, envelope.encode(), str(envelope.id), act.TYPE)
        )

    async def becomes(self, message_id: UUID, *states: str, seconds: float = 20) -> None:
        await eventually(lambda: self.router.outcomes(message_id) == list(states), seconds=seconds)


def ref(chat: str) -> DialogRef:
    return DialogRef(dialog_id=dialog_id("http", "main", chat), channel="http", account="main", chat=chat)


@asynccontextmanager
async def gateway(
    accounts: Path, amqp_url: str, database_url: str, permitted: str, **settings: str
) -> AsyncIterator[Gate]:
    """A process that runs; nothing of it is left."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SWITCHBOARD_")}
    environment = kept | {
        "SWITCHBOARD_AMQP_URL": amqp_url,
        "SWITCHBOARD_DATABASE_URL": database_url,
        "SWITCHBOARD_ACCOUNTS_FILE": str(accounts),
        "SWITCHBOARD_BLOBS_URL": f"file://{accounts.parent / 'blobs'}",
        "SWITCHBOARD_PERMITTED": permitted,
        "SWITCHBOARD_OPS_PORT": "0",
        "SWITCHBOARD_HTTP_PORT": "0",
        "SWITCHBOARD_LEASE_SECONDS": "1",
        **{f"SWITCHBOARD_{name}": value for name, value in settings.items()},
    }
    async with Router(amqp_url) as router, aiohttp.ClientSession() as session:
        gate = Gate(environment, accounts.parent / "gateway.log", router, session)
        try:
            await gate.start()
            yield gate
        finally:
            await asyncio.to_thread(gate.end)
