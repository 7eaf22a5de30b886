"""Bodies: whatever is wrong is a problem below 500 that repeats nothing of the input."""

import json
from datetime import UTC, datetime
from enum import Enum
from typing import Annotated, Literal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel, Field, field_validator

from shared.http.faults import fault_of
from shared.http.intake import field_names, parse_model
from shared.http.problem import Problem
from shared.http.route import Input

PLANTED = "planted-secret"


class Colour(Enum):
    RED = "red"


class Loose(BaseModel):
    """As a wire model: keeps unknown fields by itself."""

    kind: Literal["loose"] = "loose"
    n: int = 0


class Other(Input):
    kind: Literal["other"]


class Body(Input):
    text: str = Field("", max_length=20)
    n: int = 0
    x: float = 0
    id: UUID | None = None
    at: AwareDatetime | None = None
    colour: Colour | None = None
    part: Annotated[Loose | Other, Field(discriminator="kind")] | None = None
    many: list[Other] = Field(default=[], max_length=3)
    named: dict[str, int] = Field(default_factory=dict)
    odd: int = 0

    @field_validator("odd")
    @classmethod
    def _odd(cls, value: int) -> int:
        if value % 2 == 0 and value:
            raise ValueError(f"{value} is even")
        return value


NAMES = field_names(Body)


def _refused(raw: bytes) -> Problem:
    with pytest.raises(Problem) as caught:
        parse_model(raw, Body, NAMES)
    return caught.value


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"nonsense",
        b'{"x": NaN}',
        b'{"x": Infinity}',
        b'{"text": "\\ud800"}',
        b'{"text": "\\udc00\\ud800"}',
        b'{"text": "\xff"}',
        b'{"text": "\x00"}',
        b"\xef\xbb\xbf{}",
        "{}".encode("utf-16"),
        b'{"n": ' + b"9" * 10_000 + b"}",
        b"[" * 100_000,
        b'{"part":' * 5_000 + b"1" + b"}" * 5_000,
        b"[" * 150_000 + b"]" * 150_000,
    ],
)
def test_bad_json(raw: bytes) -> None:
    assert _refused(raw).kind.code == "bad_json"


@pytest.mark.parametrize(
    ("value", "where", "code"),
    [
        (1, "body", "not_object"),
        ([], "body", "not_object"),
        ({PLANTED: 1}, "body", "unknown_field"),
        ({"part": {"kind": "loose", PLANTED: 1}}, "body.part", "unknown_field"),
        ({"part": {"kind": PLANTED}}, "body.part", "unknown_value"),
        ({"part": {}}, "body.part", "missing"),
        ({"text": 1}, "body.text", "not_text"),
        ({"text": PLANTED * 9}, "body.text", "too_long"),
        ({"n": PLANTED}, "body.n", "not_integer"),
        ({"n": 1.5}, "body.n", "not_integer"),
        ({"n": True}, "body.n", "not_integer"),
        ({"n": "5"}, "body.n", "not_integer"),
        ({"n": 2**63}, "body", "number_out_of_range"),
        ({"n": -(10**30)}, "body", "number_out_of_range"),
        ({"named": {"a": 2**64}}, "body", "number_out_of_range"),
        ({"x": PLANTED}, "body.x", "not_number"),
        ({"id": PLANTED}, "body.id", "not_uuid"),
        ({"at": "2026-01-01T00:00:00"}, "body.at", "not_time"),
        ({"colour": PLANTED}, "body.colour", "unknown_value"),
        ({"many": [{"kind": "other"}, 5]}, "body.many.1", "not_object"),
        ({"many": [{"kind": "other"}] * 4}, "body.many", "too_many"),
        ({"named": {PLANTED: PLANTED}}, "body.named", "not_integer"),
        ({"odd": 4}, "body.odd", "invalid"),
    ],
)
def test_wrong_fields_are_named_and_not_quoted(value: object, where: str, code: str) -> None:
    raised = _refused(json.dumps(value).encode())
    assert raised.kind.code == "invalid"
    assert (raised.faults[0].where, raised.faults[0].code) == (where, code)
    assert PLANTED not in repr(raised.faults)


def test_1e400_is_no_number() -> None:
    assert _refused(b'{"x": 1e400}').faults[0].code == "number_out_of_range"


def test_limits_are_told_in_both_languages() -> None:
    fault = _refused(json.dumps({"text": "x" * 21}).encode()).faults[0]
    assert fault.words.en == "takes at most 20 characters"
    assert fault.words.ru == "не длиннее 20 симв."


def test_nul_becomes_the_replacement_character() -> None:
    assert parse_model(b'{"text": "a\\u0000b"}', Body, NAMES).text == "a\ufffdb"
    assert parse_model(b'{"text": "a\\\\u0000b"}', Body, NAMES).text == "a\\u0000b"


def test_what_json_writes_as_text_is_taken_as_what_it_is() -> None:
    some_id = "ce7396b9-fe1f-5094-b362-53ca309fe53f"
    sent = {"id": some_id, "at": "2026-01-01T00:00:00Z", "colour": "red", "x": 1}
    body = parse_model(json.dumps(sent).encode(), Body, NAMES)
    assert (str(body.id), body.colour, body.x) == (some_id, Colour.RED, 1)
    assert body.at == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_thousand_faults_are_told_as_twenty() -> None:
    raised = _refused(json.dumps({f"f{n}": 1 for n in range(1000)}).encode())
    assert len(raised.faults) == 20


def test_unknown_rules_have_words_too() -> None:
    assert fault_of(("body", "n"), "a_rule_of_tomorrow", {}, NAMES).words.en == "is not valid"
    assert fault_of(("body", "n"), "greater_than", {}, NAMES).words.en == "is not valid"


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*sorted(NAMES), PLANTED]), inner)
    ),
    max_leaves=10,
)


@settings(max_examples=300, deadline=None)
@given(_json)
def test_any_json_is_a_body_or_a_problem(value: object) -> None:
    _parse_or_problem(json.dumps(value).encode())


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_body_or_a_problem(raw: bytes) -> None:
    _parse_or_problem(raw)


def _parse_or_problem(raw: bytes) -> None:
    refused: Problem | None = None
    try:
        parse_model(raw, Body, NAMES)
    except Problem as raised:
        refused = raised
    assert refused is None or refused.kind.status in (400, 422)
    assert refused is None or PLANTED not in repr(refused.faults)
