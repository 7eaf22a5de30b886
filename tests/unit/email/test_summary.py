"""What a mail looks like as plain data."""

import json
from hashlib import sha256

import pytest

from gateways.email.reading.reader import read
from gateways.email.reading.summary import summary
from tests.support.letters import letter_of, part

pytestmark = pytest.mark.feature("CH11")


def test_a_summary_is_plain_data() -> None:
    raw = letter_of(
        "mixed",
        part("Спасибо\n\nOn 21/11/2026 10:12, Desk wrote:\n> Где?\n"),
        part("pdf", "application/pdf", disposition='attachment; filename="a b.pdf"'),
        headers={"In-Reply-To": "<0@example.com>", "Cc": "c@example.org"},
    )
    found = json.loads(json.dumps(summary(read(raw))))
    assert found["sender"] == {"name": "Anna", "address": "anna@example.org"}
    assert found["to"] == [{"name": None, "address": "desk@example.com"}]
    assert found["cc"] == [{"name": None, "address": "c@example.org"}]
    assert (found["subject"], found["date"]) == ("Order 12", "2026-11-21T10:12:00+03:00")
    assert (found["message_id"], found["in_reply_to"], found["references"]) == (
        "1@example.org",
        ["0@example.com"],
        [],
    )
    assert (found["reply_text"], found["kind"], found["html"]) == ("Спасибо", "message", None)
    assert found["quoted_text"].startswith("On 21/11/2026")
    assert found["attachments"] == [
        {
            "name": "a b.pdf",
            "saved_as": "a_b.pdf",
            "type": "application/pdf",
            "size": 3,
            "sha256": sha256(b"pdf").hexdigest(),
            "inline": False,
            "content_id": None,
        }
    ]
