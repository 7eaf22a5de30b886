"""A bot of MAX: one account.

[[max]]
slug = "main"
name = "Shop in MAX"
secret_file = "max.token"                            # the bot's token
webhook_url = "https://chat.shop.example/max/main"   # absent: the bot asks for its updates instead
"""

from __future__ import annotations

import hmac
import os
import re
from collections.abc import Collection
from typing import Final, Self

from pydantic import Field, SecretStr, model_validator

from gateways.kit.accounts import SecretAccount
from gateways.kit.connector import Connector
from gateways.kit.second_secret import with_second_secret
from gateways.kit.settings import GatewaySettings
from shared.environment import ConfigError

API: Final = "https://platform-api2.max.ru"
SHORTEST_WEBHOOK_SECRET: Final = 16
_TAKEN_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{5,256}")


class MaxAccount(SecretAccount):
    """An entry `[[max]]` of the accounts file."""

    api: str = Field(API, pattern=r"^https?://\S+$", description="address of the bot interface")
    webhook_url: str | None = Field(
        None,
        pattern=r"^https?://\S+$",
        description="address of this account's webhook as MAX reaches it: https, port 443; absent: polling",
    )
    webhook_secret_file: str | None = Field(None, description="a file beside this one, with the secret of it")
    webhook_secret_env: str | None = Field(None, description="a variable that holds it")
    webhook_secret: SecretStr = SecretStr("")
    """Filled in when the file is read; never written in it."""
    check_seconds: float = Field(
        60, gt=0, le=600, description="how often it is looked whether MAX still calls the webhook"
    )
    gap_seconds: float = Field(
        180, gt=0, description="after a longer outage the chats' histories are read; above check_seconds"
    )

    @property
    def secrets(self) -> tuple[SecretStr, ...]:
        return self.secret, self.hook_secret

    @property
    def hook_secret(self) -> SecretStr:
        """What MAX shows at each call: the one that was given, else one made from the token."""
        return self.webhook_secret if self.webhook_secret.get_secret_value() else made_secret(self.secret)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.webhook_url is None and (self.webhook_secret_file or self.webhook_secret_env):
            raise ValueError("a webhook's secret needs webhook_url: name the address, or leave both out")
        if self.gap_seconds <= self.check_seconds:
            raise ValueError("gap_seconds is not above check_seconds: each look would find a gap")
        return self


class MaxConnector(Connector[MaxAccount]):
    """One that knows of a second secret."""

    def accounts(self, settings: GatewaySettings, channels: Collection[str]) -> list[MaxAccount]:
        """As every channel's, with the webhooks' secrets; raises `ConfigError`."""
        path = settings.accounts_file
        read = with_second_secret(
            super().accounts(settings, channels), path, os.environ,
            name="webhook_secret", shortest=SHORTEST_WEBHOOK_SECRET,
        )  # fmt: skip
        wrong = [
            f"{path}: {account.slug}: MAX takes a webhook's secret of A-Z, a-z, 0-9, _ and - only, "
            "up to 256 of them; write such a one"
            for account in read
            if not _TAKEN_SECRET.fullmatch(account.hook_secret.get_secret_value())
        ]
        if wrong:
            raise ConfigError(wrong)
        return read


def made_secret(token: SecretStr) -> SecretStr:
    """The secret of a webhook that was given none: nobody guesses it who does not have the token."""
    return SecretStr(hmac.digest(token.get_secret_value().encode(), b"webhook", "sha256").hex())
