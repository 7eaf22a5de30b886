"""What the web chat's gateway reads from its environment."""

from __future__ import annotations

from pydantic import Field, SecretStr

from gateways.kit.settings import GatewaySettings


class WebchatSettings(GatewaySettings):
    """Defaults that work on a laptop; behind a proxy only `http_host` and `http_port` matter."""

    database_url: SecretStr = Field(
        SecretStr("sqlite:///webchat.db"),
        description="sqlite:///path/to/file or postgresql://user:password@host/name",
    )
    http_host: str = Field("127.0.0.1", description="address where visitors' browsers connect")
    http_port: int = Field(8082, ge=0, le=65535, description="port where visitors' browsers connect")
    rate_messages: int = Field(
        10, ge=1, le=10_000, description="messages that one visitor may send in rate_seconds"
    )
    rate_seconds: float = Field(10, gt=0, le=3600, description="seconds in which rate_messages may be sent")
