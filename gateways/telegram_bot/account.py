"""An entry of the accounts file.

[[telegram_bot]]
slug = "main"
name = "Shop"
secret_file = "main.secret"          # the bot's token, as @BotFather gave it
transport = "webhook"                # or "polling", the default: nothing has to be reachable then
webhook_url = "https://chat.shop.example/telegram_bot/main"
# api = "https://bots.shop.example"  # a Bot API server of one's own
# local_api = true                   # it runs with --local: files of up to 2000 MB
"""

from __future__ import annotations

import hmac
from typing import ClassVar, Final, Literal, Self

from pydantic import Field, SecretStr, model_validator

from gateways.kit.accounts import SecretAccount
from gateways.telegram_bot.layout import FILE_BYTES, LOCAL_FILE_BYTES
from shared.contract.capabilities import Capabilities

OFFICIAL: Final = "https://api.telegram.org"
_PURPOSE: Final = b"webhook of the switchboard"


class TelegramBotAccount(SecretAccount):
    """One bot."""

    shortest_secret: ClassVar[int] = 10

    api: str = Field(OFFICIAL, pattern=r"^https?://\S+$", description="address of the Bot API")
    local_api: bool = Field(False, description="true: the Bot API server is ours and runs with --local")
    transport: Literal["polling", "webhook"] = Field("polling", description="polling or webhook")
    webhook_url: str | None = Field(
        None,
        pattern=r"^https?://\S+$",
        description="address of this account's webhook, as Telegram reaches it",
    )
    webhook_connections: int = Field(
        10, ge=1, le=100, description="calls of the webhook that Telegram makes at once, 1 to 100"
    )
    messages_per_second: float = Field(30.0, gt=0, description="messages of the bot in a second")
    chat_messages_per_second: float = Field(1.0, gt=0, description="messages to one client in a second")
    group_messages_per_minute: float = Field(20.0, gt=0, description="messages to one group in a minute")

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if self.transport == "webhook" and self.webhook_url is None:
            raise ValueError("a webhook needs webhook_url, the address at which Telegram reaches it")
        return self

    def able(self, usual: Capabilities) -> Capabilities:
        """A server of our own takes larger files."""
        return usual.model_copy(update={"file_bytes": self.most_bytes})

    @property
    def most_bytes(self) -> int:
        """Of a file that is sent."""
        return LOCAL_FILE_BYTES if self.local_api else FILE_BYTES


def webhook_secret(token: SecretStr) -> SecretStr:
    """What Telegram shows with each call of the webhook: made of the token, so nobody has to choose it."""
    return SecretStr(hmac.digest(token.get_secret_value().encode(), _PURPOSE, "sha256").hex())
