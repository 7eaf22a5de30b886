"""The gateway of e-mail as a process, and the router's end of its wires.

async with Post(folder, amqp_url, database_url, …) as post:
    async with post.replica() as replica: …
    post.router.of_type("inbound.message.v1")
"""

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
from shared.contract.outbound import SendMessage
from shared.contract.people import DialogRef
from shared.topology import OUTBOUND, outbound_key
from tests.support.dovecot import PASSWORD
from tests.support.mailroom import ADDRESS
from tests.support.waiting import eventually
from tests.support.warm import WarmProcess
from tests.support.webchat import Router


class Replica:
    """One process. `lines` are what it logged."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self._log = log
        log.touch()
        self.process = WarmProcess(["gateways", "email"], environment, log)

    @property
    def lines(self) -> list[dict[str, Any]]:
        whole = self._log.read_text().rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines() if line.startswith("{")]

    def logged(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == event]

    async def ended(self) -> int:
        await eventually(lambda: self.process.poll() is not None, seconds=20)
        return self.process.wait()

    async def kill(self) -> None:
        self.process.kill()
        await self.ended()


@dataclass
class Post:
    """A mailbox's account, its database, and the router's end."""

    folder: Path
    environment: dict[str, str]
    router: Router

    @asynccontextmanager
    async def replica(self, **settings: str) -> AsyncIterator[Replica]:
        """A process that listens; killed at the end unless it ended before."""
        named = {f"SWITCHBOARD_{name}": value for name, value in settings.items()}
        replica = Replica(self.environment | named, self.folder / f"{uuid4().hex}.log")
        try:
            await eventually(
                lambda: replica.logged("listening") or replica.process.poll() is not None, seconds=30
            )
            yield replica
        finally:
            if replica.process.poll() is None:
                await replica.kill()

    async def send(self, content: str | Content, chat: str, **more: Any) -> UUID:
        """A message of ours, as the router gives it."""
        identity, now = uuid7(), datetime.now(UTC)
        ref = DialogRef(
            dialog_id=dialog_id("email", "main", chat), channel="email", account="main", chat=chat
        )
        act = SendMessage(
            dialog=ref, not_after=now + timedelta(hours=1), message_id=identity, created_at=now,
            content=text_content(content) if isinstance(content, str) else content, **more,
        )  # fmt: skip
        envelope = wrap(act, id=identity, source="router", time=now, subject=str(ref.dialog_id))
        await self.router.publisher.publish(
            Outgoing(OUTBOUND, outbound_key("email", "main"), envelope.encode(), str(identity), act.TYPE)
        )
        return identity

    def heard(self) -> list[dict[str, Any]]:
        return [fact["data"] for fact in self.router.of_type("inbound.message.v1")]


def write_accounts(folder: Path, user: str, imap_port: int, smtp_port: int, **more: Any) -> Path:
    """An accounts file with one mailbox."""
    (folder / "main.secret").write_text(PASSWORD)
    account = {
        "slug": "main", "name": "Shop", "address": ADDRESS, "user": user, "secret_file": "main.secret",
        "imap_host": "127.0.0.1", "imap_port": imap_port, "imap_security": "none",
        "smtp_host": "127.0.0.1", "smtp_port": smtp_port, "smtp_security": "none",
        "sent_folder": "Sent", "mails_per_minute": 6000, **more,
    }  # fmt: skip
    lines = ["[[email]]", *(f"{name} = {json.dumps(value)}" for name, value in account.items())]
    path = folder / "accounts.toml"
    path.write_text("\n".join(lines))
    return path


@asynccontextmanager
async def post(amqp_url: str, database_url: str, accounts: Path, **settings: str) -> AsyncIterator[Post]:
    folder = accounts.parent
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SWITCHBOARD_")}
    environment = kept | {
        "SWITCHBOARD_AMQP_URL": amqp_url,
        "SWITCHBOARD_DATABASE_URL": database_url,
        "SWITCHBOARD_ACCOUNTS_FILE": str(accounts),
        "SWITCHBOARD_BLOBS_URL": f"file://{folder / 'blobs'}",
        "SWITCHBOARD_OPS_PORT": "0",
        "SWITCHBOARD_HTTP_PORT": "0",
        "SWITCHBOARD_LEASE_SECONDS": "1",
        "SWITCHBOARD_LOOK_UP_SECONDS": "0.5",
        **{f"SWITCHBOARD_{name}": value for name, value in settings.items()},
    }
    async with Router(amqp_url) as router:
        yield Post(folder, environment, router)
