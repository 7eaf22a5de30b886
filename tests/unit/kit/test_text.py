"""Nothing is lost, and nothing breaks a database or an encoder."""

from hypothesis import given
from hypothesis import strategies as st

from gateways.kit.text import clean_line, clean_text


def test_what_cannot_be_stored_is_marked() -> None:
    assert clean_text("a\x00b") == "a\ufffdb"
    assert clean_text("\ud800x\udfff") == "\ufffdx\ufffd"
    assert clean_text("\u202eبحث 👩‍👩‍👧 e\u0301 \ufffe") == "\u202eبحث 👩‍👩‍👧 e\u0301 \ufffe"


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_the_result_can_be_encoded_and_keeps_its_length(text: str) -> None:
    cleaned = clean_text(text)
    cleaned.encode("utf-8")
    assert len(cleaned) == len(text)
    assert "\x00" not in cleaned
    assert clean_text(cleaned) == cleaned


def test_a_line() -> None:
    assert clean_line("  Shop\r\n\tnow ", 100) == "Shop now"
    assert clean_line("x" * 200, 100) == "x" * 100
