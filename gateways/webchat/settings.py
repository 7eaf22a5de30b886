"""What the web chat's gateway reads from its environment."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr

from gateways.kit.settings import GatewaySettings
from shared.files.settings import BlobSettings


class WebchatSettings(GatewaySettings, BlobSettings):
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
    uploads_per_minute: int = Field(
        30, ge=1, le=10_000, description="files that one visitor may send in a minute"
    )
    location_file: Path | None = Field(
        None, description="an .mmdb file of addresses: visitors are shown with country and city"
    )
    address_header: str = Field(
        "", description="header in which the proxy in front writes the visitor's address, as X-Real-IP"
    )
