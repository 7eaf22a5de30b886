"""The gateway of the bot as a process with two accounts, one polled and one pushed, and the router's end."""

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
from shared.contract.live import Typing
from shared.contract.outbound import SendMessage
from shared.contract.people import DialogRef
from shared.files.blobs import Blobs
from shared.topology import LIVE, OUTBOUND, live_key, outbound_key
from tests.support.provider import Provider
from tests.support.provider_webhooks import Webhook
from tests.support.telegram_bot_provider import Bot, Telegram
from tests.support.waiting import eventually
from tests.support.warm import WarmProcess
from tests.support.webchat import Router

TOKENS = {"polled": "1001:obviously-fake-polled", "pushed": "1002:obviously-fake-pushed"}


class Replica:
    """One process. `lines` are what it logged."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self._log = log
        log.touch()
        self.process = WarmProcess(["gateways", "telegram_bot"], environment, log)

    @property
    def lines(self) -> list[dict[str, Any]]:
        whole = self._log.read_text().rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines() if line.startswith("{")]

    def logged(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == event]

    @property
    def port(self) -> int:
        return int(self.logged("webhooks_listening")[0]["port"])


@dataclass
class Scene:
    """The fake Telegram, and where processes may be started."""

    folder: Path
    telegram: Telegram
    environment: dict[str, str]
    router: Router

    @property
    def provider(self) -> Provider:
        return self.telegram.provider

    @property
    def polled(self) -> Bot:
        return self.telegram.bots[TOKENS["polled"]]

    @property
    def pushed(self) -> Bot:
        return self.telegram.bots[TOKENS["pushed"]]

    @property
    def blobs(self) -> Blobs:
        return Blobs.open(self.environment["SWITCHBOARD_BLOBS_URL"])

    @asynccontextmanager
    async def replica(self) -> AsyncIterator[Replica]:
        """A process that listens to both accounts; killed at the end."""
        replica = Replica(self.environment, self.folder / f"{uuid4().hex}.log")
        try:
            await eventually(
                lambda: len(replica.logged("listening")) == 2 or replica.process.poll() is not None,
                seconds=30,
            )
            yield replica
        finally:
            if replica.process.poll() is None:
                replica.process.kill()
                replica.process.wait(10)

    async def push(
        self, replica: Replica, *events: dict[str, Any], secret: str | None = None, **how: Any
    ) -> list[int | None]:
        """Calls the webhook as Telegram does; the statuses of our answers."""
        shown = secret or self.pushed.webhook["secret_token"]
        hook = Webhook(
            f"http://127.0.0.1:{replica.port}/telegram_bot/pushed",
            lambda _body: {"X-Telegram-Bot-Api-Secret-Token": shown},
        )
        updates = [self.pushed.update(event) for event in events]
        return [one.status for one in await self.provider.push(hook, updates, **how)]

    async def act(self, act: type[Data], chat: str, account: str = "polled", **fields: Any) -> UUID:
        """Any act of ours, as the router gives it."""
        identity, now = uuid7(), datetime.now(UTC)
        ref = self._dialog(chat, account)
        if act is SendMessage:
            fields = {"message_id": identity, "created_at": now, **fields}
        data = act.model_validate({"dialog": ref, "not_after": now + timedelta(hours=1), **fields})
        envelope = wrap(data, id=identity, source="router", time=now, subject=str(ref.dialog_id))
        key = outbound_key("telegram_bot", account)
        await self.router.publisher.publish(
            Outgoing(OUTBOUND, key, envelope.encode(), str(identity), act.TYPE)
        )
        return identity

    async def send(self, content: str | Content, chat: str, account: str = "polled", **more: Any) -> UUID:
        said = text_content(content) if isinstance(content, str) else content
        return await self.act(SendMessage, chat, account, content=said, **more)

    async def writes(self, chat: str, account: str = "polled") -> None:
        """An operator begins to write, as a desk tells it."""
        ref = self._dialog(chat, account)
        hint = Typing(dialog_id=ref.dialog_id, dialog=ref, by="operator", on=True)
        key, body = live_key("typing", ref.dialog_id.hex), hint.model_dump_json().encode()
        self.router.publisher.announce(Outgoing(LIVE, key, body, str(uuid4()), Typing.TYPE, persistent=False))

    def _dialog(self, chat: str, account: str) -> DialogRef:
        name = dialog_id("telegram_bot", account, chat)
        return DialogRef(dialog_id=name, channel="telegram_bot", account=account, chat=chat)

    def states(self, account: str) -> list[str]:
        """The account's health as it was told."""
        told = [fact["data"] for fact in self.router.of_type("inbound.health.v1")]
        return [one["state"] for one in told if one["account"] == account]


def write_accounts(folder: Path, api: str) -> Path:
    lines: list[str] = []
    for slug, token in TOKENS.items():
        (folder / f"{slug}.secret").write_text(token)
        account = {"slug": slug, "name": slug, "api": api, "secret_file": f"{slug}.secret"}
        if slug == "pushed":
            account |= {
                "transport": "webhook",
                "webhook_url": "https://chat.shop.example/telegram_bot/pushed",
            }
        lines += ["[[telegram_bot]]", *(f"{name} = {json.dumps(value)}" for name, value in account.items())]
        lines += ["chat_messages_per_second = 100.0"]
    path = folder / "accounts.toml"
    path.write_text("\n".join(lines))
    return path


@asynccontextmanager
async def scene(amqp_url: str, database_url: str, folder: Path) -> AsyncIterator[Scene]:
    telegram = Telegram(list(TOKENS.values()))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SWITCHBOARD_")}
    async with telegram.provider as provider, Router(amqp_url) as router:
        environment = kept | {
            "SWITCHBOARD_AMQP_URL": amqp_url,
            "SWITCHBOARD_DATABASE_URL": database_url,
            "SWITCHBOARD_ACCOUNTS_FILE": str(write_accounts(folder, provider.url)),
            "SWITCHBOARD_BLOBS_URL": f"file://{folder / 'blobs'}",
            "SWITCHBOARD_PERMITTED": provider.end_point,
            "SWITCHBOARD_OPS_PORT": "0",
            "SWITCHBOARD_HTTP_PORT": "0",
            "SWITCHBOARD_LEASE_SECONDS": "1",
        }
        yield Scene(folder, telegram, environment, router)
        assert not provider.lost
