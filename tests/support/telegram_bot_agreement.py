"""How far our reading of Telegram's updates agrees with what other systems expect of the same payloads.

    python -m tests.support.telegram_bot_agreement FILE.jsonl

A line of the file is `{"source", "case", "body", "expected": {field: …}}`. Printed: how many cases, how many
read without an exception, of each stated field how many agree, and each disagreement in a line.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from gateways.kit.payload import Malformed
from gateways.telegram_bot import parse

NOW: Final = datetime(2026, 1, 31, 10, tzinfo=UTC)
NO_FACT: Final = "(no fact)"

Fact = Mapping[str, Any]
"""`type` and `data` of the first fact of a case; empty where it has none."""

_KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "inbound.message.v1": "message",
        "inbound.edit.v1": "edit",
        "inbound.deletion.v1": "delete",
        "inbound.press.v1": "callback",
        "inbound.reaction.v1": "event",
        "inbound.members.v1": "event",
    }
)
_PARTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "TEXT": "text", "PHOTO": "image", "DOCUMENT": "file", "VOICE": "voice", "VIDEO": "video",
        "VIDEO_NOTE": "video", "ANIMATION": "video", "LIVE_PHOTO": "video", "AUDIO": "audio",
        "STICKER": "sticker", "LOCATION": "location", "VENUE": "location", "CONTACT": "contact",
        "WEB_APP_DATA": "text", "RICH_MESSAGE": "text",
    }
)  # fmt: skip
"""A kind of Telegram's own → the first part that it becomes; any other is unsupported."""


@dataclass
class Agreement:
    """Of one field: how many cases state it, how many agree, and the others."""

    stated: int = 0
    agree: int = 0
    differ: list[str] = field(default_factory=list)


@dataclass
class Run:
    cases: int = 0
    read: int = 0
    kept: int = 0
    """Of those read: none of Telegram's, kept as it came."""
    raised: list[str] = field(default_factory=list)
    fields: dict[str, Agreement] = field(default_factory=dict)


def content_of(fact: Fact) -> Mapping[str, Any]:
    content: Mapping[str, Any] = fact["data"].get("content") or {}
    return content


def texts(fact: Fact) -> str:
    return next((one["text"] for one in content_of(fact).get("parts", ()) if one["kind"] == "text"), "")


def first_part(fact: Fact) -> str:
    parts = content_of(fact).get("parts")
    return str(parts[0]["kind"]) if parts else str(fact["type"])


def attached(fact: Fact) -> int:
    """Files and places; other systems tell a place as one."""
    parts = content_of(fact).get("parts", ())
    return sum(1 for one in parts if "file" in one or one["kind"] == "location")


def seconds(fact: Fact) -> float | None:
    told = fact["data"].get("sent_at") or fact["data"].get("edited_at")
    return None if told is None else datetime.fromisoformat(told).timestamp()


def moment(stated: Any) -> float:
    if isinstance(stated, str):
        return datetime.fromisoformat(stated).timestamp()
    return float(stated)


def sender(fact: Fact) -> Mapping[str, Any]:
    told: Mapping[str, Any] = fact["data"].get("sender") or {}
    return told


ANSWERED: Final[Mapping[str, tuple[Callable[[Fact], Any], Callable[[Any], Any]]]] = MappingProxyType(
    {
        "kind": (lambda fact: _KINDS.get(fact["type"], fact["type"]), str),
        "external_message_id": (lambda fact: fact["data"].get("external_id"), str),
        "chat_id": (lambda fact: fact["data"]["dialog"]["chat"].rpartition(":")[2], str),
        "sender_id": (lambda fact: sender(fact).get("address"), str),
        "sender_name": (lambda fact: sender(fact).get("name"), str),
        "text": (texts, str),
        "timestamp": (seconds, moment),
        "content_type": (first_part, lambda stated: _PARTS.get(stated, "unsupported")),
        "attachments": (attached, len),
        "payload": (lambda fact: (content_of(fact).get("pressed") or {}).get("payload"), str),
        "reply_to": (lambda fact: (content_of(fact).get("quote") or {}).get("external_id"), str),
    }
)
"""A field that others state → what we have for it, and how theirs is compared."""


def compare(result: Run, name: str, facts: Sequence[Fact], expected: Mapping[str, Any]) -> None:
    """Counts one case."""
    for key, stated in expected.items():
        if key not in ANSWERED:
            continue
        ours, theirs = ANSWERED[key]
        row = result.fields.setdefault(key, Agreement())
        row.stated += 1
        wanted = theirs(stated)
        found = ours(facts[0]) if facts else "ignored" if key == "kind" else NO_FACT
        if found == wanted:
            row.agree += 1
        else:
            row.differ.append(f"{name}: wanted {wanted!r}, found {found!r}")


def run(path: Path) -> Run:
    """The cases of a file."""
    result = Run()
    for line in path.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        name = f"{case['source']} {case['case']}"
        result.cases += 1
        try:
            facts = [json.loads(row.body) for row in parse.facts(case["body"], "main", NOW)]
        except Malformed:
            result.kept += 1
            facts = []
        except Exception as error:  # noqa: BLE001  # what is counted here
            result.raised.append(f"{name}: {error!r}")
            continue
        result.read += 1
        compare(result, name, facts, case["expected"])
    return result


def report(result: Run) -> None:
    print(
        f"cases: {result.cases}; read without an exception: {result.read}, kept as they came: {result.kept}"
    )
    for line in result.raised:
        print("  raised", line)
    print(f"\n{'field':<22}{'stated':>8}{'agree':>8}")
    for name, row in sorted(result.fields.items()):
        print(f"{name:<22}{row.stated:>8}{row.agree:>8}")
    for name, row in sorted(result.fields.items()):
        for line in row.differ:
            print(f"{name}: {line}")


def main() -> int:
    if len(sys.argv) != 2:
        print("usage: python -m tests.support.telegram_bot_agreement FILE.jsonl", file=sys.stderr)
        return 2
    result = run(Path(sys.argv[1]))
    report(result)
    return 1 if result.raised else 0


if __name__ == "__main__":
    sys.exit(main())
