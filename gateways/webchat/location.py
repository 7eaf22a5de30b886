"""Where a visitor is, from a file of addresses (.mmdb) if a setting names one; without it nobody is asked."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

import maxminddb

from gateways.webchat.words import Language
from shared.environment import ConfigError

NOWHERE: Final[dict[str, str]] = {}


class Locations:
    """The file, read as it is needed."""

    def __init__(self, path: Path | None) -> None:
        if path is None:
            self._reader = None
            return
        try:
            self._reader = maxminddb.open_database(path)
        except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
            raise ConfigError(
                [f"{path}: no file of addresses ({error}); correct SWITCHBOARD_LOCATION_FILE or remove it"]
            ) from None

    def of(self, address: str, language: Language) -> dict[str, str]:
        """`country` and `city` of an address, in words; each only where the file knows it."""
        if self._reader is None:
            return NOWHERE
        try:
            found = self._reader.get(ip_address(address))
        except (ValueError, maxminddb.InvalidDatabaseError):
            return NOWHERE
        if not isinstance(found, dict):
            return NOWHERE
        named = {what: _name(found.get(what), language) for what in ("country", "city")}
        return {what: name for what, name in named.items() if name}


def _name(place: Any, language: Language) -> str | None:
    names = place.get("names") if isinstance(place, Mapping) else None
    if not isinstance(names, Mapping):
        return None
    name = names.get(language) or names.get("en")
    return name[:100] if isinstance(name, str) else None
