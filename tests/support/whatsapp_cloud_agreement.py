"""How far parsing agrees with what others say of their own notices of WhatsApp.

    python -m tests.support.whatsapp_cloud_agreement FILE.jsonl

A line is {"corpus", "case", "body", "expected": {field: …}}. A body of other fields than these is read by
what it says itself (`type` of the first message); a field that nobody states is not counted.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from gateways.whatsapp_cloud.channel import TRANSLATION
from shared.log import configure

Facts = list[dict[str, Any]]
NOW: Final = datetime(2026, 1, 31, 10, tzinfo=UTC)
KINDS: Final = {
    "message": {"inbound.message.v1", "inbound.edit.v1", "inbound.deletion.v1", "inbound.reaction.v1"},
    "status": {"inbound.delivery.v1"},
}
STATES: Final = {"played": "read", "MsgStatusSent": "sent", "MsgStatusFailed": "failed"}
MEDIA: Final = {"image", "video", "audio", "voice", "file", "sticker"}


def facts_of(body: Any) -> Facts:
    rows = TRANSLATION.parse_payload(json.dumps(body).encode(), "main", NOW)
    return [json.loads(row.body) for row in rows]


def first(facts: Facts) -> dict[str, Any]:
    told = [fact for fact in facts if fact["type"] in KINDS["message"] | KINDS["status"]]
    return dict(told[0]["data"]) if told else {}


def parts(facts: Facts) -> list[dict[str, Any]]:
    return list(first(facts).get("content", {}).get("parts", []))


def files(facts: Facts) -> list[dict[str, Any]]:
    return [part["file"] for part in parts(facts) if part["kind"] in MEDIA and part.get("file")]


def names(facts: Facts) -> set[str]:
    sender = first(facts).get("sender", {})
    return {str(sender.get("address")), *sender.get("aliases", ())}


def text(facts: Facts) -> str:
    return "".join(part["text"] for part in parts(facts) if part["kind"] == "text")


def same_moment(wanted: Any, facts: Facts) -> bool:
    data = first(facts)
    told = data.get("sent_at") or data.get("at") or data.get("edited_at") or data.get("deleted_at")
    if told is None:
        return any(fact["type"] == "inbound.reaction.v1" for fact in facts)
    stated = str(wanted)
    at = datetime.fromtimestamp(int(stated), UTC) if stated.isdigit() else datetime.fromisoformat(stated)
    return datetime.fromisoformat(told) == at


def same_id(wanted: Any, facts: Facts) -> bool:
    """Edits, deletions and reactions name the message that they are about."""
    data = first(facts)
    changed = any(fact["type"] in KINDS["message"] - {"inbound.message.v1"} for fact in facts)
    return changed or data.get("external_id") == wanted


def same_attachments(wanted: Any, facts: Facts) -> bool:
    places = [part for part in parts(facts) if part["kind"] == "location"]
    told = [f"geo:{one['latitude']:f},{one['longitude']:f}" for one in places]
    return [one for one in wanted if one.startswith("geo:")] == told and len(wanted) == len(
        told + files(facts)
    )


def same_kind(wanted: Any, facts: Facts) -> bool:
    if wanted in ("ignored", "error"):
        return not facts
    return any(fact["type"] in KINDS.get(wanted, set()) for fact in facts)


def state(facts: Facts) -> Any:
    return first(facts).get("state")


FIELDS: Final[Mapping[str, Callable[[Any, Facts], bool]]] = {
    "kind": same_kind,
    "external_message_id": same_id,
    "timestamp": same_moment,
    "sender_id": lambda wanted, facts: wanted in names(facts),
    "sender_name": lambda wanted, facts: first(facts).get("sender", {}).get("name") == wanted,
    "text": lambda wanted, facts: text(facts) == wanted,
    "status": lambda wanted, facts: state(facts) == STATES.get(wanted, wanted),
    "statuses": lambda wanted, facts: state(facts) in {_word(one["Status"]) for one in wanted},
    "reply_to": lambda wanted, facts: (
        (first(facts)["content"].get("quote") or {}).get("external_id") == wanted
    ),
    "attachments": same_attachments,
    "attachment_mime": lambda wanted, facts: wanted in [file["mime_type"] for file in files(facts)],
    "attachment_filename": lambda wanted, facts: wanted in [file["name"] for file in files(facts)],
    "payload": lambda wanted, facts: (first(facts)["content"].get("pressed") or {}).get("payload") == wanted,
    "reaction": lambda wanted, facts: first(facts).get("emoji") == ([wanted] if wanted else []),
    "lat": lambda wanted, facts: wanted in [part.get("latitude") for part in parts(facts)],
    "lon": lambda wanted, facts: wanted in [part.get("longitude") for part in parts(facts)],
}


def _word(status: str) -> str:
    bare = status.strip("<>").rpartition(".")[2]
    return STATES.get(bare, bare)


def run(lines: Sequence[str]) -> int:
    """Prints what was found; how many cases raised."""
    cases = [json.loads(line) for line in lines if line.strip()]
    stated: Counter[str] = Counter()
    agreed: Counter[str] = Counter()
    raised = 0
    for case in cases:
        name = f"{case.get('corpus')} {case.get('case')}"
        try:
            facts = facts_of(case["body"])
        except Exception as error:  # noqa: BLE001  # that it raises is what is counted
            raised += 1
            print(f"raised    {name}: {type(error).__name__} {error}")
            continue
        for field, wanted in case["expected"].items():
            if field not in FIELDS or wanted is None:
                continue
            stated[field] += 1
            if _agrees(field, wanted, facts):
                agreed[field] += 1
            else:
                print(f"differs   {name}: {field} {wanted!r}; ours {_shown(facts)}")
    print(f"{len(cases)} cases, {len(cases) - raised} parsed without an exception")
    for field, count in stated.most_common():
        print(f"{field:22} {agreed[field]} of {count}")
    return raised


def _agrees(field: str, wanted: Any, facts: Facts) -> bool:
    try:
        return FIELDS[field](wanted, facts)
    except KeyError:
        return False


def _shown(facts: Facts) -> str:
    return json.dumps([[fact["type"], fact["data"].get("external_id")] for fact in facts])


if __name__ == "__main__":
    configure("agreement", "", stream=sys.stderr.buffer)
    sys.exit(1 if run(Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()) else 0)
