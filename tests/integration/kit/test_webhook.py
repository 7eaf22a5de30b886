"""Webhooks over real connections: proofs, bombs, answers after safety, and what cannot be read."""

import asyncio
import gzip
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import psutil
import pytest
from aiohttp import web
from pydantic import SecretStr

from gateways.kit.spool import SpoolRow
from gateways.kit.unreadable import CHAT, KEPT_BYTES
from gateways.kit.verification import Call, EqualQuery, HmacHeader, SecretInBody, UnguessablePath
from gateways.kit.webhook import BODY_SECONDS, Challenge, Hook, Parsed, Reply, Webhooks
from shared.clock import FixedClock
from shared.contract.envelope import Catalogue
from shared.contract.inbound import FACTS, MessageHeard
from shared.failure import Unavailable
from shared.http.server import HttpServer
from shared.metrics import REGISTRY
from tests.integration.kit.heard import CHANNEL, NOW, gateway_database, said
from tests.support.waiting import eventually

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
        return _fact(self.accepted[-1]).content.parts[0]


def _fact(row: SpoolRow) -> MessageHeard:
    fact = _CATALOGUE.decode(row.body).data
    assert isinstance(fact, MessageHeard)
    return fact


def parse(payload: Any, _call: Call) -> Parsed:
    if payload.get("type") == "confirmation":
        return Parsed(reply=Reply("fb1a3c"))
    return Parsed(tuple(said(one["chat"], str(one["id"]), one["text"]) for one in payload["messages"]))


def _hook(account: str, **parts: Any) -> Hook:
    return Hook(CHANNEL, account, **{"verify": (PROOF,), "parse": parse, "body_bytes": LIMIT, **parts})


HOOKS = {
    "main": _hook(
        "main",
        challenge=Challenge(EqualQuery("token", SECRET), lambda call: Reply(call.query["challenge"])),
    ),
    "body": _hook("body", verify=(SecretInBody("secret", SECRET),)),
    "path": _hook("path", verify=(UnguessablePath(SECRET),), unread=Reply("kept", 202)),
    "both": _hook("both", verify=(UnguessablePath(SECRET), PROOF)),
    "form": _hook("form", reads="form", parse=lambda form, _: Parsed((said("c", form["id"], form["text"]),))),
    "raw": _hook("raw", reads="bytes", parse=lambda raw, _: Parsed((said("c", "1", raw.decode()),))),
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


async def test_facts_are_safe_before_the_answer() -> None:
    provider = Provider()
    async with serving(provider) as session:
        provider.safe.clear()
        async with asyncio.TaskGroup() as group:
            asked = group.create_task(
                session.post("/hook/main", data=GOOD_BYTES, headers=signature(GOOD_BYTES))
            )
            await asyncio.sleep(0)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await asyncio.shield(asked)
            provider.safe.set()
        answer = asked.result()
        assert (answer.status, await answer.text()) == (200, "ok")
    assert [_fact(row).content.text for row in provider.accepted] == ["hello", "you"]


@pytest.mark.parametrize("failure", [Unavailable("database"), TimeoutError()])
async def test_what_is_not_safe_is_refused_so_that_it_comes_again(failure: Exception) -> None:
    provider = Provider(failure=failure)
    async with serving(provider) as session:
        async with session.post("/hook/main", data=GOOD_BYTES, headers=signature(GOOD_BYTES)) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (503, "3")
        provider.failure = None
        async with session.post("/hook/main", data=GOOD_BYTES, headers=signature(GOOD_BYTES)) as answer:
            assert answer.status == 200
    assert len(provider.accepted) == 2


async def test_accounts_prove_and_answer_in_their_own_ways() -> None:
    provider = Provider()
    in_body = json.dumps({"secret": "correct-horse", **json.loads(GOOD)}).encode()
    confirmation = json.dumps({"secret": "correct-horse", "type": "confirmation"}).encode()
    form, raw = b"id=7&text=%D0%B9", b"raw"
    async with serving(provider) as session:
        for path, body, headers, text in (
            ("body", in_body, {}, "ok"),
            ("body", confirmation, {}, "fb1a3c"),
            ("path/correct-horse", GOOD_BYTES, {}, "ok"),
            ("both/correct-horse", GOOD_BYTES, signature(GOOD_BYTES), "ok"),
            ("form", form, signature(form), "ok"),
            ("raw", raw, signature(raw), "ok"),
        ):
            async with session.post(f"/hook/{path}", data=body, headers=headers) as answer:
                assert (answer.status, await answer.text()) == (200, text), path
        async with session.get("/hook/main?token=correct-horse&challenge=42") as answer:
            assert (answer.status, await answer.text()) == (200, "42")
    assert len(provider.accepted) == 8


REFUSED: dict[str, tuple[str, bytes, dict[str, str], int, str, str]] = {
    "no signature": ("main", GOOD_BYTES, {}, 401, "signature", "main"),
    "of other bytes": ("main", GOOD_BYTES + b" ", signature(GOOD_BYTES), 401, "signature", "main"),
    "hostile and unsigned": ("main", b"[" * 100_000, {}, 401, "signature", "main"),
    "unknown account": ("other", GOOD_BYTES, signature(GOOD_BYTES), 401, "unknown_account", ""),
    "wrong path": ("path/correct-hors", GOOD_BYTES, {}, 401, "signature", "path"),
    "no path": ("path", GOOD_BYTES, {}, 401, "signature", "path"),
    "one of two proofs": ("both/x", GOOD_BYTES, signature(GOOD_BYTES), 401, "signature", "both"),
    "the other of two": ("both/correct-horse", GOOD_BYTES, {}, 401, "signature", "both"),
    "wrong secret in the body": ("body", b'{"secret": "x"}', {}, 401, "signature", "body"),
    "deep in the body": ("body", b'{"secret":' * 20_000, {}, 400, "malformed", "body"),
    "key twice in the body": ("body", b'{"secret":"x","secret":"y"}', {}, 400, "malformed", "body"),
    "too large": ("main", b"x" * (LIMIT + 1), signature(b"x" * (LIMIT + 1)), 413, "too_large", "main"),
    "compressed": (
        "main",
        gzip.compress(GOOD_BYTES),
        {"Content-Encoding": "gzip", **signature(GOOD_BYTES)},
        415,
        "compressed",
        "main",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_refused_and_counted(name: str) -> None:
    path, body, headers, status, reason, account = REFUSED[name]
    provider = Provider()
    before = rejected(reason, account)
    async with (
        serving(provider) as session,
        session.post(f"/hook/{path}", data=body, headers=headers) as answer,
    ):
        assert (answer.status, await answer.text()) == (status, "")
    assert rejected(reason, account) == before + 1
    assert not provider.accepted


@pytest.mark.parametrize("path", ["main", "main?token=wrong&challenge=1", "path/correct-horse", "other"])
async def test_a_challenge_needs_its_proof(path: str) -> None:
    async with serving(Provider()) as session, session.get(f"/hook/{path}") as answer:
        assert answer.status == 401


UNREADABLE = {
    "not JSON": b"<html>gateway timeout</html>",
    "depth bomb": b"[" * 100_000,
    "endless integer": b'{"messages": [{"id": ' + b"1" * 10_000 + b"}]}",
    "NaN": b'{"messages": [{"chat": "c", "id": NaN, "text": "x"}]}',
    "key twice": b'{"messages": [], "messages": []}',
    "another shape": b'{"unknown": true}',
    "not an object": b"[]",
    "not UTF-8": b"\xff\xfe\x00",
}


@pytest.mark.parametrize("name", UNREADABLE)
async def test_what_is_the_providers_and_cannot_be_read_is_kept(name: str) -> None:
    body = UNREADABLE[name]
    provider = Provider()
    async with serving(provider) as session:
        for path, headers, answered in (
            ("main", signature(body), (200, "ok")),
            ("path/correct-horse", {}, (202, "kept")),
        ):
            async with session.post(f"/hook/{path}", data=body, headers=headers) as answer:
                assert (answer.status, await answer.text()) == answered
    first, second = map(_fact, provider.accepted)
    assert (first.dialog.chat, first.dialog.account, second.dialog.account) == (CHAT, "main", "path")
    part = provider.content()
    assert part.kind == "unsupported"
    assert part.words
    assert part.raw == ({"base64": "//4A"} if name == "not UTF-8" else {"text": body.decode()})


async def test_the_same_unreadable_bytes_are_one_message_and_long_ones_are_shortened() -> None:
    provider = Provider()
    body = b"?" * (LIMIT - 1)
    async with serving(provider) as session:
        for _ in range(2):
            async with session.post("/hook/main", data=body, headers=signature(body)) as answer:
                assert answer.status == 200
    assert len({row.fact_id for row in provider.accepted}) == 1
    assert len(provider.content().raw["text"]) == min(len(body), KEPT_BYTES)


async def test_endless_and_lying_bodies_cost_nothing_and_neighbours_do_not_notice() -> None:
    provider = Provider()
    bomb = gzip.compress(b"\0" * 100_000_000, 9)
    head = b"POST /hook/main HTTP/1.1\r\nHost: x\r\n"
    attacks = {
        b"413": [
            (head + b"Content-Length: 10737418240\r\n\r\n", b"x" * 65536),
            (head + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65536 + b"\r\n"),
        ],
        b"415": [
            (head + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb, b""),
            (head + b"Content-Encoding: deflate\r\nTransfer-Encoding: chunked\r\n\r\n", b""),
        ],
        b"400": [(head + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n", b"hello")],
    }
    async with serving(provider) as session:
        async with session.post("/hook/main", data=GOOD_BYTES, headers=signature(GOOD_BYTES)) as answer:
            assert answer.status == 200
        memory = psutil.Process().memory_info().rss
        for status, requests in attacks.items():
            for start, chunk in requests:
                assert await _attack(provider.url, start, chunk) == status
        assert psutil.Process().memory_info().rss - memory < 20_000_000


async def _attack(url: str, start: bytes, chunk: bytes) -> bytes:
    """Writes until it is answered: the status."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    try:
        writer.write(start)
        async with asyncio.timeout(5), asyncio.TaskGroup() as group:
            flood = group.create_task(_flood(writer, chunk))
            line = await reader.readline()
            flood.cancel()
        return line.split(b" ")[1]
    finally:
        writer.close()


async def _flood(writer: asyncio.StreamWriter, chunk: bytes) -> None:
    try:
        while chunk:
            writer.write(chunk)
            await writer.drain()
    except ConnectionError:
        pass


async def test_a_body_that_drips_is_refused_in_time_and_holds_up_nobody() -> None:
    provider = Provider()
    before = rejected("too_slow")
    async with serving(provider) as session:
        port = int(provider.url.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        begun = time.monotonic()
        writer.write(b"POST /hook/main HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n")
        async with asyncio.TaskGroup() as group:
            drip = group.create_task(_drip(writer))
            async with session.post("/hook/main", data=GOOD_BYTES, headers=signature(GOOD_BYTES)) as answer:
                assert answer.status == 200
            assert time.monotonic() - begun < 1
            line = await reader.readline()
            drip.cancel()
        assert line.split()[1] == b"408"
        assert BODY_SECONDS <= 10
        assert 1.4 < time.monotonic() - begun < 3
        writer.close()
    assert rejected("too_slow") == before + 1


async def _drip(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"x")
        await asyncio.sleep(0.2)


async def test_a_hook_without_a_proof_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="anybody"):
        _hook("open", verify=())


@pytest.mark.feature("CH16")
async def test_facts_stand_in_the_spool_once_however_often_they_come(
    database_url: Callable[[str], str],
) -> None:
    provider = Provider()
    async with (
        gateway_database(database_url("gateway")) as kept,
        serving(provider, kept.acceptance.accept) as session,
    ):
        for _ in range(3):
            async with session.post("/hook/main", data=GOOD_BYTES, headers=signature(GOOD_BYTES)) as answer:
                assert answer.status == 200
        rows = await eventually(kept.rows)
        assert [_fact(row).content.text for row in rows] == ["hello", "you"]
        assert kept.acceptance.held >= 2
