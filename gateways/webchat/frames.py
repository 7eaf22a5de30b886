"""The frames of a visitor's browser, read and cleaned. What is absent was not said or was not fit to keep."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias
from uuid import UUID

from gateways.webchat.words import Code
from shared.contract.people import Visit


class BadFrame(Exception):
    """A frame that is refused; `cid` where it names one, so that the widget knows which message it was."""

    def __init__(self, code: Code, cid: str | None = None) -> None:
        super().__init__(code)
        self.code: Code = code
        self.cid = cid


@dataclass(frozen=True, slots=True)
class Contact:
    """What a visitor, or a page about its visitor, says of a person: a claim until it is vouched for."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None
    consent: bool | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """The host page says who its visitor is; `hash` is its word for it (gateways/webchat/identity.py)."""

    id: str
    hash: str
    contact: Contact


@dataclass(frozen=True, slots=True)
class Hello:
    site: str
    token: str | None
    last_seq: int | None
    language: str | None
    visit: Visit | None
    user: Claim | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A message of the visitor; `cid` is the browser's own id of it, `quote` the number of another one."""

    cid: str
    text: str
    traceparent: str | None
    files: tuple[UUID, ...] = ()
    quote: int | None = None
    sticker: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """The visitor has gone to another page."""

    visit: Visit


@dataclass(frozen=True, slots=True)
class Fields:
    """What the page tells of its visitor, or that something happened there (`event:<name>`)."""

    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Writes:
    """The visitor writes, or stopped."""

    on: bool


@dataclass(frozen=True, slots=True)
class Receipt:
    """Everything of ours up to this number has arrived, or has been read."""

    state: Literal["delivered", "read"]
    seq: int


@dataclass(frozen=True, slots=True)
class Closing:
    """The visitor closes the chat (LC8)."""


@dataclass(frozen=True, slots=True)
class Ping:
    pass


Frame: TypeAlias = Hello | Said | Page | Contact | Fields | Writes | Receipt | Closing | Ping
