"""The gateway of MAX as a process, a fake MAX, and the router's end of the wires."""

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
from shared.contract.envelope import Data, wrap
from shared.contract.ids import dialog_id
from shared.contract.outbound import SendMessage
from shared.contract.people import DialogRef
from shared.files.blobs import Blobs
from shared.topology import OUTBOUND, outbound_key
from tests.support.max_provider import MaxProvider
from tests.support.waiting import eventually
from tests.support.warm import WarmProcess
from tests.support.webchat import Router

TOKEN = "a token of a bot, invented for tests"


class Replica:
    """One process. `lines` are what it logged."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self._log = log
        log.touch()
        self.process = WarmProcess(["gateways", "max"], environment, log)

    def logged(self, event: str) -> list[dict[str, Any]]:
        whole = self._log.read_text().rpartition("\n")[0]
        lines = [json.loads(line) for line in whole.splitlines() if line.startswith("{")]
        return [line for line in lines if line["event"] == event]

    async def ended(self) -> int:
        await eventually(lambda: self.process.poll() is not None, seconds=20)
        return self.process.wait()


@dataclass
class Bot:
    """An account, its database, what MAX knows of it, and the router's end."""

    folder: Path
    environment: dict[str, str]
    fake: MaxProvider
    router: Router

    @asynccontextmanager
    async def replica(self, **settings: str) -> AsyncIterator[Replica]:
        """A process that owns the account; killed at the end unless it ended before."""
        named = {f"SWITCHBOARD_{name}": value for name, value in settings.items()}
        replica = Replica(self.environment | named, self.folder / f"{uuid4().hex}.log")
        try:
            await eventually(
                lambda: replica.logged("listening") or replica.process.poll() is not None, seconds=30
            )
            yield replica
        finally:
            if replica.process.poll() is None:
                replica.process.kill()
                await replica.ended()

    @property
    def blobs(self) -> Blobs:
        return Blobs.open(self.environment["SWITCHBOARD_BLOBS_URL"])

    def facts(self, type_: str) -> list[dict[str, Any]]:
        return [fact["data"] for fact in self.router.of_type(type_)]

    async def act(self, kind: type[Data], chat: str, **fields: Any) -> UUID:
        """An act of ours, as the router gives it; a message's id is that of its envelope."""
        identity, now = uuid7(), datetime.now(UTC)
        ref = DialogRef(dialog_id=dialog_id("max", "main", chat), channel="max", account="main", chat=chat)
        known = {"dialog": ref, "not_after": now + timedelta(hours=1)}
        act = kind.model_validate(known | fields)
        envelope = wrap(act, id=identity, source="router", time=now, subject=str(ref.dialog_id))
        key = outbound_key("max", "main")
        await self.router.publisher.publish(
            Outgoing(OUTBOUND, key, envelope.encode(), str(identity), act.TYPE)
        )
        return identity

    async def send(self, content: str | Content, chat: str = "182") -> UUID:
        message = uuid7()
        said = text_content(content) if isinstance(content, str) else content
        now = datetime.now(UTC)
        await self.act(SendMessage, chat, message_id=message, content=said, created_at=now)
        return message


@asynccontextmanager
async def bot(
    amqp_url: str, database_url: str, folder: Path, port: int = 0, **account: Any
) -> AsyncIterator[Bot]:
    """`port`: where the webhook arrives; 0: the bot polls."""
    async with MaxProvider(TOKEN) as fake, Router(amqp_url) as router:
        (folder / "max.token").write_text(TOKEN)
        named = {"slug": "main", "name": "Shop", "secret_file": "max.token", "api": fake.provider.url}
        if port:
            named["webhook_url"] = f"http://127.0.0.1:{port}/max/main"
        lines = ["[[max]]", *(f"{name} = {json.dumps(value)}" for name, value in (named | account).items())]
        (folder / "accounts.toml").write_text("\n".join(lines))
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SWITCHBOARD_")}
        environment = kept | {
            "SWITCHBOARD_AMQP_URL": amqp_url,
            "SWITCHBOARD_DATABASE_URL": database_url,
            "SWITCHBOARD_ACCOUNTS_FILE": str(folder / "accounts.toml"),
            "SWITCHBOARD_BLOBS_URL": f"file://{folder / 'blobs'}",
            "SWITCHBOARD_PERMITTED": fake.provider.end_point,
            "SWITCHBOARD_LEASE_SECONDS": "1",
            "SWITCHBOARD_OPS_PORT": "0",
            "SWITCHBOARD_HTTP_PORT": str(port),
        }
        yield Bot(folder, environment, fake, router)
        assert not fake.provider.lost
