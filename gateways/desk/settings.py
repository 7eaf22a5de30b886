"""Settings of the desk."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Final, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, model_validator

from shared.files.settings import BlobSettings

_PAGE: Final = Path(__file__).parent / "web" / "dist"


def _origin(text: str) -> str:
    """`scheme://host[:port]` as browsers write it."""
    parts = urlsplit(text)
    if (
        parts.scheme not in ("http", "https")
        or not parts.netloc
        or parts.path not in ("", "/")
        or parts.query
    ):
        raise ValueError("write the address as https://desk.example.org, without a path")
    return f"{parts.scheme}://{parts.netloc}".lower()


def _network(text: str) -> str:
    try:
        return str(ip_network(text, strict=False))
    except ValueError:
        raise ValueError("write networks as 10.0.0.0/8") from None


class DeskSettings(BlobSettings):
    """What the desk needs beyond every service's settings."""

    database_url: SecretStr = Field(
        SecretStr("sqlite:///.local/data/desk.db"),
        description="sqlite:///path or postgresql://user:password@host/name",
    )
    http_host: str = Field("127.0.0.1", description="address on which the workplace listens")
    http_port: int = Field(
        8080, ge=0, le=65535, description="port on which the workplace listens; 0 takes any free one"
    )
    store_url: str = Field(
        "http://127.0.0.1:8083", pattern=r"^https?://", description="address of the store's queries"
    )
    service_token: SecretStr = Field(
        min_length=16, description="the word by which the services know each other"
    )
    public_origins: tuple[Annotated[str, AfterValidator(_origin)], ...] = Field(
        (), description="addresses under which operators open the workplace; none: this machine's own"
    )
    trusted_proxies: tuple[Annotated[str, AfterValidator(_network)], ...] = Field(
        (), description="networks of the proxies whose X-Forwarded-For is believed"
    )
    session_idle_hours: float = Field(
        72, gt=0, le=24 * 90, description="hours after which an unused session ends"
    )
    session_days: float = Field(30, gt=0, le=365, description="days after which every session ends")
    feed_rows: int = Field(
        10_000, ge=256, le=1_000_000, description="rows of the feed that are kept in memory"
    )
    page_folder: Path = Field(_PAGE, description="where the built workplace page is")

    @model_validator(mode="after")
    def _has_an_address(self) -> Self:
        if self.http_port == 0 and not self.public_origins:
            raise ValueError(
                "any free port needs public_origins: say under which address the workplace is opened"
            )
        return self

    @property
    def origins(self) -> tuple[str, ...]:
        """Where operators open the workplace."""
        here = ("127.0.0.1", "localhost")
        return self.public_origins or tuple(f"http://{host}:{self.http_port}" for host in here)
