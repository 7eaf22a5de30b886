"""Nobody but us makes a visitor's token, and it proves nothing elsewhere."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.webchat.visitor_token import LIFETIME, issue, new_visitor, visitor_of

pytestmark = pytest.mark.feature("CH1")

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECRET = "a secret of the test's own"


def test_a_visitor_is_128_random_bits() -> None:
    assert len({new_visitor() for _ in range(100)}) == 100
    assert len(new_visitor()) == 32


def test_lifetime() -> None:
    token = issue("ab" * 16, "main", SECRET, NOW)
    assert visitor_of(token, "main", SECRET, NOW + LIFETIME) == "ab" * 16
    assert visitor_of(token, "main", SECRET, NOW + LIFETIME + timedelta(seconds=1)) is None
    assert visitor_of(token, "main", SECRET, NOW - timedelta(seconds=59)) == "ab" * 16
    assert visitor_of(token, "main", SECRET, NOW - timedelta(seconds=61)) is None


@given(st.data())
def test_no_changed_token_proves_anything(data: st.DataObject) -> None:
    token = issue("ab" * 16, "main", SECRET, NOW)
    at = data.draw(st.integers(0, len(token) - 1))
    character = data.draw(st.characters(codec="utf-8"))
    changed = token[:at] + character + token[at + 1 :]
    # the last character of base64 holds two bits that mean nothing
    assert changed == token or at == len(token) - 1 or visitor_of(changed, "main", SECRET, NOW) is None


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    assert visitor_of(text, "main", SECRET, NOW) is None


@pytest.mark.parametrize(
    "token", ["", "v1", "v1...", "v2." + "ab" * 16 + ".1.x", "v1." + "ab" * 16 + ".99999999999." + "A" * 43]
)
def test_what_is_no_token(token: str) -> None:
    assert visitor_of(token, "main", SECRET, NOW) is None
