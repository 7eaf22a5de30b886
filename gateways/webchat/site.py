"""A site: one account of the web chat, and the pages that may carry its widget."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal

from pydantic import Field, field_validator

from gateways.kit.accounts import SecretAccount

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
        self._by_origin: dict[str, Site] = {}
        self.replace(sites)

    def replace(self, sites: Sequence[Site]) -> None:
        self._by_key = {site.site_key: site for site in sites}
        self._by_origin = {origin: site for site in reversed(sites) for origin in site.origins}

    def find(self, key: str) -> Site | None:
        return self._by_key.get(key)

    def allowing(self, origin: str) -> Site | None:
        """A site with this origin: asked before the visitor has said which one it is."""
        return self._by_origin.get(origin)
