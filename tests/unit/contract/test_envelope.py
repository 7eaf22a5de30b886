"""What travels is read back whole: unknown fields kept at every depth, broken bytes refused with a place."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from shared.contract import content, events, inbound, people
from shared.contract.commands import COMMANDS
from shared.contract.envelope import Catalogue, Unknown, wrap
from shared.contract.events import EVENTS
from shared.contract.inbound import FACTS
from shared.contract.outbound import ACTS
from shared.failure import Undecodable

NOW = datetime(2026, 1, 31, 10, 0, tzinfo=UTC)
ID = UUID("019c1386-0d00-7000-8000-000000000001")
CATALOGUE = Catalogue(*FACTS)


def heard(**changes: Any) -> inbound.MessageHeard:
    known: dict[str, Any] = {
        "dialog": people.DialogRef(dialog_id=ID, channel="webchat", account="site", chat="v1"),
        "message_id": ID,
        "external_id": "m-1",
        "sender": people.Identity(channel="webchat", address="v1"),
        "content": content.text_content("Здравствуйте"),
        "received_at": NOW,
    }
    return inbound.MessageHeard(**known | changes)


def document(**changes: Any) -> dict[str, Any]:
    whole = wrap(heard(), id=ID, source="webchat/site", time=NOW, subject=str(ID)).encode()
    return {**json.loads(whole), **changes}


def test_a_round_trip_is_the_same_bytes() -> None:
    body = wrap(
        heard(), id=ID, source="webchat/site", time=NOW, subject=str(ID), traceparent="00-1-2-01"
    ).encode()
    assert CATALOGUE.decode(body).encode() == body == CATALOGUE.decode(body, "inbound.message.v1").encode()


def test_unknown_fields_are_kept_at_every_depth() -> None:
    given = document(novelty={"a": [1]})
    given["data"]["sender"]["shoe_size"] = 43
    given["data"]["content"]["parts"][0]["mood"] = "merry"
    again = json.loads(CATALOGUE.decode(json.dumps(given).encode()).encode())
    assert again["novelty"] == {"a": [1]}
    assert again["data"]["sender"]["shoe_size"] == 43
    assert again["data"]["content"]["parts"][0]["mood"] == "merry"


def test_an_unknown_kind_of_content_is_shown_and_kept() -> None:
    given = document()
    given["data"]["content"]["parts"].append({"kind": "poll", "question": "?"})
    part = CATALOGUE.decode(json.dumps(given).encode()).data.content.parts[1]  # type: ignore[attr-defined]
    assert part == content.Unsupported(raw={"kind": "poll", "question": "?"})


def test_an_unknown_type_is_passed_by_and_kept() -> None:
    envelope = CATALOGUE.decode(json.dumps(document(type="moon.landed.v3", data={"crater": 7})).encode())
    assert isinstance(envelope.data, Unknown)
    assert envelope.data.unknown() == {"crater": 7}


def test_a_wrong_hint_is_no_harm() -> None:
    body = json.dumps(document(type="moon.landed.v3")).encode()
    assert isinstance(CATALOGUE.decode(body, "inbound.message.v1").data, Unknown | inbound.MessageHeard)
    assert isinstance(
        CATALOGUE.decode(json.dumps(document()).encode(), "moon.landed.v3").data, inbound.MessageHeard
    )


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b"", "body"),
        (b"\xff\xfe", "body"),
        (b"null", "body"),
        (b"[]", "body"),
        (b'{"type": 5}', "type"),
        (json.dumps(document(specversion="2.0")).encode(), "specversion"),
        (json.dumps(document(id="nobody")).encode(), "id"),
        (json.dumps(document(data=None)).encode(), "data"),
        (json.dumps(document(time="2026-01-31T10:00:00")).encode(), "time"),
        (b'{"type":"inbound.message.v1","data":' + b"[" * 100_000, "body"),
        (b'{"type":"' + b"x" * 500 + b'"}', "type"),
    ],
    ids=lambda value: value[:24].decode("latin-1") if isinstance(value, bytes) else value,
)
def test_what_is_undecodable_says_where(body: bytes, place: str) -> None:
    with pytest.raises(Undecodable) as refused:
        CATALOGUE.decode(body)
    assert refused.value.reason.startswith(place), refused.value.reason


def test_a_reason_never_repeats_the_words_of_a_message() -> None:
    given = document()
    given["data"]["content"]["parts"] = [{"kind": "text", "text": ["my card is 4111"]}]
    with pytest.raises(Undecodable) as refused:
        CATALOGUE.decode(json.dumps(given).encode())
    assert "4111" not in refused.value.reason


def test_at_most_one_part_is_text() -> None:
    two = (content.Text(text="a"), content.Text(text="b"))
    with pytest.raises(ValueError, match="at most one part of text"):
        content.Content(parts=two)


def test_every_wire_name_is_one_model_and_well_formed() -> None:
    models = [*FACTS, *COMMANDS, *ACTS, *EVENTS]
    names = [model.TYPE for model in models]
    assert len(set(names)) == len(names)
    assert all(len(name.split(".")) == 3 and name.endswith(".v1") for name in names), names


def test_events_of_a_dialog_carry_its_version_and_state() -> None:
    for model in events.DIALOG_EVENTS:
        assert {"dialog", "version", "conversation", "actor", "cause"} <= set(model.model_fields), model
