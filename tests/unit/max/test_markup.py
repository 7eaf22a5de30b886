"""Formatting both ways: what is shown is never another text than the client's."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateways.kit.formatting import parse, visible
from gateways.max.markup import html, marked

pytestmark = pytest.mark.feature("CH13", "MS1")


def span(kind: str, start: int, length: int, **more: Any) -> dict[str, Any]:
    return {"type": kind, "from": start, "length": length, **more}


@pytest.mark.parametrize(
    ("text", "spans", "wanted"),
    [
        ("раз два", [span("emphasized", 4, 3)], "раз _два_"),
        ("раз два", [span("strong", 0, 7), span("strikethrough", 4, 3)], "*раз ~два~*"),
        ("раз\nдва", [span("strong", 0, 7)], "*раз*\n*два*"),
        ("раз  два", [span("strong", 0, 4)], "*раз*  два"),
        ("код x*y", [span("monospaced", 4, 3)], "код `x*y`"),
        ("раз два", [span("strong", 0, 5), span("emphasized", 2, 5)], "раз два"),
        ("раз два", [span("strong", 0, 3), span("strong", 0, 3)], "*раз* два"),
        ("слово", [span("strong", 1, 2)], "слово"),
        ("сайт", [span("link", 0, 4, url="https://shop.example")], "[сайт](https://shop.example)"),
        ("сайт", [span("link", 0, 4, url="ftp://shop.example")], "сайт (ftp://shop.example)"),
        ("😀 да", [span("strong", 3, 2)], "😀 *да*"),
        ("да", [span("strong", 0, 900), span("strong", -1, 1), {"type": "strong"}, None], "*да*"),
        ("да", "nonsense", "да"),
    ],
)
def test_spans_become_marks_where_marks_can_say_it(text: str, spans: Any, wanted: str) -> None:
    assert marked(text, spans)[0] == wanted


SPANS = st.lists(
    st.builds(
        span,
        st.sampled_from(["strong", "emphasized", "strikethrough", "monospaced", "underline", "heading"]),
        st.integers(0, 30),
        st.integers(0, 30),
    ),
    max_size=5,
)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab *_~`[]()\n😀.", max_size=25), SPANS)
def test_the_words_stay_what_they_are(text: str, spans: list[dict[str, Any]]) -> None:
    written, form = marked(text, spans)
    assert (visible(parse(written)) if form == "marks" else written) == text


def test_nothing_of_ours_becomes_a_tag() -> None:
    tree = parse("*<b>* & `</code>` [a<b](https://shop.example/?a=1&b='2)")
    wanted = "<b>&lt;b&gt;</b> &amp; <code>&lt;/code&gt;</code> "
    assert html(tree) == wanted + """<a href="https://shop.example/?a=1&amp;b='2">a&lt;b</a>"""
