"""An account of VK: one community, its access key, and how we hear of what its clients write.

[[vk]]
slug = "main"
name = "Shop in VK"
group = 123456789
secret_file = "vk.secret"                     # the community's access key, with the right to messages
listen = "callback"                           # or "long_poll", which needs nothing below
confirmation = "a1b2c3d4"                     # what VK shows beside the address of the server
callback_secret_file = "vk_callback.secret"   # the secret key of that server, as typed there
"""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import Final, Literal, Self

from pydantic import Field, SecretStr, model_validator

from gateways.kit.accounts import SecretAccount
from gateways.kit.connector import Connector
from gateways.kit.second_secret import with_second_secret
from gateways.kit.settings import GatewaySettings
from gateways.kit.verification import SHORTEST_SECRET

API: Final = "https://api.vk.ru"


class VkAccount(SecretAccount):
    """An entry `[[vk]]` of the accounts file."""

    group: int = Field(gt=0, description="number of the community, as in vk.com/club123456789")
    listen: Literal["long_poll", "callback"] = Field(
        "long_poll", description="long_poll, where we ask VK, or callback, where VK calls /vk/<slug>"
    )
    confirmation: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9]{1,64}$",
        description="the string that VK shows beside the server's address",
    )
    callback_secret_file: str | None = Field(
        None, description="a file beside the accounts file that holds the secret key of the Callback API"
    )
    callback_secret_env: str | None = Field(None, description="a variable that holds it")
    callback_secret: SecretStr = SecretStr("")
    """Filled in when the file is read; never written in it."""
    api: str = Field(API, pattern=r"^https?://\S+$", description="address of the interface of VK")

    @property
    def secrets(self) -> tuple[SecretStr, ...]:
        secrets = (self.secret, self.callback_secret)
        return tuple(secret for secret in secrets if secret.get_secret_value())

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.callback_secret.get_secret_value():
            raise ValueError("no secrets in this file; name a file with it as callback_secret_file")
        if self.listen == "callback":
            if self.confirmation is None:
                raise ValueError("listen = callback needs confirmation, the string that VK shows")
            if self.callback_secret_file is None and self.callback_secret_env is None:
                raise ValueError("listen = callback needs callback_secret_file, the secret key of the server")
        return self


class VkConnector(Connector[VkAccount]):
    """One that knows of a second secret."""

    def accounts(self, settings: GatewaySettings, channels: Collection[str]) -> list[VkAccount]:
        """As every channel's, with the secret key of the Callback API; raises `ConfigError`."""
        return with_second_secret(
            super().accounts(settings, channels),
            settings.accounts_file,
            os.environ,
            name="callback_secret",
            shortest=SHORTEST_SECRET,
        )
