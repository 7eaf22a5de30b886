"""How far reading agrees with what others expect of notices of VK.

    python -m tests.support.vk_agreement FILE.jsonl

A line is `{"case", "body", "expected": {field: …}}`. Of what is stated, the fields of `READ` are compared.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from gateways.kit.spool import SpoolRow
from gateways.kit.translation import BadPayload
from gateways.vk.channel import TRANSLATION
from gateways.vk.parse import CONFIRMATION
from shared.log import set_level

NOW: Final = datetime(2026, 1, 31, 10, tzinfo=UTC)
NOTHING: Final[Mapping[str, Any]] = {}


@dataclass
class Reading:
    """What we make of one case: our facts and, beside, how it ended."""

    facts: list[dict[str, Any]] = field(default_factory=list)
    refused: bool = False

    @property
    def message(self) -> Mapping[str, Any]:
        """The message that somebody said; nothing where there is none."""
        said = [fact["data"] for fact in self.facts if fact["type"] == "inbound.message.v1"]
        return next((one for one in said if one["dialog"]["chat"] != "unreadable"), NOTHING)

    @property
    def unreadable(self) -> bool:
        return any(fact["data"]["dialog"]["chat"] == "unreadable" for fact in self.facts)


def kind_of(reading: Reading, body: Mapping[str, Any]) -> str:
    """As the others call it."""
    if reading.refused or reading.unreadable:
        return "error"
    if body.get("type") == CONFIRMATION:
        return "http"
    heard = [fact["type"] for fact in reading.facts]
    technical = reading.message.get("content", {}).get("technical")
    return "message" if heard == ["inbound.message.v1"] and not technical else "event"


def seconds(written: str | None) -> float | None:
    return None if written is None else datetime.fromisoformat(written).timestamp()


def places(message: Mapping[str, Any]) -> list[str]:
    parts = message.get("content", {}).get("parts", [])
    return [f"geo:{one['latitude']:f},{one['longitude']:f}" for one in parts if one["kind"] == "location"]


def text_of(message: Mapping[str, Any]) -> str:
    parts = message.get("content", {}).get("parts", [])
    return next((str(part["text"]) for part in parts if part["kind"] == "text"), "")


READ: Final[Mapping[str, Callable[[Reading, Mapping[str, Any]], Any]]] = {
    "kind": kind_of,
    "event_type": lambda reading, body: None if reading.refused else body.get("type"),
    "parses": lambda reading, _body: not (reading.refused or reading.unreadable),
    "text": lambda reading, _body: text_of(reading.message),
    "sender_id": lambda reading, _body: reading.message.get("sender", {}).get("address"),
    "sender_urn": lambda reading, _body: f"vk:{reading.message.get('sender', {}).get('address')}",
    "external_message_id": lambda reading, _body: reading.message.get("external_id"),
    "chat_id": lambda reading, _body: reading.message.get("dialog", {}).get("chat"),
    "timestamp": lambda reading, _body: seconds(reading.message.get("sent_at")),
    "attachments": lambda reading, _body: places(reading.message),
}
STATED: Final[Mapping[str, Callable[[Any], Any]]] = {
    "timestamp": lambda stated: stated if isinstance(stated, int) else seconds(stated),
}


def read(body: Any) -> Reading:
    try:
        rows = TRANSLATION.parse_payload(json.dumps(body).encode(), "main", NOW)
    except BadPayload:
        return Reading(refused=True)
    return Reading([_fact(row) for row in rows])


def _fact(row: SpoolRow) -> dict[str, Any]:
    fact: dict[str, Any] = json.loads(row.body)
    return fact


def main() -> int:
    if len(sys.argv) != 2:
        print("usage: python -m tests.support.vk_agreement FILE.jsonl", file=sys.stderr)
        return 2
    set_level("error")
    stated: Counter[str] = Counter()
    agreed: Counter[str] = Counter()
    differ: list[str] = []
    cases = [json.loads(line) for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines() if line]
    exceptions = 0
    for case in cases:
        try:
            reading = read(case["body"])
        except Exception as error:  # noqa: BLE001  # what this counts
            exceptions += 1
            differ.append(f"{case['case']}: {error!r}")
            continue
        for name in case["expected"].keys() & READ.keys():
            wanted = STATED.get(name, lambda one: one)(case["expected"][name])
            found = READ[name](reading, case["body"])
            stated[name] += 1
            agreed[name] += found == wanted
            if found != wanted:
                differ.append(f"{case['case']}: {name}: stated {wanted!r}, read {found!r}")
    print(f"cases: {len(cases)}; parsed without an exception: {len(cases) - exceptions}")
    for name in sorted(stated):
        print(f"{name:<22}{stated[name]:>6} stated{agreed[name]:>6} agree")
    print(*differ, sep="\n")
    return 1 if exceptions else 0


if __name__ == "__main__":
    sys.exit(main())
