"""The measure of agreement itself: what is stated, what agrees, what differs, what is none of Telegram's."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.telegram_bot_agreement import report, run
from tests.support.telegram_bot_provider import AT, message

pytestmark = pytest.mark.feature("CH3")


def test_agreement_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    right: dict[str, Any] = {
        "kind": "message",
        "external_message_id": 5,
        "sender_id": "42",
        "text": "hi",
        "timestamp": AT + 5,
    }
    lines: list[dict[str, Any]] = [
        {
            "body": {"update_id": 1, **message(5, "hi")},
            "expected": right | {"content_type": "TEXT", "http_status": 200},
        },
        {"body": {"update_id": 1, **message(5, "hi")}, "expected": {"text": "ho"}},
        {"body": {"update_id": 1}, "expected": {"kind": "ignored", "text": "hi"}},
        {"body": {"no": "update"}, "expected": {"kind": "error"}},
    ]
    path = tmp_path / "cases.jsonl"
    path.write_text("\n".join(json.dumps({"source": "us", "case": "one", **line}) for line in lines))
    result = run(path)
    assert (result.cases, result.read, result.kept, result.raised) == (4, 4, 1, [])
    counts = {name: (row.stated, row.agree) for name, row in result.fields.items()}
    assert counts["text"] == (3, 1)
    assert counts["kind"] == (3, 2)
    assert counts["timestamp"] == counts["content_type"] == counts["external_message_id"] == (1, 1)
    report(result)
    assert "text: us one: wanted 'ho', found 'hi'" in capsys.readouterr().out
