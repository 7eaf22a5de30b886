"""What docs/http-channel.md shows is what the endpoint takes; the example is as short as it says."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest

from gateways.http import parse
from gateways.http.protocol.facts import FactGiven
from gateways.http.protocol.notices import MessageTold

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "http-channel.md").read_text(encoding="utf-8")
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
SHOWN = re.findall(r"<!-- http (parse|form) -->\n```json\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.feature("CH14")
@pytest.mark.parametrize(("way", "shown"), SHOWN)
def test_what_is_shown_is_taken(way: str, shown: str) -> None:
    given = parse.read(shown.encode())
    parse.require(given, ("photo",) if way == "form" else ())
    assert parse.facts(given, "main", NOW).ids


def test_examples_of_each_sort_are_shown() -> None:
    assert sorted(way for way, _ in SHOWN) == ["form", "parse", "parse", "parse"]


def test_every_type_of_fact_is_described() -> None:
    union: Any = get_args(FactGiven)[0]
    types = {get_args(model.model_fields["type"].annotation)[0] for model in get_args(union)}
    listed = set(re.findall(r"`([a-z]+)`", " ".join(re.findall(r"^\| (`[^|]*) \|", PAGE, re.MULTILINE))))
    assert types == listed


def test_the_notice_that_is_shown_is_one() -> None:
    (shown,) = [one for one in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL) if '"author"' in one]
    told = MessageTold.model_validate_json(shown)
    assert set(json.loads(shown)) <= set(MessageTold.model_fields)
    assert told.parts


def test_the_example_is_under_100_lines() -> None:
    lines = (DOCS / "examples" / "http_connector.py").read_text(encoding="utf-8").splitlines()
    assert 0 < len(lines) < 100
