"""Who takes part: actors, clients' addresses, and where a dialog is."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import Field

from shared.contract.wire import Utc, Wire


class Actor(Wire):
    """Who caused it. A console is a command line of the machine itself."""

    kind: Literal["operator", "client", "service", "bot", "console", "system"]
    id: str
    name: str | None = None


SYSTEM = Actor(kind="system", id="system")


class DialogRef(Wire):
    """Where a dialog is: the identity of contract/ids.py and what it was made of."""

    dialog_id: UUID
    channel: str
    account: str
    chat: str
    kind: Literal["personal", "group"] = "personal"


class Identity(Wire):
    """An address on a channel: what makes the client the same person tomorrow."""

    channel: str
    address: str = Field(max_length=500)
    """The canonical external id of the person on the channel."""
    aliases: tuple[str, ...] = ()
    """Other addresses of the same person, joined when they are learned (BY13)."""
    name: str | None = None
    username: str | None = None
    phone: str | None = None
    """E.164."""
    email: str | None = None
    avatar_id: UUID | None = None
    profile_url: str | None = None
    language: str | None = None
    verified: bool = False
    """The channel, or the host page by HMAC, vouches for it; a form's claim does not."""


class Visit(Wire):
    """Where the visitor of a site is (CH1)."""

    url: str | None = None
    title: str | None = None
    referrer: str | None = None
    utm: dict[str, str] = Field(default_factory=dict)
    language: str | None = None
    time_zone: str | None = None
    country: str | None = None
    city: str | None = None
    user_agent: str | None = None
    at: Utc | None = None
