"""The gateway of WhatsApp as a process, Meta that posts to it, and the router's end of its wires.

async with gateway(write_accounts(folder, meta), amqp_url, database_url, meta) as gate:
    async with gate.running():
        await gate.post(said("Привет"))
        await gate.send("Да")
"""

import hmac
import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from shared.bus.outgoing import Outgoing
from shared.clock import uuid7
from shared.contract.content import Content, text_content
from shared.contract.envelope import wrap
from shared.contract.ids import dialog_id
from shared.contract.outbound import Act, SendMessage
from shared.contract.people import DialogRef
from shared.files.blobs import Blobs
from shared.topology import OUTBOUND, outbound_key
from tests.support.provider_webhooks import Order, Pushed, Webhook
from tests.support.waiting import eventually
from tests.support.warm import WarmProcess
from tests.support.webchat import Router
from tests.support.whatsapp_cloud_provider import APP_SECRET, CHANNEL, CLIENT, Meta


class Replica:
    """One process. `lines` are what it logged."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self._log = log
        log.touch()
        self.process = WarmProcess(["gateways", CHANNEL], environment, log)

    @property
    def lines(self) -> list[dict[str, Any]]:
        whole = self._log.read_text().rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines() if line.startswith("{")]

    def logged(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == event]

    @property
    def url(self) -> str:
        """Where Meta posts to."""
        return f"http://127.0.0.1:{self.logged('webhooks_listening')[-1]['port']}/{CHANNEL}/main"

    def ready(self) -> bool:
        return bool(self.logged("webhooks_listening") and self.logged("listening"))

    async def ended(self) -> int:
        await eventually(lambda: self.process.poll() is not None, seconds=20)
        return self.process.wait()

    async def kill(self) -> None:
        self.process.kill()
        await self.ended()


@dataclass
class Gate:
    """The account's processes, the router's end of the wires, and Meta."""

    folder: Path
    environment: dict[str, str]
    router: Router
    meta: Meta
    replica: Replica | None = None

    @asynccontextmanager
    async def running(self, **settings: str) -> AsyncIterator[Replica]:
        """A process that listens; killed at the end unless it ended before."""
        named = {f"SWITCHBOARD_{name}": value for name, value in settings.items()}
        replica = self.replica = Replica(self.environment | named, self.folder / f"{uuid4().hex}.log")
        try:
            await eventually(lambda: replica.ready() or replica.process.poll() is not None, seconds=30)
            yield replica
        finally:
            if replica.process.poll() is None:
                await replica.kill()

    async def post(
        self, *notices: Any, times: int = 1, order: Order = "given", together: bool = False
    ) -> list[Pushed]:
        """Meta posts these, signed."""
        assert self.replica is not None

        def sign(body: bytes) -> dict[str, str]:
            digest = hmac.digest(APP_SECRET.encode(), body, "sha256").hex()
            return {"X-Hub-Signature-256": f"sha256={digest}"}

        hook = Webhook(self.replica.url, sign)
        return await self.meta.push(hook, notices, times=times, order=order, together=together)

    async def send(self, content: str | Content, chat: str = CLIENT, **more: Any) -> UUID:
        """A message of ours, as the router gives it."""
        identity, now = uuid7(), datetime.now(UTC)
        made = text_content(content) if isinstance(content, str) else content
        await self.act(SendMessage(
            dialog=_ref(chat), not_after=now + timedelta(hours=1), message_id=identity, content=made,
            created_at=now, **more,
        ))  # fmt: skip
        return identity

    async def act(self, act: Act) -> None:
        identity, now = getattr(act, "message_id", uuid7()), datetime.now(UTC)
        envelope = wrap(act, id=identity, source="router", time=now, subject=str(act.dialog.dialog_id))
        key = outbound_key(CHANNEL, "main")
        await self.router.publisher.publish(
            Outgoing(OUTBOUND, key, envelope.encode(), str(identity), act.TYPE)
        )

    def dialog(self, chat: str = CLIENT) -> DialogRef:
        return _ref(chat)

    def heard(self, chat: str = CLIENT) -> list[str]:
        return self.router.heard(chat)

    def states(self) -> list[str]:
        """The account's health as it was told."""
        return [fact["data"]["state"] for fact in self.router.of_type("inbound.health.v1")]

    @property
    def blobs(self) -> Blobs:
        return Blobs.open(self.environment["SWITCHBOARD_BLOBS_URL"])


def _ref(chat: str) -> DialogRef:
    return DialogRef(dialog_id=dialog_id(CHANNEL, "main", chat), channel=CHANNEL, account="main", chat=chat)


@asynccontextmanager
async def gateway(accounts: Path, amqp_url: str, database_url: str, meta: Meta) -> AsyncIterator[Gate]:
    folder = accounts.parent
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SWITCHBOARD_")}
    environment = kept | {
        "SWITCHBOARD_AMQP_URL": amqp_url,
        "SWITCHBOARD_DATABASE_URL": database_url,
        "SWITCHBOARD_ACCOUNTS_FILE": str(accounts),
        "SWITCHBOARD_BLOBS_URL": f"file://{folder / 'blobs'}",
        "SWITCHBOARD_PERMITTED": meta.end_point,
        "SWITCHBOARD_OPS_PORT": "0",
        "SWITCHBOARD_HTTP_PORT": "0",
        "SWITCHBOARD_LEASE_SECONDS": "1",
    }
    async with Router(amqp_url) as router:
        yield Gate(folder, environment, router, meta)
    assert not meta.lost
