"""An account: one telephone number of a WhatsApp Business account, and its three secrets.

[[whatsapp_cloud]]
slug = "main"
name = "WhatsApp of the shop"
number_id = "106540352242922"            # "Phone number ID" in the app's dashboard, not the number itself
business_id = "102290129340398"          # "WhatsApp Business account ID", which owns the templates
secret_file = "whatsapp.token"           # the access token of a system user
app_secret_file = "whatsapp.app"         # the app's secret, which signs what Meta posts to us
verify_token_file = "whatsapp.verify"    # a word of our own making, typed into the dashboard
"""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import Final

from pydantic import Field, SecretStr

from gateways.kit.accounts import SecretAccount
from gateways.kit.connector import Connector
from gateways.kit.second_secret import with_second_secret
from gateways.kit.settings import GatewaySettings
from shared.environment import ConfigError

SHORTEST: Final = 8


class WhatsappCloudAccount(SecretAccount):
    """An entry `[[whatsapp_cloud]]` of the accounts file."""

    number_id: str = Field(pattern=r"^\d{1,30}$", description="the phone number ID, digits")
    business_id: str = Field(pattern=r"^\d{1,30}$", description="the WhatsApp Business account ID, digits")
    app_secret_file: str | None = Field(None, description="a file beside the accounts file: the app's secret")
    app_secret_env: str | None = Field(None, description="a variable that holds the app's secret")
    app_secret: SecretStr = SecretStr("")
    verify_token_file: str | None = Field(
        None, description="a file beside the accounts file: the verify token"
    )
    verify_token_env: str | None = Field(None, description="a variable that holds the verify token")
    verify_token: SecretStr = SecretStr("")
    api: str = Field(
        "https://graph.facebook.com", pattern=r"^https?://\S+$", description="address of the Graph API"
    )
    version: str = Field("v24.0", pattern=r"^v\d{1,3}\.\d$", description="version of the Graph API")
    media_hosts: tuple[str, ...] = Field(
        ("facebook.com", "fbsbx.com", "fbcdn.net", "whatsapp.net"),
        description="domains that files are fetched from with our token; the API's own is always one",
    )
    messages_per_second: float = Field(
        80.0, gt=0, le=1000, description="what Meta lets the number send: 80, 20 beside the app, or 1000"
    )
    list_label: str = Field(
        "Выбрать", min_length=1, max_length=20, description="the button that opens a list of four to ten"
    )

    @property
    def secrets(self) -> tuple[SecretStr, ...]:
        return (self.secret, self.app_secret, self.verify_token)

    @property
    def address(self) -> str:
        """Where the Graph API is, without a slash at its end."""
        return f"{self.api.rstrip('/')}/{self.version}"


class WhatsappConnector(Connector[WhatsappCloudAccount]):
    """One that knows of the other two secrets."""

    def accounts(self, settings: GatewaySettings, channels: Collection[str]) -> list[WhatsappCloudAccount]:
        """As every channel's; raises `ConfigError` with a line for each mistake."""
        path = settings.accounts_file
        read = super().accounts(settings, channels)
        for name in ("app_secret", "verify_token"):
            read = with_second_secret(read, path, os.environ, name=name, shortest=SHORTEST)
        if missing := [line for account in read for line in _missing(account, path)]:
            raise ConfigError(missing)
        return read


def _missing(account: WhatsappCloudAccount, path: Path) -> list[str]:
    wanted = {"app_secret": account.app_secret, "verify_token": account.verify_token}
    return [
        f"{path}: {account.slug}: {name}_file is missing; name the file that holds it"
        for name, secret in wanted.items()
        if not secret.get_secret_value()
    ]
