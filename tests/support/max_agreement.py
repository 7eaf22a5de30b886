"""How far our reading of MAX agrees with what others expect of their payloads.

    python -m tests.support.max_agreement FILE.jsonl

FILE has one case a line: `{"case": …, "body": {an update}, "expected": {field: …}}`. Printed: how many were
parsed without an exception; for each field how many state it and how many of them agree; each disagreement.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from gateways.max.channel import TRANSLATION
from shared.log import configure

NOW: Final = datetime(2026, 1, 31, 10, tzinfo=UTC)
KINDS: Final = {
    "inbound.message.v1": "message",
    "inbound.edit.v1": "edit",
    "inbound.deletion.v1": "delete",
    "inbound.press.v1": "callback",
    "inbound.members.v1": "event",
}
Fact = dict[str, Any]


def kind(fact: Fact) -> str:
    """A technical message is what others call an event."""
    technical = fact["data"].get("content", {}).get("technical")
    return "event" if technical else KINDS.get(str(fact["type"]), "other")


def person(fact: Fact) -> Mapping[str, Any]:
    data = fact["data"]
    people = [data.get("sender"), *data.get("joined", ()), *data.get("left", ())]
    return next((one for one in people if one), {})


def text(fact: Fact) -> str | None:
    parts = fact["data"].get("content", {}).get("parts", ())
    return next((part["text"] for part in parts if part["kind"] == "text"), None)


def milliseconds(fact: Fact) -> int | None:
    data = fact["data"]
    told = data.get("sent_at") or data.get("edited_at") or data.get("deleted_at")
    return None if told is None else round(datetime.fromisoformat(told).timestamp() * 1000)


def attachments(fact: Fact) -> list[str]:
    parts = fact["data"].get("content", {}).get("parts", ())
    return [part["kind"] for part in parts if part["kind"] != "text"]


READ: Final[Mapping[str, Callable[[Fact], Any]]] = {
    "kind": kind,
    "external_message_id": lambda fact: fact["data"].get("external_id"),
    "chat_id": lambda fact: fact["data"]["dialog"]["chat"],
    "sender_id": lambda fact: person(fact).get("address"),
    "sender_name": lambda fact: person(fact).get("name"),
    "text": text,
    "timestamp": milliseconds,
    "attachment_kinds": attachments,
    "reply_to": lambda fact: (fact["data"].get("content", {}).get("quote") or {}).get("external_id"),
}


def run(path: Path) -> int:
    """Prints the figures; the number of cases that were not parsed."""
    stated: Counter[str] = Counter()
    agreed: Counter[str] = Counter()
    differ: list[str] = []
    cases, failed = 0, 0
    for line in path.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        cases += 1
        try:
            rows = TRANSLATION.parse_payload(json.dumps(case["body"]).encode(), "main", NOW)
        except Exception as error:  # noqa: BLE001  # what is counted here
            failed += 1
            differ.append(f"{case['case']}: not parsed: {type(error).__name__}: {error}")
            continue
        facts = [json.loads(row.body) for row in rows]
        for field, wanted in case["expected"].items():
            if field not in READ:
                continue
            stated[field] += 1
            found = [READ[field](fact) for fact in facts]
            if wanted in found:
                agreed[field] += 1
            else:
                differ.append(f"{case['case']}: {field}: wanted {wanted!r}, read {found!r}")
    print(f"cases: {cases}; parsed without an exception: {cases - failed}")
    for field in sorted(stated):
        print(f"{field:<22}{stated[field]:>6} stated {agreed[field]:>6} agree")
    print(*differ, sep="\n")
    return failed


if __name__ == "__main__":
    configure("agreement", "", stream=sys.stderr.buffer)
    if len(sys.argv) != 2:
        sys.exit("usage: python -m tests.support.max_agreement FILE.jsonl")
    sys.exit(1 if run(Path(sys.argv[1])) else 0)
