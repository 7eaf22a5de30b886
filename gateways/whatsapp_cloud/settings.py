"""What the gateway of WhatsApp reads from its environment."""

from __future__ import annotations

from pydantic import Field, SecretStr

from gateways.kit.connector import ConnectorSettings


class WhatsappCloudSettings(ConnectorSettings):
    """Defaults that work on a laptop."""

    database_url: SecretStr = Field(
        SecretStr("sqlite:///whatsapp_cloud.db"),
        description="sqlite:///path/to/file or postgresql://user:password@host/name",
    )
