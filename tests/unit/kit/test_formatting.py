"""The neutral marks: what is one, what is not, and how each provider gets them."""

import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.kit.division import divide, part
from gateways.kit.formatting import (
    Code,
    Link,
    Marked,
    Render,
    Tree,
    Words,
    html,
    parse,
    plain,
    telegram_html,
    visible,
    whatsapp,
)
from gateways.kit.graphemes import Unit, size

RENDERED = {  # as plain text, for Telegram, for WhatsApp
    "": ("", "", ""),
    "plain": ("plain", "plain", "plain"),
    "*bold*": ("bold", "<b>bold</b>", "*bold*"),
    "_italic_, ~struck~!": ("italic, struck!", "<i>italic</i>, <s>struck</s>!", "_italic_, ~struck~!"),
    "*bold _and italic_*": ("bold and italic", "<b>bold <i>and italic</i></b>", "*bold _and italic_*"),
    "*_~all~_*": ("all", "<b><i><s>all</s></i></b>", "*_~all~_*"),
    "`*code*`": ("*code*", "<code>*code*</code>", "`*code*`"),
    "*`a`*": ("a", "<b><code>a</code></b>", "*`a`*"),
    "«*жирный*»": ("«жирный»", "«<b>жирный</b>»", "«*жирный*»"),
    "[us](https://a.example/?b=1&c=2)": (
        "us (https://a.example/?b=1&c=2)",
        '<a href="https://a.example/?b=1&amp;c=2">us</a>',
        "us (https://a.example/?b=1&c=2)",
    ),
    "[https://a.example](https://a.example)": (
        "https://a.example",
        '<a href="https://a.example">https://a.example</a>',
        "https://a.example",
    ),
    "[w](https://e.example/a_(b))": (
        "w (https://e.example/a_(b))",
        '<a href="https://e.example/a_(b)">w</a>',
        "w (https://e.example/a_(b))",
    ),
    "*[call](tel:+70001)*": (
        "call (tel:+70001)",
        '<b><a href="tel:+70001">call</a></b>',
        "*call (tel:+70001)*",
    ),
    "*latest *wins*": ("*latest wins", "*latest <b>wins</b>", "*latest *wins*"),
    "*a _b* c_": ("a _b c_", "<b>a _b</b> c_", "*a _b* c_"),
    "_a *b _c_ d*": ("_a b c d", "_a <b>b <i>c</i> d</b>", "_a *b _c_ d*"),
    "<b>&\"'": ("<b>&\"'", "&lt;b&gt;&amp;&quot;&#x27;", "<b>&\"'"),
    "*<script>*": ("<script>", "<b>&lt;script&gt;</b>", "*<script>*"),
}
LITERAL = [
    "2 * 3 * 4",
    "a*b*c",
    "snake_case_name",
    "*not closed",
    "not opened*",
    "* bullet\n* bullet",
    "*bold\nover a line*",
    "* a*",
    "*a *",
    "**",
    "*",
    "***",
    "`",
    "``",
    "`open\nclosed`",
    "~",
    "[words]",
    "[words](address)",
    "[words](javascript:alert)",
    "[words](data:text/html)",
    "[words](https://)",
    "[](https://a.example)",
    "[a\nb](https://a.example)",
    "https://a.example/_b_/*c*/~d~",
    "see https://a.example/a*b _c.",
    "¯\\_(ツ)_/¯"[:4],
]


@pytest.mark.parametrize("text", RENDERED)
def test_rendered(text: str) -> None:
    assert (plain(parse(text)), telegram_html(parse(text)), whatsapp(parse(text))) == RENDERED[text]


@pytest.mark.parametrize("text", LITERAL)
def test_what_is_no_mark_stays_as_it_is(text: str) -> None:
    assert parse(text) == (Words(text),)


def test_html_has_line_breaks_and_careful_links() -> None:
    tree = parse("a\n[b](https://c.example)\r\n*d*")
    assert html(tree) == (
        'a<br><a href="https://c.example" rel="noopener noreferrer nofollow">b</a><br><b>d</b>'
    )


def test_blanks_at_the_ends_of_a_mark_are_put_outside_for_whatsapp() -> None:
    assert (
        whatsapp((Words("a"), Marked("bold", (Words(" b "),)), Marked("italic", (Words(" "),)))) == "a *b*  "
    )


PIECES = [
    "*",
    "_",
    "~",
    "`",
    "[",
    "](",
    ")",
    "https://a.example/b",
    "a",
    "слово",
    " ",
    "\n",
    "<",
    "&",
    '"',
    ".",
    "👩‍👩‍👧",
]
MARKED = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


class _Strict(HTMLParser):
    """Collects the words, and fails for tags that are not ours or not nested."""

    def __init__(self) -> None:
        super().__init__()
        self.words = ""
        self.opened: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in {"b", "i", "s", "code", "a"}
        assert [name for name, _ in attrs] == (["href"] if tag == "a" else [])
        self.opened.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.opened.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


@given(MARKED)
def test_html_is_well_formed_and_holds_the_same_words(text: str) -> None:
    tree = parse(text)
    reader = _Strict()
    reader.feed(telegram_html(tree))
    reader.close()
    assert not reader.opened
    assert reader.words == visible(tree)


@given(MARKED)
def test_only_marks_are_lost(text: str) -> None:
    assert re.sub(r"[*_~`\[\]()]|https://a\.example/b", "", visible(parse(text))) == re.sub(
        r"[*_~`\[\]()]|https://a\.example/b", "", text
    )


@given(MARKED)
def test_whatsapp_reads_what_we_mean(text: str) -> None:
    tree = parse(text)
    if not _links(tree):
        assert parse(whatsapp(tree)) == tree


def _links(tree: Tree) -> bool:
    return any(isinstance(one, Link) or (isinstance(one, Marked) and _links(one.inside)) for one in tree)


RENDERS: list[Render] = [visible, plain, whatsapp, telegram_html, html]
UNITS: list[Unit] = ["characters", "utf16", "bytes"]


@given(text=MARKED, limit=st.integers(16, 60), unit=st.sampled_from(UNITS), measured=st.sampled_from(RENDERS))
def test_pieces_fit_and_nothing_is_lost(text: str, limit: int, unit: Unit, measured: Render) -> None:
    tree = parse(text)
    pieces = divide(tree, limit, unit, measured)
    assert all(0 < size(measured(piece), unit) <= limit for piece in pieces)
    if measured is visible or not _links(tree):
        assert "".join(map(visible, pieces)) == visible(tree)


def test_a_mark_that_is_cut_closes_and_opens_again() -> None:
    tree = parse("one *two three* `four five` [six seven](https://a.example)")
    assert [telegram_html(piece) for piece in divide(tree, 10, "utf16", visible)] == [
        "one <b>two </b>",
        "<b>three</b> <code>four</code>",
        '<code> five</code> <a href="https://a.example">six </a>',
        '<a href="https://a.example">seven</a>',
    ]
    assert [
        whatsapp(piece) for piece in divide(parse("_aaa bbb ccc_ ~dd ee~"), 9, "characters", whatsapp)
    ] == [
        "_aaa bbb_",
        " _ccc_ ",
        "~dd ee~",
    ]
    assert part(parse("a`bcd`e"), 2, 4) == (Code("cd"),)


def test_an_address_longer_than_the_limit_is_not_lost() -> None:
    address = "https://a.example/" + "x" * 50
    pieces = divide(parse(f"*one* [two]({address}) three"), 30, "characters", whatsapp)
    assert "".join(map(whatsapp, pieces)) == f"*one* two ({address}) three"


def test_a_limit_that_holds_nothing_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="does not hold"):
        divide(parse("&&&"), 4, "characters", html)


@pytest.mark.parametrize(
    "text",
    [
        "*a " * 50_000,
        "*a* " * 30_000,
        "*" * 100_000,
        "*_~" * 30_000,
        "`a" * 50_000,
        "[" * 100_000,
        "[a](" * 30_000,
        "[a](https://" * 20_000,
        "[a](https://(" * 20_000,
        "https://" * 20_000,
        "https://" + "*" * 100_000,
    ],
)
def test_hostile_marks_take_no_time(text: str) -> None:
    begun = time.process_time()
    tree = parse(text)
    for render in RENDERS:
        render(tree)
    divide(tree, 4096, "utf16", visible)
    assert time.process_time() - begun < 5
