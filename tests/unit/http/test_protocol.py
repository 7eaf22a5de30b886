"""Rules, answers and forms: what the cases cannot say."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from gateways.http import parse, rules
from gateways.http.form import MOST_FIELDS, fields
from gateways.http.render import judged
from gateways.kit.http import Answer
from gateways.kit.payload import Malformed
from gateways.kit.retrying import Troubling
from shared.contract.envelope import Catalogue
from shared.contract.inbound import FACTS, MessageHeard
from shared.failure import Rejected, Retryable
from shared.http.problem import Problem
from tests.support.http_provider import message
from tests.unit.router.people import Desk

NOW = datetime(2026, 1, 31, 10, tzinfo=UTC)


def told(*facts: dict[str, Any], uploads: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """The faults of these facts: place and code."""
    try:
        read = parse.read(json.dumps({"facts": facts}).encode())
        parse.require(read, uploads)
        parse.facts(read, "main", NOW)
    except Problem as problem:
        return [(fault.where, fault.code) for fault in problem.faults]
    return []


def with_parts(*parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return message("m1", "", **more) | {"parts": list(parts)}


TEXT = {"kind": "text", "text": "hello"}
CALL = {
    "type": "call", "chat": "c", "id": "k", "direction": "in", "state": "ended", "person": {"id": "p"},
    "at": "2026-01-31T10:00:00Z",
}  # fmt: skip
UPLOADED = {"kind": "file", "file": {"upload": "bill"}}


@pytest.mark.parametrize(
    ("fact", "uploads", "faults"),
    [
        (message("m1", "hello"), (), []),
        (with_parts(), (), [("body.facts.0.parts", "too_few")]),
        (with_parts(pressed={"payload": "y"}), (), []),
        (with_parts(TEXT, TEXT), (), [("body.facts.0.parts", "too_many")]),
        (with_parts(UPLOADED), ("bill",), []),
        (with_parts(UPLOADED), (), [("body.facts.0.parts.0.file.upload", "no_such_upload")]),
        (with_parts(TEXT), ("bill",), [("body", "file_not_named")]),
        (with_parts({"kind": "file", "file": {}}), (), [("body.facts.0.parts.0.file", "one_of")]),
        (
            with_parts({"kind": "voice", "file": {"upload": "a", "url": "https://crm.example/a"}}),
            ("a",),
            [("body.facts.0.parts.0.file", "one_of")],
        ),
        (
            with_parts({"kind": "file", "file": {"url": "ftp://x/"}}),
            (),
            [("body.facts.0.parts.0.file.url", "wrong_form")],
        ),
        (CALL | {"recording": {"url": "https://pbx.example/1"}}, (), []),
        (CALL | {"recording": {}}, (), [("body.facts.0.recording", "one_of")]),
        (message("m1", "", context={"x": "y" * 4096}), (), [("body.facts.0.context", "too_large")]),
        (
            with_parts({"kind": "unsupported", "words": "a poll", "raw": "x" * 70_000}),
            (),
            [("body.facts.0.parts.0.raw", "too_large")],
        ),
        (with_parts({"kind": "text", "text": "x" * 50_001}), (), [("body.facts.0.parts.0.text", "too_long")]),
        (message("m1", "", id=""), (), [("body.facts.0.id", "too_short")]),
        (
            message("m1", "", sender={"id": "u", "phone": "8 916"}),
            (),
            [("body.facts.0.sender.phone", "wrong_form")],
        ),
        (
            {"type": "edit", "chat": "c"},
            (),
            [("body.facts.0.message", "missing"), ("body.facts.0.at", "missing")],
        ),
        (CALL | {"duration_seconds": "12"}, (), [("body.facts.0.duration_seconds", "not_number")]),
    ],
)
def test_every_broken_rule_is_told_with_its_field(
    fact: dict[str, Any], uploads: tuple[str, ...], faults: list[tuple[str, str]]
) -> None:
    assert told(fact, uploads=uploads) == faults


def test_a_fact_too_large_to_travel_is_refused_before_it_is_kept() -> None:
    raw = {"kind": "unsupported", "words": "a poll", "raw": "x" * 60_000}
    assert told(with_parts(*[raw] * 5)) == [("body.facts.0", "too_large")]
    assert not told(with_parts(*[raw] * 3))
    assert told(*[message(str(number), "x") for number in range(101)]) == [("body.facts", "too_many")]


def answer(status: int, body: Any = None, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, CIMultiDictProxy(CIMultiDict(named)), json.dumps(body).encode())


@pytest.mark.parametrize("status", [301, 304, 408, 409, 425, 429, 500, 502, 503, 504, 599])
def test_what_may_go_later_puts_off_its_chat_alone(status: int) -> None:
    with pytest.raises(Troubling, match="after 1 s") as raised:
        judged(answer(status), UUID(int=1))
    assert str(status) in raised.value.words


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_for_the_whole_account(status: int) -> None:
    with pytest.raises(Retryable) as raised:
        judged(answer(status, Retry_After="12"), UUID(int=1))
    assert (raised.value.after, raised.value.scope) == (12, "account")


@pytest.mark.parametrize(
    ("status", "body", "code", "words"),
    [
        (
            400,
            {"code": "Not A Code", "words": 7},
            "refused",
            "The integrator's system refuses this message (400).",
        ),
        (422, {"title": "No", "detail": "The order is closed."}, "refused", "The order is closed."),
        (404, "<html>", "refused", "The integrator's system refuses this message (404)."),
        (403, {"code": "contact_gone", "words": "x" * 600}, "contact_gone", "x" * 500),
    ],
)
def test_a_refusal_is_told_in_the_integrators_words(status: int, body: Any, code: str, words: str) -> None:
    with pytest.raises(Rejected) as raised:
        judged(answer(status, body), UUID(int=1))
    assert (raised.value.code, raised.value.words) == (code, words)


def form(*parts: tuple[str, bytes], boundary: str = "b", begin: bytes = b"") -> bytes:
    body = begin
    for name, content in parts:
        body += (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
            + content
            + b"\r\n"
        )
    return body + f"--{boundary}--\r\n".encode()


@given(st.lists(st.binary(max_size=60), max_size=5))
def test_a_forms_fields_are_found_byte_for_byte(contents: list[bytes]) -> None:
    parts = [(f"f{number}", content) for number, content in enumerate(contents)]
    body = form(*parts, boundary="-----unlikely")
    found = fields(body, "-----unlikely")
    assert [(name, field.value(body)) for name, field in found.items()] == parts
    assert [b"".join(field.chunks(body)) for field in found.values()] == contents


def test_a_preamble_and_file_names_of_all_scripts_are_read() -> None:
    head = 'Content-Disposition: form-data; name="bill"; filename="счёт.pdf"\r\nContent-Type: application/pdf'
    body = b"hello\r\n--b\r\n" + head.encode() + b"\r\n\r\nx\r\n--b--"
    assert fields(body, "b")["bill"].filename == "счёт.pdf"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--b",
        b"--b\r\n",
        b"--bother\r\n\r\n--b--",
        form(("a", b"1"), ("a", b"2")),
        form(("", b"1")),
        form(*[(str(number), b"") for number in range(MOST_FIELDS + 1)]),
        form(("a", b"1"))[:-6],
        b"--b\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--b--",
        form(("a", b"x")).replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n", 1),
        b"--b\r\n" + b"x" * 9000 + b"\r\n\r\nx\r\n--b--",
    ],
)
def test_what_is_no_form_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        fields(body, "b")


@given(st.binary(max_size=200))
def test_any_bytes_are_a_form_or_malformed(body: bytes) -> None:
    with suppress(Malformed):
        fields(b"--b\r\n" + body, "b")


@pytest.mark.feature("BY11")
@pytest.mark.parametrize("sent_at", ["2012-06-01T10:00:00Z", "2026-01-31T09:59:59Z", "2199-01-01T00:00:00Z"])
def test_imported_history_opens_nothing_whatever_its_date(sent_at: str) -> None:
    """What the router decides of a message of `history`: a line, and nothing more."""
    fact = message("m1", "long ago", history=True, sent_at=sent_at, context={"thread": 1})
    (row,) = parse.facts(parse.read(json.dumps(fact).encode()), "main", NOW).rows
    desk = Desk()
    decision = desk.give(Catalogue(*FACTS).decode(row.body).data)
    assert [effect.TYPE for effect in decision.effects] == ["message.received.v1"]
    assert decision.state is not None
    assert decision.state.conversation is None
    assert not decision.state.provider, "what was so then is no news of the chat"
    desk.hear()
    before = desk.conversation
    desk.give(Catalogue(*FACTS).decode(row.body).data)
    assert desk.conversation == before


@pytest.mark.parametrize(
    ("url", "way"),
    [
        ("https://crm.example/files/1", "provider"),
        ("https://CRM.example/files/1", "provider"),
        ("https://crm.example:8443/files/1", "anywhere"),
        ("http://crm.example/files/1", "anywhere"),
        ("https://crm.example.evil.example/1", "anywhere"),
        ("https://crm.example@evil.example/1", "anywhere"),
    ],
)
def test_only_what_lies_beside_the_webhook_may_lie_in_our_network(url: str, way: str) -> None:
    fact = with_parts({"kind": "file", "file": {"url": url}})
    read = parse.read(json.dumps(fact).encode())
    (row,) = parse.facts(read, "main", NOW, webhook="https://crm.example/hook").rows
    assert [file.way for file in row.files] == [way]
    assert [file.way for file in parse.facts(read, "main", NOW).rows[0].files] == ["anywhere"]


@pytest.mark.parametrize(
    ("sent_at", "old"),
    [("2026-01-01T10:00:01Z", False), ("2026-01-01T09:59:59Z", True), ("2012-06-01T10:00:00Z", True)],
)
def test_what_is_older_than_the_keys_is_history(sent_at: str, old: bool) -> None:
    read = parse.read(json.dumps(message("m1", "hello", sent_at=sent_at)).encode())
    fact = Catalogue(*FACTS).decode(parse.facts(read, "main", NOW).rows[0].body).data
    assert isinstance(fact, MessageHeard)
    assert fact.backfill is old


def test_limits_of_rules_are_what_they_say() -> None:
    assert str(rules.CONTEXT_BYTES) in rules.small(rules.CONTEXT_BYTES).en
    assert str(rules.RAW_BYTES) in rules.small(rules.RAW_BYTES).ru
