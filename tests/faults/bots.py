"""Bots as they are outside: messengers that tell nothing of what we sent."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from tests.faults.messengers import FIRST_CLIENT, Messenger
from tests.support import max_provider
from tests.support.provider import Provider, Request, Route

_BOT: Final = {"id": 7_000_000_000, "is_bot": True, "first_name": "Shop", "username": "shop_bot"}


def _result(value: Any) -> dict[str, Any]:
    return {"ok": True, "result": value}


class Telegram(Messenger):
    """One counter numbers what clients and the bot write."""

    channel = "telegram_bot"
    send_path = "/bot{token}/sendMessage"
    token = "7000000000:obviously-fake-token-of-a-bot"

    def __init__(self) -> None:
        self._numbers = itertools.count(1000)
        self._sent: list[str] = []
        self._webhook: dict[str, Any] = {}
        self.provider = Provider(
            [
                Route("POST", self.send_path, self._take),
                Route("POST", "/bot{token}/setWebhook", self._set_webhook),
                Route("POST", "/bot{token}/getWebhookInfo", lambda _request: _result(self._webhook)),
                Route("POST", "/bot{token}/getMe", lambda _request: _result(_BOT)),
                Route("POST", "/bot{token}/{method}", lambda _request: _result(True)),
            ]
        )

    def entry(self, folder: Path, port: int) -> dict[str, Any]:
        (folder / "bot.token").write_text(self.token)
        return {
            "slug": "main", "name": "Telegram", "secret_file": "bot.token", "api": self.provider.url,
            "transport": "webhook", "webhook_url": f"http://127.0.0.1:{port}/telegram_bot/main",
        }  # fmt: skip

    def update(self, client: int, number: int, text: str, at: datetime) -> Any:
        person = {"id": FIRST_CLIENT + client, "first_name": f"Client {client}"}
        message = {
            "message_id": next(self._numbers), "date": int(at.timestamp()), "text": text,
            "from": person | {"is_bot": False}, "chat": person | {"type": "private"},
        }  # fmt: skip
        return {"update_id": 100_000 * client + number, "message": message}

    def proof(self, _body: bytes) -> Mapping[str, str]:
        return {"X-Telegram-Bot-Api-Secret-Token": self._webhook["secret_token"]}

    @property
    def listened_to(self) -> bool:
        return bool(self._webhook)

    def assume_listened_to(self) -> None:
        self._webhook = {"secret_token": "obviously-fake"}

    @property
    def shown(self) -> list[str]:
        return self._sent

    def _set_webhook(self, request: Request) -> Any:
        self._webhook = request.json()
        return _result(True)

    def _take(self, request: Request) -> Any:
        said = request.json()
        self._sent.append(said["text"])
        chat = {"id": int(said["chat_id"]), "type": "private"}
        at = int(datetime.now(UTC).timestamp())
        return _result({"message_id": next(self._numbers), "date": at, "chat": chat, "text": said["text"]})


class _Max(max_provider.MaxProvider):
    """One counter numbers what people and the bot write."""

    def __init__(self, token: str) -> None:
        super().__init__(token)
        self.numbers = itertools.count(116_000_000_000_000_000)

    def _take(self, request: Request) -> Any:
        told = super()._take(request)
        if isinstance(told, dict):
            told["message"]["body"]["seq"] = next(self.numbers)
        return told


class Max(Messenger):
    channel = "max"
    send_path = max_provider.MESSAGES

    def __init__(self) -> None:
        self.fake = _Max("an obviously fake token of a bot")
        self.provider = self.fake.provider

    def entry(self, folder: Path, port: int) -> dict[str, Any]:
        (folder / "max.token").write_text(self.fake.token)
        return {
            "slug": "main", "name": "MAX", "secret_file": "max.token", "api": self.provider.url,
            "webhook_url": f"http://127.0.0.1:{port}/max/main",
        }  # fmt: skip

    def update(self, client: int, number: int, text: str, at: datetime) -> Any:
        moment = int(at.timestamp() * 1000)
        name = f"mid.{client}.{number}"
        return max_provider.created(text, name, FIRST_CLIENT + client, seq=next(self.fake.numbers), at=moment)

    @property
    def listened_to(self) -> bool:
        return bool(self.fake.subscriptions)

    def proof(self, _body: bytes) -> Mapping[str, str]:
        (subscribed,) = self.fake.subscriptions.values()
        return {max_provider.HEADER: subscribed["secret"]}

    def assume_listened_to(self) -> None:
        self.fake.subscriptions["anywhere"] = {"secret": "obviously-fake"}

    @property
    def shown(self) -> list[str]:
        return [one["text"] for one in self.fake.sent]
