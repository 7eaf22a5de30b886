"""Settings of the store: of its writer, which listens to the broker, and of its server of queries."""

from __future__ import annotations

from pydantic import Field, SecretStr

from shared.config import Settings
from shared.files.settings import BlobSettings


class StoreSettings(Settings):
    """Both roles share the database; each process has its own ports."""

    database_url: SecretStr = Field(
        SecretStr("sqlite:///.local/store.db"),
        description="sqlite:///path/to/file or postgresql://user:password@host/name",
    )


class WriterSettings(StoreSettings, BlobSettings):
    """`python -m store write`; it alone deletes files of messages."""

    files_kept_days: float = Field(
        30,
        gt=0,
        le=36_500,
        description="days after which the file of a message is deleted; its message stays",
    )


class ServerSettings(StoreSettings):
    """`python -m store serve`."""

    http_host: str = Field("127.0.0.1", description="address for queries, for other services only")
    http_port: int = Field(8083, ge=0, le=65535, description="port for queries; 0 takes any free one")
    service_token: SecretStr = Field(
        min_length=16, description="what a service that asks must present; 16 characters or more"
    )
