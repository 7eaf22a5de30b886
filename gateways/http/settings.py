"""What the gateway of the open channel reads from its environment."""

from __future__ import annotations

from pydantic import Field, SecretStr

from gateways.kit.connector import ConnectorSettings


class HttpSettings(ConnectorSettings):
    """Defaults that work on a laptop."""

    database_url: SecretStr = Field(
        SecretStr("sqlite:///http.db"),
        description="sqlite:///path/to/file or postgresql://user:password@host/name",
    )
    http_port: int = Field(
        8088, ge=0, le=65535, description="port where integrators call; 0 takes any free one"
    )
