"""A mailbox: one account of e-mail. See gateways/README.md for an example.

`secret_file` or `secret_env` holds the password or, where `token_url` is given, the refresh token of OAuth2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Final, Literal, Self, TypeAlias
from zoneinfo import available_timezones

from pydantic import Field, SecretStr, field_validator, model_validator

from gateways.kit.accounts import SecretAccount
from gateways.kit.second_secret import with_second_secret
from shared.contract.addresses import is_mail_address

Security: TypeAlias = Literal["tls", "starttls", "none"]

SUBMISSION_PORTS: Final[Mapping[Security, int]] = {"tls": 465, "starttls": 587, "none": 25}
IMAP_PORTS: Final[Mapping[str, int]] = {"tls": 993, "none": 143}
FILING_HOSTS: Final = ("gmail.com", "googlemail.com", "office365.com", "outlook.com")
"""Servers that put what is sent through them into Sent by themselves."""
_HOST: Final = r"^[A-Za-z0-9.-]+$|^\[?[0-9a-fA-F:]+\]?$"


class EmailAccount(SecretAccount):
    """An entry `[[email]]` of the accounts file."""

    shortest_secret: ClassVar[int] = 1

    address: str = Field(description="the address that clients write to, as support@shop.example")
    user: str | None = Field(
        None, min_length=1, max_length=200, description="how we log in; absent: the address"
    )
    sender_name: str | None = Field(
        None, min_length=1, max_length=100, description="what clients read beside the address"
    )
    imap_host: str = Field(pattern=_HOST, description="the server where mail arrives")
    imap_port: int | None = Field(None, ge=1, le=65535, description="993, or 143 without security")
    imap_security: Literal["tls", "none"] = Field("tls", description="tls or none")
    smtp_host: str = Field(pattern=_HOST, description="the server through which mail is sent")
    smtp_port: int | None = Field(None, ge=1, le=65535, description="465 for tls, 587 for starttls")
    smtp_security: Security = Field("tls", description="tls, starttls or none")
    folders: tuple[str, ...] = Field(("INBOX",), min_length=1, description="folders that are listened to")
    sent_folder: str | None = Field(None, min_length=1, description="where the server keeps what was sent")
    files_its_own_sent: bool | None = Field(
        None,
        description="whether the server itself puts what is sent into sent_folder; known for Gmail, Outlook",
    )
    history_days: int = Field(
        0, ge=0, le=3650, description="mails of so many days before the first start are taken too"
    )
    token_url: str | None = Field(None, pattern=r"^https?://\S+$", description="where OAuth2 gives tokens")
    client_id: str | None = Field(None, min_length=1, description="who we are for OAuth2")
    scope: str | None = Field(None, min_length=1, description="what OAuth2 is asked for")
    client_secret_file: str | None = Field(None, description="a file beside this one, where OAuth2 wants it")
    client_secret_env: str | None = Field(None, description="a variable that holds it")
    client_secret: SecretStr = SecretStr("")
    """Filled in when the file is read; never written in it."""
    believed: tuple[str, ...] = Field(
        (), description="names in Authentication-Results of servers that are ours, as mx.shop.example"
    )
    own_lists: tuple[str, ...] = Field(
        (), description="List-Ids through which clients' mails reach this mailbox, as support.shop.example"
    )
    language: Literal["ru", "en"] = Field("en", description="ru or en: of the line above quoted words")
    time_zone: str = Field("UTC", description="of the times in that line, as Europe/Moscow")
    signature: str | None = Field(
        None,
        max_length=2000,
        description="stands below every mail; {name} becomes the operator's public name",
    )
    plus_addressing: bool = Field(
        False,
        description="whether support+anything@ arrives here too: answers are then known by their address",
    )
    keep_cc: bool = Field(True, description="whether answers go to those too who were in copy")
    largest_bytes: int = Field(
        30 * 1024 * 1024, ge=10_000, description="of a larger mail only sender and subject are fetched"
    )
    mails_per_minute: float = Field(30, gt=0, le=6000, description="how many the server takes from us")
    connections: int = Field(3, ge=1, le=20, description="how many mails are handed over at a time")
    mails_per_hour_from_one: int = Field(
        60, ge=1, description="more from one address within an hour open nothing: a loop, or a program"
    )
    automatic_per_hour_to_one: int = Field(
        5, ge=0, description="automatic mails that one address may get within an hour"
    )

    @property
    def login(self) -> str:
        return self.user or self.address

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]

    @property
    def imap_at(self) -> tuple[str, int]:
        return self.imap_host.strip("[]"), self.imap_port or IMAP_PORTS[self.imap_security]

    @property
    def smtp_at(self) -> tuple[str, int]:
        return self.smtp_host.strip("[]"), self.smtp_port or SUBMISSION_PORTS[self.smtp_security]

    @property
    def files_sent(self) -> bool:
        """Whether the server itself keeps a copy of what is sent."""
        if self.files_its_own_sent is not None:
            return self.files_its_own_sent
        host = self.smtp_host.lower()
        return any(host == known or host.endswith("." + known) for known in FILING_HOSTS)

    @property
    def secrets(self) -> tuple[SecretStr, ...]:
        return (self.secret, self.client_secret) if self.client_secret.get_secret_value() else (self.secret,)

    @field_validator("address")
    @classmethod
    def _plain_address(cls, address: str) -> str:
        if not is_mail_address(address) or not address.isascii() or "+" in address:
            raise ValueError("this is no plain address; write support@shop.example, without a name or a +")
        return address.lower()

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        if zone not in available_timezones():
            raise ValueError(f"there is no time zone {zone[:40]!r}; write one as Europe/Moscow")
        return zone

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.token_url is None) != (self.client_id is None):
            raise ValueError("token_url and client_id stand together: set both for OAuth2, or none")
        if self.files_its_own_sent and self.sent_folder is None:
            raise ValueError("files_its_own_sent needs sent_folder: name the folder")
        if len(set(self.folders)) != len(self.folders):
            raise ValueError("folders names one twice: leave one")
        return self


def with_client_secrets(
    accounts: Sequence[EmailAccount], path: Path, environ: Mapping[str, str]
) -> list[EmailAccount]:
    """The accounts with what OAuth2 wants beside the refresh token; raises `ConfigError`."""
    return with_second_secret(accounts, path, environ, name="client_secret")
