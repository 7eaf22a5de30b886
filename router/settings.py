"""Settings of the router. Its command lines need the broker's address only."""

from __future__ import annotations

from pydantic import Field, SecretStr

from shared.config import Settings


class RouterSettings(Settings):
    """What every service needs; the lease and the batches are the loop's own matter."""

    database_url: SecretStr = Field(
        SecretStr("sqlite:///.local/data/router.db"),
        description="sqlite:///path or postgresql://user:password@host/name",
    )
