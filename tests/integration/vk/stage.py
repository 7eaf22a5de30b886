"""The gateway of VK as a process, the fake VK, and the router's end of the wires."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from gateways.vk.dialogs import dialog_of
from shared.bus.outgoing import Outgoing
from shared.clock import uuid7
from shared.contract.content import Content, text_content
from shared.contract.envelope import Data, wrap
from shared.contract.outbound import SendMessage
from shared.files.blobs import Blobs
from shared.topology import OUTBOUND, outbound_key
from tests.support.vk_provider import CONFIRMATION, GROUP, SECRET, TOKEN, Community
from tests.support.waiting import eventually
from tests.support.warm import WarmProcess
from tests.support.webchat import Router

ANNA = 7001


class Replica:
    """One process, and what it logged."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self._log = log
        log.touch()
        self.process = WarmProcess(["gateways", "vk"], environment, log)

    def logged(self, event: str) -> list[dict[str, Any]]:
        whole = self._log.read_text().rpartition("\n")[0]
        lines = [json.loads(line) for line in whole.splitlines() if line.startswith("{")]
        return [line for line in lines if line["event"] == event]

    @property
    def webhook(self) -> str:
        return f"http://127.0.0.1:{self.logged('webhooks_listening')[0]['port']}/vk/main"

    async def ended(self) -> int:
        await eventually(lambda: self.process.poll() is not None, seconds=20)
        return self.process.wait()

    async def kill(self) -> None:
        self.process.kill()
        await self.ended()


@dataclass
class Stage:
    vk: Community
    folder: Path
    environment: dict[str, str]
    router: Router

    @property
    def blobs(self) -> Blobs:
        return Blobs.open(self.environment["SWITCHBOARD_BLOBS_URL"])

    @asynccontextmanager
    async def replica(self, **settings: str) -> AsyncIterator[Replica]:
        """A process that listens; killed at the end unless it ended before."""
        named = {f"SWITCHBOARD_{name}": value for name, value in settings.items()}
        replica = Replica(self.environment | named, self.folder / f"{uuid4().hex}.log")
        try:
            await eventually(
                lambda: len(replica.logged("listening")) == 2 or replica.process.poll() is not None,
                seconds=30,
            )
            yield replica
        finally:
            if replica.process.poll() is None:
                await replica.kill()

    async def send(self, content: str | Content, peer: int = ANNA, **more: Any) -> UUID:
        """A message of ours, as the router gives it."""
        identity, now = uuid7(), datetime.now(UTC)
        said = text_content(content) if isinstance(content, str) else content
        known = {"dialog": dialog_of("main", peer), "not_after": now + timedelta(hours=1), **more}
        act = SendMessage(message_id=identity, created_at=now, content=said, **known)
        await self.give(act, identity)
        return identity

    async def give(self, act: Data, identity: UUID | None = None) -> None:
        identity = identity or uuid7()
        envelope = wrap(act, id=identity, source="router", time=datetime.now(UTC), subject="vk")
        key = outbound_key("vk", "main")
        await self.router.publisher.publish(
            Outgoing(OUTBOUND, key, envelope.encode(), str(identity), act.TYPE)
        )

    def heard(self, peer: int = ANNA) -> list[str]:
        return self.router.heard(str(peer))

    def health(self) -> list[str]:
        return [fact["data"]["state"] for fact in self.router.of_type("inbound.health.v1")]


@asynccontextmanager
async def stage(amqp_url: str, database_url: str, folder: Path, listen: str) -> AsyncIterator[Stage]:
    async with Community() as vk, Router(amqp_url) as router:
        (folder / "vk.secret").write_text(TOKEN)
        (folder / "callback.secret").write_text(SECRET)
        account = {
            "slug": "main", "name": "Shop", "group": GROUP, "secret_file": "vk.secret", "listen": listen,
            "confirmation": CONFIRMATION, "callback_secret_file": "callback.secret", "api": vk.url,
        }  # fmt: skip
        lines = ["[[vk]]", *(f"{name} = {json.dumps(value)}" for name, value in account.items())]
        (folder / "accounts.toml").write_text("\n".join(lines))
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SWITCHBOARD_")}
        environment = kept | {
            "SWITCHBOARD_AMQP_URL": amqp_url,
            "SWITCHBOARD_DATABASE_URL": database_url,
            "SWITCHBOARD_ACCOUNTS_FILE": str(folder / "accounts.toml"),
            "SWITCHBOARD_BLOBS_URL": f"file://{folder / 'blobs'}",
            "SWITCHBOARD_PERMITTED": vk.provider.end_point,
            "SWITCHBOARD_OPS_PORT": "0",
            "SWITCHBOARD_HTTP_PORT": "0",
            "SWITCHBOARD_LEASE_SECONDS": "1",
        }
        yield Stage(vk, folder, environment, router)
        assert not vk.provider.lost
