"""What every channel's gateway reads from its environment."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from shared.config import Settings


class GatewaySettings(Settings):
    """A channel adds its own fields, and its defaults for `database_url` and `ops_port`."""

    accounts_file: Path = Field(
        Path("accounts.toml"), description="TOML file with the accounts of all channels"
    )
