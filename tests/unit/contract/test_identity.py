"""Identity is byte for byte: golden values that another program must reproduce."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contract import ids

WORDS = st.text(st.characters(codec="utf-8"), max_size=40)

MOMENTS = st.integers(1_262_304_000, 4_102_444_799).map(lambda second: datetime.fromtimestamp(second, UTC))


def test_the_key_is_compact_json_in_utf8() -> None:
    assert ids.key(["webchat", "site-1", 'v"1 ё']) == '["webchat","site-1","v\\"1 ё"]'.encode()


def test_golden_dialog() -> None:
    assert str(ids.dialog_id("webchat", "site-1", "v1")) == "ce7396b9-fe1f-5094-b362-53ca309fe53f"


@pytest.mark.parametrize(
    ("sent_at", "golden"),
    [
        (None, "00000000-0000-7c84-8c49-33dec622eaf2"),
        (datetime(2026, 1, 31, 10, 0, 0, tzinfo=UTC), "019c137e-c100-7c84-8c49-33dec622eaf2"),
        (datetime(2026, 1, 31, 10, 0, 0, 999_999, tzinfo=UTC), "019c137e-c100-7c84-8c49-33dec622eaf2"),
        (datetime(1999, 1, 1, tzinfo=UTC), "00000000-0000-7c84-8c49-33dec622eaf2"),
        (datetime(2100, 1, 1, tzinfo=UTC), "00000000-0000-7c84-8c49-33dec622eaf2"),
    ],
)
def test_golden_message(sent_at: datetime | None, golden: str) -> None:
    assert str(ids.message_id("webchat", "site-1", "v1", "m-1", sent_at)) == golden


def test_golden_others() -> None:
    cause = UUID("019c1386-0d00-7000-8000-000000000001")
    assert str(ids.fact_id("edit", "m-1", "2")) == "b35ce333-0115-55a4-87bd-c940c861cbda"
    assert str(ids.effect_id(cause, 0)) == "921e8caa-5d79-896a-9573-e3532cabdd75"
    assert str(ids.effect_id(cause, 1)) == "f00b2474-8359-81f0-9b69-5c7361a416d6"
    assert str(ids.conversation_id(cause, cause)) == "5e69848b-a6d6-51a0-ba2d-827eb4799472"
    assert str(ids.contact_id("webchat", "v1")) == "f34ec164-aa58-5140-b46a-88b97b4fda94"


@given(WORDS, WORDS, WORDS, WORDS, MOMENTS)
def test_a_message_id_is_a_valid_uuid7_of_its_second(
    a: str, b: str, c: str, d: str, moment: datetime
) -> None:
    made = ids.message_id(a, b, c, d, moment)
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert made.int >> 80 == int(moment.timestamp()) * 1000
    assert made == ids.message_id(a, b, c, d, moment + timedelta(milliseconds=7))


@given(st.lists(WORDS, min_size=2, max_size=4), st.lists(WORDS, min_size=2, max_size=4))
def test_different_parts_have_different_keys(one: list[str], other: list[str]) -> None:
    assert (ids.key(one) == ids.key(other)) == (one == other)


@given(st.uuids(), st.integers(0, 1000))
def test_an_effect_id_is_a_valid_uuid8(cause: UUID, ordinal: int) -> None:
    made = ids.effect_id(cause, ordinal)
    assert made.version == 8
    assert made.variant == "specified in RFC 4122"
    assert made != ids.effect_id(cause, ordinal + 1)
