"""Cases are data: tests/channels/<channel>/*.json, `{why, given, then}`; one runner for all channels.

`then` names what must be so; what it does not name is free. A new bug is a new file whose `why` is the bug.
A channel is played through its translation; one that says more than that has a driver of its own below.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateways.registry import GATEWAYS
from tests.channels import translation_driver, webchat_driver
from tests.channels.case_files import FOLDER, case_paths, channels, read_case, read_exemptions
from tests.channels.scale import mistakes

OWN_DRIVERS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {"webchat": webchat_driver.play}
CASES = case_paths()


@pytest.mark.feature("CH1")
@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_case(path: Path) -> None:
    case, channel = read_case(path), path.parent.name
    if channel in OWN_DRIVERS and not case.given.keys() & translation_driver.ONLY:
        outcome = OWN_DRIVERS[channel](case.given)
    else:
        outcome = translation_driver.play(channel, GATEWAYS[channel].translation, case.given)
    assert not missing(translation_driver.long(case.then), outcome), case.why


@pytest.mark.feature("CH16")
@pytest.mark.parametrize("channel", GATEWAYS)
def test_every_channel_shows_the_scale(channel: str) -> None:
    names = [path.stem for path in CASES if path.parent.name == channel]
    assert not mistakes(names, read_exemptions(FOLDER / channel), GATEWAYS[channel].capabilities)


def test_no_cases_of_an_unknown_channel() -> None:
    assert set(channels()) == set(GATEWAYS)


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
