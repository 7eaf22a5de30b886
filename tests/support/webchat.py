"""A replica of the web chat as a process of its own, and the router's end of its wires."""

import asyncio
import json
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiohttp

from shared.bus.connection import Broker
from shared.bus.consumer import Consumer
from shared.bus.outgoing import Outgoing
from shared.bus.publisher import Publisher
from shared.clock import uuid7
from shared.contract.content import text_content
from shared.contract.envelope import wrap
from shared.contract.ids import dialog_id
from shared.contract.outbound import SendMessage
from shared.contract.people import DialogRef
from shared.topology import OUTBOUND, ROUTER_INBOUND, outbound_key
from tests.support.visitor import Visitor
from tests.support.waiting import eventually
from tests.support.warm import WarmProcess

SITE_KEY = "demo-site-key"
ORIGIN = "http://shop.example"
ROOT = Path(__file__).parents[2]


def write_accounts(folder: Path, slugs: Sequence[str] = ("main",)) -> Path:
    """An accounts file with a site for each slug; site keys are `<slug>-site-key`, for `main` the demo's."""
    lines: list[str] = []
    for slug in slugs:
        (folder / f"{slug}.secret").write_text(f"secret of {slug}, invented for tests")
        key = SITE_KEY if slug == "main" else f"{slug}-site-key"
        lines += [
            "[[webchat]]",
            f'slug = "{slug}"',
            f'name = "Site {slug}"',
            f'site_key = "{key}"',
            f'origins = ["{ORIGIN}"]' if slug == "main" else f'origins = ["http://{slug}.example"]',
            f'secret_file = "{slug}.secret"',
            "",
        ]
    path = folder / "accounts.toml"
    path.write_text("\n".join(lines))
    return path


class Replica:
    """One process, of no event loop: several tests may share it. `lines` are what it logged."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        name = f"replica-{uuid4().hex}.log"
        self._log = Path(environment["SWITCHBOARD_ACCOUNTS_FILE"]).with_name(name)
        self._read = 0
        self._lines: list[dict[str, Any]] = []
        self.process: WarmProcess | None = None
        self.port = 0
        self.ops_port = 0

    def launch(self) -> None:
        """Starts it, and does not wait until it has."""
        self._log.touch()
        self.process = WarmProcess(["gateways", "webchat"], self.environment, self._log)

    def settled(self) -> bool:
        """It listens, or has ended."""
        for line in self.lines:
            if line["event"] == "webchat_listening":
                self.port = line["port"]
            elif line["event"] == "service_started":
                self.ops_port = line["ops_port"]
        return bool(self.port and self.ops_port) or not self.alive

    async def start(self) -> "Replica":
        self.launch()
        await eventually(self.settled, seconds=20)
        assert self.alive, "the replica ended at its start"
        return self

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def lines(self) -> list[dict[str, Any]]:
        """All that are complete."""
        with self._log.open("rb") as log:
            log.seek(self._read)
            news = log.read()
        whole = news[: news.rfind(b"\n") + 1]
        self._read += len(whole)
        self._lines += [json.loads(line) for line in whole.splitlines() if line.startswith(b"{")]
        return self._lines

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    def logged(self, event: str, **fields: object) -> list[dict[str, Any]]:
        return [
            line
            for line in self.lines
            if line["event"] == event and all(line.get(name) == value for name, value in fields.items())
        ]

    async def ready(self) -> dict[str, Any]:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{self.ops_port}/readyz") as answer,
        ):
            return dict(await answer.json())

    def signal(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    async def ended(self) -> int:
        """With which code it ended, once it has."""
        process = self.process
        assert process is not None
        await eventually(lambda: process.poll() is not None, seconds=50)
        return process.wait()

    async def kill(self) -> None:
        self.end()

    def end(self) -> None:
        """At once, and returns when it is gone."""
        if self.alive:
            self.signal(signal.SIGKILL)
        if self.process is not None:
            self.process.wait(10)


class Router:
    """The router's end: takes facts, gives messages to send. Of a broker that several tests share it hears
    what `concerns` this one."""

    def __init__(
        self, amqp_url: str, concerns: Callable[[dict[str, Any]], bool] = lambda _fact: True
    ) -> None:
        self._broker = Broker(amqp_url, name="test-router")
        self._consumer = Consumer(self._broker, [ROUTER_INBOUND.name])
        self.publisher = Publisher(self._broker)
        self._taking: asyncio.Task[None] | None = None
        self._concerns = concerns
        self._facts: list[dict[str, Any]] = []

    async def __aenter__(self) -> "Router":
        await self._broker.__aenter__()
        await self._broker.ready()
        self._taking = asyncio.create_task(self._take())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._taking is not None
        self._taking.cancel()
        await asyncio.wait([self._taking])
        await self._consumer.pause()
        await self._broker.__aexit__(None, None, None)

    async def _take(self) -> None:
        while True:
            batch = await self._consumer.next_batch()
            self._facts += [json.loads(delivery.body) for delivery in batch]
            await self._consumer.settle(batch)

    @property
    def facts(self) -> list[dict[str, Any]]:
        """Envelopes in the order of their arrival, repeats too."""
        return [fact for fact in self._facts if self._concerns(fact)]

    def of_type(self, type_: str) -> list[dict[str, Any]]:
        """Facts of this type, the first of each id, in order of arrival."""
        found: dict[str, dict[str, Any]] = {}
        for fact in self.facts:
            if fact["type"] == type_:
                found.setdefault(fact["id"], fact)
        return list(found.values())

    def heard(self, visitor: Visitor | str) -> list[str]:
        """What a visitor said, as the router would decide it: the first of each id, in order of arrival."""
        chat = visitor if isinstance(visitor, str) else visitor.visitor
        return [
            fact["data"]["content"]["parts"][0]["text"]
            for fact in self.of_type("inbound.message.v1")
            if fact["data"]["dialog"]["chat"] == chat
        ]

    async def send(
        self, visitor: str, text: str, *, account: str = "main", message_id: UUID | None = None,
        seconds: float = 3600, **more: Any,
    ) -> UUID:  # fmt: skip
        """Gives a message to an account; returns its id after the broker's confirm."""
        identity, now = message_id or uuid7(), datetime.now(UTC)
        ref = DialogRef(
            dialog_id=dialog_id("webchat", account, visitor), channel="webchat", account=account, chat=visitor
        )
        act = SendMessage(
            dialog=ref, not_after=now + timedelta(seconds=seconds), message_id=identity,
            content=more.pop("content", None) or text_content(text), author_name="Anna", created_at=now,
            **more,
        )  # fmt: skip
        envelope = wrap(
            act, id=identity, source="router", time=now, subject=str(ref.dialog_id),
            traceparent=f"00-{identity.hex}-00f067aa0ba902b7-01",
        )  # fmt: skip
        await self.publisher.publish(
            Outgoing(OUTBOUND, outbound_key("webchat", account), envelope.encode(), str(identity), act.TYPE)
        )
        return identity

    def outcomes(self, message_id: UUID) -> list[str]:
        return [
            fact["data"]["state"]
            for fact in self.of_type("inbound.delivery.v1")
            if fact["data"]["message_id"] == str(message_id)
        ]


def environment(amqp_url: str, database_url: str, accounts: Path, **more: str) -> dict[str, str]:
    """The variables of one replica."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SWITCHBOARD_")}
    return {
        **kept,
        "SWITCHBOARD_AMQP_URL": amqp_url,
        "SWITCHBOARD_DATABASE_URL": database_url,
        "SWITCHBOARD_ACCOUNTS_FILE": str(accounts),
        "SWITCHBOARD_BLOBS_URL": f"file://{accounts.parent / 'blobs'}",
        "SWITCHBOARD_HTTP_PORT": "0",
        "SWITCHBOARD_OPS_PORT": "0",
        "SWITCHBOARD_RATE_MESSAGES": "1000",
        "SWITCHBOARD_LOG_LEVEL": "debug",
        **more,
    }
