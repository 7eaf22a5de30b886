"""What the gateway of Telegram bot reads from its environment."""

from __future__ import annotations

from pydantic import Field, SecretStr

from gateways.kit.connector import ConnectorSettings


class TelegramBotSettings(ConnectorSettings):
    """Defaults that work on a laptop."""

    database_url: SecretStr = Field(
        SecretStr("sqlite:///telegram_bot.db"),
        description="sqlite:///path/to/file or postgresql://user:password@host/name",
    )
