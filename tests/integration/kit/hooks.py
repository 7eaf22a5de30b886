"""Served webhooks of an invented channel, and what a provider sees of them."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from pydantic import SecretStr

from gateways.kit.spool import SpoolRow
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
    safe: asyncio.Event = field(default_factory=asyncio.Event)

    async def accept(self, rows: Sequence[SpoolRow]) -> None:
        await self.safe.wait()
        if self.failure is not None:
            raise self.failure
        self.accepted += rows

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


HOOKS = {
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
    webhooks = Webhooks(CHANNEL, HOOKS, accept or provider.accept, FixedClock(NOW), body_seconds=1.5)
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
