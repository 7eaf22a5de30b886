"""Served webhooks of an invented channel, and what a provider sees of them."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from pydantic import SecretStr

from gateways.kit.acceptance import Also
from gateways.kit.aliases import Alias
from gateways.kit.beside import Errand
from gateways.kit.spool import SpoolRow
from gateways.kit.typing import ClientTyping
from gateways.kit.verification import Call, EqualQuery, HmacHeader, SecretInBody, UnguessablePath
from gateways.kit.webhook import Challenge, Hook, Parsed, Reply, Webhooks
from shared.clock import FixedClock
from shared.contract.envelope import Catalogue
from shared.contract.inbound import FACTS, MessageHeard
from shared.http.server import HttpServer
from shared.metrics import REGISTRY
from tests.integration.kit.heard import CHANNEL, NOW, said

SECRET = SecretStr("correct-horse")
PROOF = HmacHeader("X-Signature", SECRET, prefix="sha256=")
LIMIT = 200_000


_CATALOGUE = Catalogue(*FACTS)


@dataclass
class Provider:
    """What was accepted, and whether accepting works."""

    url: str = ""
    accepted: list[SpoolRow] = field(default_factory=list)
    failure: Exception | None = None
    beside: list[tuple[str, Any, Any]] = field(default_factory=list)
    learning: int = 0
    safe: asyncio.Event = field(default_factory=asyncio.Event)

    async def accept(self, rows: Sequence[SpoolRow], also: Also | None = None) -> None:
        await self.safe.wait()
        if self.failure is not None:
            raise self.failure
        self.accepted += rows
        self.learning += also is not None

    async def known(self, account: str, chats: Collection[str]) -> dict[str, str]:
        """In the account `moved` every chat was called `c` before."""
        if self.failure is not None:
            raise self.failure
        return dict.fromkeys(chats, "c") if account == "moved" else {}

    def hear(self, account: str, typing: Sequence[ClientTyping], errands: Sequence[Errand]) -> None:
        if typing or errands:
            self.beside.append((account, typing, errands))

    def content(self) -> Any:
        return heard_in(self.accepted[-1]).content.parts[0]


def heard_in(row: SpoolRow) -> MessageHeard:
    fact = _CATALOGUE.decode(row.body).data
    assert isinstance(fact, MessageHeard)
    return fact


def parse(payload: Any, _call: Call) -> Parsed:
    if payload.get("type") == "confirmation":
        return Parsed(reply=Reply("fb1a3c"))
    return Parsed(tuple(said(one["chat"], str(one["id"]), one["text"]) for one in payload["messages"]))


def hook(account: str, **parts: Any) -> Hook:
    return Hook(CHANNEL, account, **{"verify": (PROOF,), "parse": parse, "body_bytes": LIMIT, **parts})


def moved(payload: Any, call: Call) -> Parsed:
    chat = call.aliases.get(payload["chat"], payload["chat"])
    row = said(chat, "1", "hello", account="moved")
    return Parsed(
        (row,),
        aliases=(Alias("next", chat),),
        typing=(ClientTyping(row.dialog_id),),
        errands=({"answer": 1},),
    )


HOOKS = {
    "moved": hook("moved", parse=moved, chats=lambda payload: [payload["chat"]]),
    "main": hook(
        "main",
        challenge=Challenge(EqualQuery("token", SECRET), lambda call: Reply(call.query["challenge"])),
    ),
    "body": hook("body", verify=(SecretInBody("secret", SECRET),)),
    "path": hook("path", verify=(UnguessablePath(SECRET),), unread=Reply("kept", 202)),
    "both": hook("both", verify=(UnguessablePath(SECRET), PROOF)),
    "form": hook("form", reads="form", parse=lambda form, _: Parsed((said("c", form["id"], form["text"]),))),
    "raw": hook("raw", reads="bytes", parse=lambda raw, _: Parsed((said("c", "1", raw.decode()),))),
}


@asynccontextmanager
async def serving(provider: Provider, accept: Any = None) -> AsyncIterator[aiohttp.ClientSession]:
    webhooks = Webhooks(
        CHANNEL, HOOKS, accept or provider.accept, FixedClock(NOW), known=provider.known,
        beside=provider.hear, body_seconds=1.5,
    )  # fmt: skip
    app = web.Application()
    app.add_subapp("/hook", webhooks.application())
    provider.safe.set()
    async with HttpServer(app, "127.0.0.1", 0) as server, aiohttp.ClientSession(server.url) as session:
        provider.url = server.url
        yield session


def signature(body: bytes) -> dict[str, str]:
    return {"X-Signature": "sha256=" + hmac.new(b"correct-horse", body, hashlib.sha256).hexdigest()}


def rejected(reason: str, account: str = "main") -> float:
    labels = {"channel_type": CHANNEL, "account": account, "reason": reason}
    return REGISTRY.get_sample_value("switchboard_webhook_rejected_total", labels) or 0.0


GOOD = json.dumps(
    {"messages": [{"chat": "c", "id": 1, "text": "hello"}, {"chat": "c", "id": 2, "text": "you"}]}
)
GOOD_BYTES = GOOD.encode()
