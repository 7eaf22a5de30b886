"""The guards of the cases, each tripped: bad files, missing cases, wrong exemptions."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from shared.contract.capabilities import Capabilities
from tests.channels.case_files import BadCase, case_paths, channels, read_case, read_exemptions
from tests.channels.scale import ANNOUNCED, SCALE, mistakes

GOOD = {"why": "because", "given": {"payload": {}}, "then": {"facts": []}}
ALL_BUT_TEXT = [name for name in SCALE if name != "text"]


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "case.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_good_case(tmp_path: Path) -> None:
    case = read_case(written(tmp_path, json.dumps(GOOD)))
    assert (case.why, case.given, case.then) == (GOOD["why"], GOOD["given"], GOOD["then"])


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('{"why": "a",\n"given": {]}', 2, "not JSON"),
        (b"\xff", 1, "not UTF-8"),
        ("[]", 1, "no object"),
        ("", 1, "not JSON"),
        (json.dumps({name: value for name, value in GOOD.items() if name != "then"}), 1, "then is missing"),
        (json.dumps(GOOD | {"when": 1}, indent=1), 9, "'when' is not known"),
        (json.dumps(GOOD | {"why": " "}, indent=1), 2, "why is empty"),
        (json.dumps(GOOD | {"then": {}}, indent=1), 6, "then is no object"),
        (json.dumps(GOOD | {"given": "x"}, indent=1), 3, "given is no object"),
        ('{"why": "a",\n"given": {"b": 1, "b": 2}}', 2, "'b' stands twice"),
    ],
)
def test_a_bad_case_names_place_and_remedy(tmp_path: Path, text: str | bytes, line: int, words: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(BadCase, match=rf"^{re.escape(str(path))}:{line}: .*{words}.*; \w+ "):
        read_case(path)


@pytest.mark.parametrize(
    ("text", "words"), [(None, "there is no such file"), ('{"text": 1}', "reason of text")]
)
def test_bad_exemptions_name_place_and_remedy(tmp_path: Path, text: str | None, words: str) -> None:
    if text is not None:
        (tmp_path / "exempt.json").write_text(text)
    with pytest.raises(BadCase, match=words):
        read_exemptions(tmp_path)


def test_the_cases_of_a_folder(tmp_path: Path) -> None:
    for name in ("b/text.json", "a/text.json", "a/exempt.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")
    assert [str(path.relative_to(tmp_path)) for path in case_paths(tmp_path)] == [
        "a/text.json",
        "b/text.json",
    ]
    assert channels(tmp_path) == ["a", "b"]


@pytest.mark.parametrize(
    ("names", "exempt", "able", "wanted"),
    [
        (SCALE, {}, {}, None),
        ([*SCALE, "more_than_asked"], {}, {}, None),
        (ALL_BUT_TEXT, {}, {}, "text.json is missing"),
        (ALL_BUT_TEXT, {"text": "it is a telephone"}, {}, None),
        (ALL_BUT_TEXT, {"text": " "}, {}, "without a reason"),
        (SCALE, {"text": "it is a telephone"}, {}, "shown and exempt"),
        (SCALE, {"smell": "none"}, {}, "not of the scale"),
        (SCALE, {}, {"images": True}, "announce images"),
        ([*SCALE, "reply_image"], {}, {"images": True}, None),
    ],
)
def test_the_scale_holds_both_ways(
    names: list[str], exempt: dict[str, str], able: dict[str, Any], wanted: str | None
) -> None:
    found = mistakes(names, exempt, Capabilities(**able))
    assert len(found) == (wanted is not None)
    assert wanted is None or wanted in found[0]


def test_the_scale_is_told_in_sentences() -> None:
    assert all(" " in words and not words.endswith(".") for words in SCALE.values())
    assert ANNOUNCED.keys() <= Capabilities.model_fields.keys()
    assert not SCALE.keys() & set(ANNOUNCED.values())
