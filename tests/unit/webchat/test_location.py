"""Where a visitor is, from a file of addresses; written here byte for byte: no foreign file is needed."""

from pathlib import Path
from typing import Any

import pytest

from gateways.webchat.location import Locations
from shared.environment import ConfigError

pytestmark = pytest.mark.feature("CH1")

MADRID = {
    "country": {"iso_code": "ES", "names": {"en": "Spain", "ru": "Испания"}},
    "city": {"names": {"en": "Madrid"}},
}


WIDE = {"node_count": b"\xc4", "build_epoch": b"\x08\x02"}
"""Numbers that are wider than 16 bits, by their type and size: 32 and 64."""


def encoded(value: Any, number: bytes = b"\xa2") -> bytes:
    """A value as the data section has it: a type and a size, then the value."""
    if isinstance(value, dict):
        pairs = b"".join(encoded(name) + encoded(one, WIDE.get(name, b"\xa2")) for name, one in value.items())
        return bytes([7 << 5 | len(value)]) + pairs
    if isinstance(value, list):
        return bytes([len(value), 11 - 7]) + b"".join(map(encoded, value))
    if isinstance(value, str):
        raw = value.encode()
        return bytes([2 << 5 | len(raw)]) + raw
    return number + int(value).to_bytes(number[0] & 31, "big")


def database(path: Path, everywhere: Any) -> Path:
    """A file in which every IPv4 address is at the same place: one node, both of its branches lead there."""
    place = (1 + 16).to_bytes(3, "big")
    about = {
        "node_count": 1, "record_size": 24, "ip_version": 4, "database_type": "Test", "languages": ["en"],
        "binary_format_major_version": 2, "binary_format_minor_version": 0, "build_epoch": 1,
        "description": {"en": "test"},
    }  # fmt: skip
    path.write_bytes(
        place + place + bytes(16) + encoded(everywhere) + b"\xab\xcd\xefMaxMind.com" + encoded(about)
    )
    return path


def test_country_and_city_in_the_readers_words(tmp_path: Path) -> None:
    locations = Locations(database(tmp_path / "places.mmdb", MADRID))
    assert locations.of("192.0.2.1", "en") == {"country": "Spain", "city": "Madrid"}
    assert locations.of("192.0.2.1", "ru") == {"country": "Испания", "city": "Madrid"}


def test_what_is_no_address_is_nowhere(tmp_path: Path) -> None:
    locations = Locations(database(tmp_path / "places.mmdb", MADRID))
    for address in ("", "unknown", "192.0.2.999", "::1", "'; DROP"):
        assert locations.of(address, "en") == {}
    assert (
        Locations(database(tmp_path / "odd.mmdb", {"city": {"names": 7}, "country": "x"})).of(
            "192.0.2.1", "en"
        )
        == {}
    )
    assert Locations(None).of("192.0.2.1", "en") == {}


def test_a_file_that_is_none_is_told_with_its_remedy(tmp_path: Path) -> None:
    (tmp_path / "no.mmdb").write_text("nothing of the kind")
    for path in (tmp_path / "no.mmdb", tmp_path / "absent.mmdb"):
        with pytest.raises(ConfigError, match="SWITCHBOARD_LOCATION_FILE"):
            Locations(path)
