"""Hostile JSON and forms: each is refused for its reason, and none takes the process with it."""

import pytest

from gateways.kit.payload import MOST_FIELDS, Malformed, read_form, read_json

BOMBS = {
    "deep list": (b"[" * 100_000, "depth"),
    "deep object": (b'{"a":' * 100_000, "depth"),
    "deep and closed": (b"[" * 200 + b"]" * 200, "depth"),
    "just too deep": (b"[" * 162 + b"]" * 162, "depth"),
    "endless integer": (b"1" * 10_000, "number"),
    "endless integer inside": (b'{"id": -' + b"9" * 100_000 + b"}", "number"),
    "beyond 64 bits": (b"9223372036854775808", "number"),
    "NaN": (b'{"a": NaN}', "number"),
    "Infinity": (b"[-Infinity]", "number"),
    "too large a float": (b"1e999", "number"),
    "endless float": (b"0." + b"1" * 100_000, "number"),
    "key twice": (b'{"a": 1, "a": 2}', "duplicate"),
    "key twice by escape": (b'{"a": 1, "\\u0061": 2}', "duplicate"),
    "latin-1": (b'"\xe9"', "encoding"),
    "UTF-16": ('{"a":1}'.encode("utf-16"), "encoding"),
    "byte order mark": (b"\xef\xbb\xbf{}", "syntax"),
    "nothing": (b"", "syntax"),
    "two values": (b"{} {}", "syntax"),
    "cut off": (b'{"a": "b', "syntax"),
    "line break in a string": (b'"\n"', "syntax"),
    "single quotes": (b"{'a': 1}", "syntax"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_hostile_json_is_malformed(name: str) -> None:
    raw, reason = BOMBS[name]
    with pytest.raises(Malformed) as refused:
        read_json(raw)
    assert refused.value.reason == reason


def test_good_json_is_kept() -> None:
    assert read_json('{"a": [1, -2.5, "й", true, null], "b": {}}'.encode()) == {
        "a": [1, -2.5, "й", True, None],
        "b": {},
    }
    assert read_json(b"[" * 160 + b"]" * 160)
    assert read_json(b"-9223372036854775807") == -(2**63 - 1)


def test_what_no_database_holds_is_marked() -> None:
    assert read_json(b'{"a\\u0000": ["\\ud800", "x\\u0000y", "\\ud83d\\ude00"]}') == {
        "a\ufffd": ["\ufffd", "x\ufffdy", "😀"]
    }


def test_forms() -> None:
    assert read_form(b"a=1&b=%D0%B9+x&c=") == {"a": "1", "b": "й x", "c": ""}
    assert read_form(b"") == {}
    for raw, reason in (
        (b"&".join(b"f%d=1" % number for number in range(10_000)), "fields"),
        (b"a=1&a=2", "duplicate"),
        (b"a=%ff", "encoding"),
        (b"a=\xff", "encoding"),
    ):
        with pytest.raises(Malformed) as refused:
            read_form(raw)
        assert refused.value.reason == reason
    assert len(read_form(b"&".join(b"f%d=1" % number for number in range(MOST_FIELDS)))) == MOST_FIELDS
