"""What the gateway of MAX reads from its environment."""

from __future__ import annotations

from pydantic import Field, SecretStr

from gateways.kit.connector import ConnectorSettings


class MaxSettings(ConnectorSettings):
    """Defaults that work on a laptop."""

    database_url: SecretStr = Field(
        SecretStr("sqlite:///max.db"),
        description="sqlite:///path/to/file or postgresql://user:password@host/name",
    )
