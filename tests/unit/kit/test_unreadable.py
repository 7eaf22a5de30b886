"""Updates that come together: one that nobody can read is kept, once, and holds up no other."""

import json
from datetime import UTC, datetime
from typing import Any

from gateways.kit.payload import Malformed
from gateways.kit.spool import SpoolRow
from gateways.kit.unreadable import CHAT, readable, unreadable

NOW = datetime(2026, 1, 31, 10, tzinfo=UTC)
GOOD = unreadable("acme", "main", b"stands for a fact", at=NOW, why="test")


def read(update: Any) -> list[SpoolRow]:
    if update == "nothing":
        return []
    if update == "malformed":
        raise Malformed("shape")
    if isinstance(update, dict):
        raise KeyError("our bug")
    return [GOOD]


def test_each_update_by_itself() -> None:
    rows = readable(
        "acme", "main", ["good", {"b": "\ud800", "a": 1}, "nothing", "malformed", "good"], read, at=NOW
    )
    assert [row is GOOD for row in rows] == [True, False, False, True]
    kept = [json.loads(row.body)["data"] for row in rows if row is not GOOD]
    assert [one["dialog"]["chat"] for one in kept] == [CHAT] * 2
    assert [one["content"]["parts"][0]["raw"]["text"] for one in kept] == [
        '{"a": 1, "b": "?"}',
        '"malformed"',
    ]


def test_the_same_update_is_the_same_fact() -> None:
    first, second = (
        readable("acme", "main", [update], read, at=NOW)[0].fact_id
        for update in ({"a": 1, "b": 2}, {"b": 2, "a": 1})
    )
    assert first == second
