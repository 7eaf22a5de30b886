"""Frames and problems: what the page may say, and words for everything that may be refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from gateways.desk import frames
from gateways.desk.row import Row
from gateways.desk.words import of_refusal
from shared.contract.commands import Refusal
from shared.contract.feed import FeedRow, Sight
from shared.contract.refusals import CODES
from shared.metrics import REGISTRY


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        '"resume"',
        '{"t":"delta"}',
        '{"t":"resume","seq":-1}',
        '{"t":"resume","seq":"x"}',
        '{"t":"resume","seq":1e400}',
        '{"t":"resume","seq":' + "9" * 400 + "}",
        "[" * 5000,
        '{"t":"ping"',
    ],
)
def test_what_is_no_frame_is_none(text: str) -> None:
    assert frames.read(text) is None


def test_frames_of_the_page() -> None:
    assert frames.read('{"t":"resume","seq":7,"access":"a"}') == frames.Resume(t="resume", seq=7, access="a")
    assert frames.read('{"t":"resume","seq":null}') == frames.Resume(t="resume")
    assert frames.read('{"t":"ping","more":1}') == frames.Ping(t="ping")


def test_a_delta_hides_what_is_out_of_sight() -> None:
    row = Row(
        FeedRow(
            seq=5,
            at=datetime(2026, 1, 31, tzinfo=UTC),
            entity="conversation",
            id="c",
            what="assigned",
            version=3,
            state={"last_text": "secret", "assignee": "somebody"},
        )
    )
    whole, gone = json.loads(row.frame(visible=True)), json.loads(row.frame(visible=False))
    assert whole["state"] == {"last_text": "secret", "assignee": "somebody"}
    assert (gone["state"], gone["what"], gone["id"], gone["seq"]) == (None, "gone", "c", 5)
    assert "secret" not in row.frame(visible=False)
    assert row.frame(visible=True) is row.frame(visible=True), "written once for all sockets"


def test_a_fresh_message_of_a_client_is_measured_once_and_others_never() -> None:
    def count() -> float:
        name = "switchboard_inbound_e2e_seconds_count"
        return REGISTRY.get_sample_value(name, {"channel_type": "webchat"}) or 0

    received = datetime(2026, 1, 31, tzinfo=UTC)
    sight = Sight(account="webchat.main", status="new")
    told = [("in", None, 1), ("in", None, 3600), ("out", None, 1), ("in", sight, 1)]
    before = count()
    for direction, seen_before, waited in told:
        state = {"direction": direction, "received_at": "2026-01-31T00:00:00Z"}
        row = FeedRow(
            seq=1, at=received, entity="message", id="m", what="received", version=1,
            before=seen_before, after=sight, state=state,
        )  # fmt: skip
        Row(row).tell(received + timedelta(seconds=waited))
    assert count() == before + 1


def test_every_refusal_has_a_status_and_words_in_both_languages() -> None:
    for code in CODES:
        kind = of_refusal(Refusal(code=code)).kind
        assert kind.code == code
        assert kind.status in (403, 404, 409, 422)
        assert kind.words.en != kind.words.ru
