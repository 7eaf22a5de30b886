"""A site: one account of the web chat, and the pages that may carry its widget."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal, Self, TypeAlias
from uuid import UUID

from pydantic import Field, SecretStr, field_validator, model_validator

from gateways.kit.accounts import SHORTEST_SECRET, SecretAccount
from gateways.kit.second_secret import with_second_secret
from gateways.webchat.links import link

Asked: TypeAlias = Literal["name", "phone", "email"]

_ORIGIN: Final = re.compile(r"https?://(\[[0-9a-f:]+\]|[a-z0-9.-]+)(:[0-9]{1,5})?")


class Site(SecretAccount):
    """An entry `[[webchat]]` of the accounts file."""

    site_key: str = Field(
        pattern=r"^[A-Za-z0-9_-]{8,64}$",
        description="8 to 64 of letters, digits, _ and -; public, stands in the page",
    )
    origins: tuple[str, ...] = Field(
        min_length=1, description="addresses of the site's pages, as https://shop.example, without a path"
    )
    language: Literal["ru", "en"] = Field(
        "en", description="ru or en: for visitors whose browser wants neither"
    )

    title: str | None = Field(None, min_length=1, max_length=60, description="what visitors read on top")
    greeting: str | None = Field(
        None, min_length=1, max_length=500, description="the first words of the chat"
    )
    color: str | None = Field(None, pattern=r"^#[0-9a-fA-F]{6}$", description="the chat's colour, as #1a73e8")
    sound: bool = Field(True, description="whether a new message may be heard")
    ask: tuple[Asked, ...] = Field(
        (), description="what is asked before the first message: name, phone, email"
    )
    required: tuple[Asked, ...] = Field((), description="what of `ask` must be told")
    identity_secret_file: str | None = Field(
        None, description="a file beside the accounts file: with it the site's server vouches for its users"
    )
    identity_secret_env: str | None = Field(None, description="the same from a variable")
    identity_secret: SecretStr = SecretStr("")
    """Filled in when the file is read; never written in it."""

    @property
    def shown(self) -> dict[str, Any]:
        """What the widget is told of the site."""
        shown: dict[str, Any] = {"ask": self.ask, "required": self.required, "sound": self.sound}
        named = {"name": self.title, "greeting": self.greeting, "color": self.color}
        return shown | {name: value for name, value in named.items() if value is not None}

    def link(self, attachment: str, dialog: UUID) -> str:
        """The address of a file for the visitor of this dialog."""
        return link(attachment, dialog, self.slug, self.secret.get_secret_value(), time.time())

    @model_validator(mode="after")
    def _asks_what_it_requires(self) -> Self:
        if not set(self.required) <= set(self.ask):
            raise ValueError("required names what is not in ask")
        return self

    @field_validator("origins")
    @classmethod
    def _spelled_as_browsers_do(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if not _ORIGIN.fullmatch(origin):
                raise ValueError(
                    f"{origin[:80]!r} is no origin; write https://shop.example, in small letters, no path"
                )
        return origins


class Sites:
    """The sites of this process by their public keys; replaced when the accounts file changes."""

    def __init__(self, sites: Sequence[Site]) -> None:
        self._by_key: dict[str, Site] = {}
        self._by_slug: dict[str, Site] = {}
        self._by_origin: dict[str, Site] = {}
        self.replace(sites)

    def replace(self, sites: Sequence[Site]) -> None:
        self._by_key = {site.site_key: site for site in sites}
        self._by_slug = {site.slug: site for site in sites}
        self._by_origin = {origin: site for site in reversed(sites) for origin in site.origins}

    def find(self, key: str) -> Site | None:
        return self._by_key.get(key)

    def called(self, slug: str) -> Site | None:
        return self._by_slug.get(slug)

    def allowing(self, origin: str) -> Site | None:
        """A site with this origin: asked before the visitor has said which one it is."""
        return self._by_origin.get(origin)


def with_identity_secrets(sites: Sequence[Site], path: Path, environ: Mapping[str, str]) -> list[Site]:
    """The sites with the secrets by which their hosts vouch for users; raises `ConfigError`."""
    return with_second_secret(sites, path, environ, name="identity_secret", shortest=SHORTEST_SECRET)
