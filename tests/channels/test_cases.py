"""Cases are data: tests/channels/<channel>/*.json, `{why, given, then}`; one runner for all channels.

`then` names what must be so; what it does not name is free. A new bug is a new file whose `why` is the bug.
The scale below is what every channel must show, or say in its `exempt.json` why not.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.channels import webchat_driver

DRIVERS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {"webchat": webchat_driver.play}
SCALE = [
    "text",
    "image",
    "file",
    "voice",
    "video",
    "audio",
    "sticker",
    "location",
    "contact",
    "edit",
    "delete",
    "unsupported",
    "duplicate",
    "out_of_order",
    "bad_signature",
    "throttled",
    "server_error",
    "access_revoked",
    "contact_blocked",
    "too_long",
    "reply",
]
FOLDER = Path(__file__).parent
CASES = [path for path in sorted(FOLDER.glob("*/*.json")) if path.name != "exempt.json"]


@pytest.mark.feature("CH1")
@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_case(path: Path) -> None:
    case = json.loads(path.read_text())
    outcome = DRIVERS[path.parent.name](case["given"])
    assert not list(missing(case["then"], outcome)), case["why"]


@pytest.mark.parametrize("channel", DRIVERS)
def test_every_channel_shows_the_scale(channel: str) -> None:
    names = {path.stem for path in CASES if path.parent.name == channel}
    exempt = json.loads((FOLDER / channel / "exempt.json").read_text())
    assert set(SCALE) - names - exempt.keys() == set(), "show it, or say in exempt.json why not"
    assert exempt.keys() & names == set(), "no longer exempt"
    assert exempt.keys() <= set(SCALE)
    assert all(exempt.values())


def missing(wanted: Any, found: Any, place: str = "") -> list[str]:
    """Where `found` does not hold what is `wanted`."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        return [
            one
            for name, value in wanted.items()
            for one in missing(value, found.get(name, "(absent)"), f"{place}.{name}")
        ]
    if isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        return [
            one
            for index, value in enumerate(wanted)
            for one in missing(value, found[index], f"{place}[{index}]")
        ]
    return [] if wanted == found else [f"{place}: wanted {wanted!r}, found {found!r}"]


def test_the_comparison_finds_differences() -> None:
    assert missing({"a": {"b": [1]}}, {"a": {"b": [2]}, "c": 3}) == [".a.b[0]: wanted 1, found 2"]
    assert missing({"a": 1}, {"a": 1, "c": 3}) == []
