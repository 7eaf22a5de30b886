"""The messengers as they are outside: what each provider says, how it proves it, and what its clients got.

for messenger in (Telegram(), Vk(), Whatsapp(), Max(), Open()):
    async with messenger.provider: …
    messenger.update(client, number, text, at)      what a webhook is called with
    messenger.shown                                 texts that clients read, repeats too
"""

from __future__ import annotations

import hmac
import json
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

from pydantic import SecretStr

from gateways.http.signature import signed
from tests.support import http_provider, vk_provider
from tests.support import whatsapp_cloud_provider as whatsapp
from tests.support.member import Member, inherited
from tests.support.provider import Provider, Request
from tests.support.provider_webhooks import Webhook
from tests.support.quiet_ports import quiet_ports

Tell: TypeAlias = Callable[[Any], Awaitable[None]]
"""Calls the webhook with an update, and returns when that is on its way."""
FIRST_CLIENT = 7000


class Messenger(ABC):
    """One account `main` at one provider. `safe`: the provider drops repeats of what we send."""

    channel: ClassVar[str]
    safe: ClassVar[bool] = False
    early: ClassVar[bool] = False
    """It tells of a message of ours before it answers that it took it."""
    send_path: ClassVar[str]
    more: ClassVar[str] = ""
    """What stands below its entry in the accounts file."""
    provider: Provider

    @abstractmethod
    def entry(self, folder: Path, port: int) -> dict[str, Any]:
        """The account's entry in the accounts file, beside which its secrets are written."""

    @abstractmethod
    def update(self, client: int, number: int, text: str, at: datetime) -> Any:
        """What its webhook is called with when this client says its message of this number."""

    def hook(self, port: int) -> Webhook:
        return Webhook(f"http://127.0.0.1:{port}/{self.channel}/main", self.proof)

    def proof(self, _body: bytes) -> Mapping[str, str]:
        """The headers that prove a call; none where the proof stands in the body."""
        return {}

    @property
    @abstractmethod
    def shown(self) -> list[str]:
        """Texts that clients read, repeats too."""

    @property
    def listened_to(self) -> bool:
        """Whether the provider knows where to call us, where it is told so by the gateway."""
        return True

    def assume_listened_to(self) -> None:
        """For calls that no gateway of ours takes; who does not poll us is listened to from the start."""
        assert self.listened_to

    def tells(self, tell: Tell) -> None:
        """From now on what it tells early goes there."""
        del tell

    def sends(self) -> list[Request]:
        """The requests to send, as they came."""
        return [one for one in self.provider.seen(self.send_path) if one.method == "POST"]

    def member(
        self, name: str, amqp_url: str, database_url: str, accounts: Path, blobs: Path, port: int
    ) -> Member:
        """A process of its gateway, not started; its log lies beside the accounts file."""
        (ops_port,) = quiet_ports(1)
        settings = {
            "amqp_url": amqp_url, "database_url": database_url, "accounts_file": str(accounts),
            "blobs_url": f"file://{blobs}", "permitted": self.provider.end_point, "http_port": str(port),
            "ops_port": str(ops_port), "instance": name, "drain_seconds": "10",
        }  # fmt: skip
        environment = inherited() | {f"SWITCHBOARD_{key.upper()}": value for key, value in settings.items()}
        log = accounts.with_name(f"{name}.log")
        return Member(name, ["-m", "gateways", self.channel], environment, log, ops_port, warm=True)

    def write(self, folder: Path, port: int) -> Path:
        """The accounts file."""
        folder.mkdir()
        entry = self.entry(folder, port)
        lines = [f"[[{self.channel}]]", *(f"{name} = {json.dumps(value)}" for name, value in entry.items())]
        path = folder / "accounts.toml"
        path.write_text("\n".join([*lines, self.more]))
        return path


class Vk(Messenger):
    channel = "vk"
    safe = True
    early = True
    send_path = vk_provider.SEND

    def __init__(self) -> None:
        self.community = vk_provider.Community()
        self.provider = self.community.provider

    def entry(self, folder: Path, _port: int) -> dict[str, Any]:
        (folder / "vk.secret").write_text(vk_provider.TOKEN)
        (folder / "callback.secret").write_text(vk_provider.SECRET)
        return {
            "slug": "main", "name": "VK", "group": vk_provider.GROUP, "listen": "callback",
            "secret_file": "vk.secret", "callback_secret_file": "callback.secret",
            "confirmation": vk_provider.CONFIRMATION, "api": self.provider.url,
        }  # fmt: skip

    def update(self, client: int, _number: int, text: str, at: datetime) -> Any:
        said = self.community.message(FIRST_CLIENT + client, text, date=int(at.timestamp()))
        return self._update("message_new", {"message": said, "client_info": {}})

    def _update(self, kind: str, said: dict[str, Any]) -> Any:
        return self.community.update(kind, said) | {"secret": vk_provider.SECRET}

    @property
    def shown(self) -> list[str]:
        return self.community.shown

    def tells(self, tell: Tell) -> None:
        async def echo() -> None:
            *_, latest = self.community.sent.values()
            await tell(self._update("message_reply", latest))

        self.community.during = echo


class Whatsapp(Messenger):
    channel = "whatsapp_cloud"
    early = True
    send_path = whatsapp.SEND

    def __init__(self) -> None:
        self.provider = self.meta = whatsapp.Meta()

    def entry(self, folder: Path, _port: int) -> dict[str, Any]:
        secrets = {"main.token": whatsapp.TOKEN, "app": whatsapp.APP_SECRET, "verify": whatsapp.VERIFY}
        for name, secret in secrets.items():
            (folder / name).write_text(secret)
        return {
            "slug": "main", "name": "WhatsApp", "number_id": whatsapp.NUMBER,
            "business_id": whatsapp.BUSINESS, "api": self.provider.url,
            "secret_file": "main.token", "app_secret_file": "app", "verify_token_file": "verify",
        }  # fmt: skip

    def update(self, client: int, number: int, text: str, at: datetime) -> Any:
        phone = f"7999000{client:04}"
        name = f"wamid.{client}.{number}"
        body = whatsapp.message("text", {"body": text}, name, int(at.timestamp()), **{"from": phone})
        return whatsapp.heard(body, wa_id=phone)

    def proof(self, body: bytes) -> Mapping[str, str]:
        digest = hmac.digest(whatsapp.APP_SECRET.encode(), body, "sha256").hex()
        return {"X-Hub-Signature-256": f"sha256={digest}"}

    @property
    def shown(self) -> list[str]:
        return self.meta.texts

    def tells(self, tell: Tell) -> None:
        async def delivered(name: str) -> None:
            sent = self.meta.sent[-1]
            status = {
                "id": name, "status": "delivered", "timestamp": str(int(datetime.now(UTC).timestamp())),
                "recipient_id": sent["to"],
            }  # fmt: skip
            if ours := sent.get("biz_opaque_callback_data"):
                status["biz_opaque_callback_data"] = ours
            await tell(whatsapp.change({"statuses": [status]}))

        self.meta.during = delivered


class _Integrator(http_provider.Integrator):
    """Tells what became of a message before it answers. A repeat of a notice is dropped."""

    tell: Tell | None = None

    async def _take(self, request: Request) -> Any:
        reply = super()._take(request)
        notice = request.json()
        if self.tell is not None and notice["type"] == "message":
            await self.tell(
                {
                    "type": "delivery",
                    "chat": notice["chat"],
                    "message": notice["id"],
                    "state": "delivered",
                    "at": datetime.now(UTC).isoformat(),
                }
            )
        return reply


class Open(Messenger):
    channel = "http"
    safe = True
    early = True
    send_path = http_provider.HOOK

    def __init__(self) -> None:
        self.provider = self.integrator = _Integrator()

    def entry(self, folder: Path, _port: int) -> dict[str, Any]:
        (folder / "main.secret").write_text(http_provider.SECRET)
        return {
            "slug": "main", "name": "CRM", "webhook": self.provider.url + http_provider.HOOK,
            "secret_file": "main.secret",
        }  # fmt: skip

    more = '[http.capabilities]\nreceipts = "read"'

    def update(self, client: int, number: int, text: str, at: datetime) -> Any:
        name, sender = f"{client}.{number}", {"id": f"u{client}", "name": f"Client {client}"}
        return http_provider.message(name, text, f"c{client}", sent_at=at.isoformat(), sender=sender)

    def hook(self, port: int) -> Webhook:
        return Webhook(f"http://127.0.0.1:{port}/http/main/facts", self.proof)

    def proof(self, body: bytes) -> Mapping[str, str]:
        return signed((SecretStr(http_provider.SECRET),), body, datetime.now(UTC))

    @property
    def shown(self) -> list[str]:
        return self.integrator.texts

    def sends(self) -> list[Request]:
        return self.integrator.tried()

    def tells(self, tell: Tell) -> None:
        self.integrator.tell = tell
