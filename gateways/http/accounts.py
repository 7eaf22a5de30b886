"""An account of the open channel: one integrator's connector.

[[http]]
slug = "crm"
name = "Old CRM"
webhook = "https://crm.shop.example/switchboard"   # absent: the account only tells, nothing is sent to it
public_url = "https://gate.shop.example"           # how the connector reaches this gateway: links to files
secret_file = "crm.secret"                         # the same on both sides, at least 16 characters
second_secret_file = "crm.next"                    # valid beside it, while one takes the other's place

[http.capabilities]
images = true
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import Field, SecretStr

from gateways.http.abilities import Declared, abilities
from gateways.http.links import Links
from gateways.kit.accounts import SHORTEST_SECRET, SecretAccount
from gateways.kit.second_secret import with_second_secret
from shared.contract.capabilities import Capabilities


class HttpAccount(SecretAccount):
    """An entry `[[http]]` of the accounts file."""

    webhook: str | None = Field(
        None, pattern=r"^https?://\S+$", description="the address that gets what is sent, as https://…"
    )
    public_url: str = Field(
        "", pattern=r"^(https?://\S+)?$", description="how the connector reaches this gateway, as https://…"
    )
    second_secret_file: str | None = Field(None, description="a file beside this one: a secret valid as well")
    second_secret_env: str | None = Field(None, description="a variable that holds it")
    second_secret: SecretStr = SecretStr("")
    """Filled in when the file is read; never written in it."""
    capabilities: Declared = Field(default_factory=Declared, description="what the connector can do")  # type: ignore[valid-type]

    @property
    def secrets(self) -> tuple[SecretStr, ...]:
        """Those that are valid now; requests of ours are signed with each."""
        second = self.second_secret
        return (self.secret, second) if second.get_secret_value() else (self.secret,)

    @property
    def links(self) -> Links:
        return Links(self.slug, self.secrets, self.public_url)

    def able(self, usual: Capabilities) -> Capabilities:  # noqa: ARG002  # the channel's are the protocol's
        return abilities(self.capabilities, hears=self.webhook is not None)


def with_second_secrets(
    accounts: Sequence[HttpAccount], path: Path, environ: Mapping[str, str]
) -> list[HttpAccount]:
    """The accounts with the secrets that are valid beside the first; raises `ConfigError`."""
    return with_second_secret(accounts, path, environ, name="second_secret", shortest=SHORTEST_SECRET)
