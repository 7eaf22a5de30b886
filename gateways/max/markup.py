"""The formatting of MAX, both ways: spans by their place in the text, and HTML. Pure.

    "a bold word", [{"type": "strong", "from": 2, "length": 4}]  →  "a *bold* word", as marks

Places are counted in UTF-16 units. Our marks cannot be escaped, so the words with marks are read again: where
they do not say what the client's program showed, the words stay as they were, addresses behind them.
We write HTML, because there everything that is no tag can be escaped; words without marks go as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias

from gateways.kit.formatting import Code, Link, Marked, Node, Tree, Words, parse, visible

Format: TypeAlias = Literal["plain", "marks"]

_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "strong": "bold",
        "heading": "bold",
        "emphasized": "italic",
        "strikethrough": "struck",
        "monospaced": "code",
        "link": "link",
    }
)
"""MAX's word for a span → ours; what we have none for (underlined, quoted, a mention) stays plain words."""
_AROUND: Final = MappingProxyType({"bold": "*", "italic": "_", "struck": "~", "code": "`"})
_TAGS: Final = MappingProxyType({"bold": "b", "italic": "i", "struck": "s"})
_CLOSED: Final = ("code", "link")
"""Within these nothing is marked."""
MOST_SPANS: Final = 500


@dataclass(frozen=True, slots=True, order=True)
class _Span:
    """Characters `start` to `end`."""

    start: int
    end: int
    word: str
    address: str = ""


def marked(text: str, elements: Any) -> tuple[str, Format]:
    """The text with our marks, or as it was where it has none."""
    spans = _spans(text, elements)
    links = [span for span in spans if span.word == "link"]
    for wanted in (spans, links):
        written = _written(text, wanted)
        if wanted and _read(parse(written)) == (text, sorted(wanted)):
            return written, "marks"
    return _with_addresses(text, links), "plain"


def _spans(text: str, elements: Any) -> list[_Span]:
    """Well nested, each within a line, without blanks at its ends."""
    place = _places(text)
    found: list[_Span] = []
    for element in elements[:MOST_SPANS] if isinstance(elements, list) else ():
        if not isinstance(element, dict) or (word := _WORDS.get(str(element.get("type")))) is None:
            continue
        start, length, address = element.get("from"), element.get("length"), element.get("url")
        if not isinstance(start, int) or not isinstance(length, int) or start < 0 or length <= 0:
            continue
        if word == "link" and not isinstance(address, str):
            continue
        first, last = place(start), place(start + length)
        found += _in_lines(text, _Span(first, last, word, str(address) if word == "link" else ""))
    return _nested(found)


def _places(text: str) -> Any:
    """From a place in UTF-16 units to one in characters."""
    if all(character <= "\uffff" for character in text):
        return lambda units: min(units, len(text))
    table: list[int] = []
    for index, character in enumerate(text):
        table += [index] * (2 if character > "\uffff" else 1)
    return lambda units: table[units] if units < len(table) else len(text)


def _in_lines(text: str, span: _Span) -> Iterator[_Span]:
    start = span.start
    for line in text[span.start : span.end].split("\n"):
        core = line.strip()
        if core:
            first = start + line.index(core)
            yield _Span(first, first + len(core), span.word, span.address)
        start += len(line) + 1


def _nested(spans: Sequence[_Span]) -> list[_Span]:
    """Those that lie wholly within or beside each other; the first of two that cross stays."""
    kept: list[_Span] = []
    opened: list[_Span] = []
    for span in sorted(set(spans), key=lambda one: (one.start, -one.end, one.word in _CLOSED, one.word)):
        while opened and opened[-1].end <= span.start:
            opened.pop()
        crosses = bool(opened) and (span.end > opened[-1].end or opened[-1].word in _CLOSED)
        if crosses or any(one.word == span.word for one in opened):
            continue
        opened.append(span)
        kept.append(span)
    return kept


def _written(text: str, spans: Sequence[_Span]) -> str:
    """The text with marks around the spans, which stand in their order."""
    opening: dict[int, str] = {}
    closing: dict[int, str] = {}
    for span in spans:
        mark = _AROUND.get(span.word)
        opening[span.start] = opening.get(span.start, "") + (mark or "[")
        closing[span.end] = (mark or f"]({span.address})") + closing.get(span.end, "")
    places = sorted({0, len(text), *opening, *closing})
    pieces = [
        closing.get(at, "") + opening.get(at, "") + text[at:until]
        for at, until in zip(places, [*places[1:], len(text)], strict=True)
    ]
    return "".join(pieces)


def _read(tree: Tree) -> tuple[str, list[_Span]]:
    """What people see of it, and its spans."""
    return visible(tree), sorted(_walk(tree, 0))


def _walk(tree: Tree, at: int) -> Iterator[_Span]:
    for node in tree:
        length = len(visible((node,)))
        match node:
            case Marked(style=style, inside=inside):
                yield _Span(at, at + length, style)
                yield from _walk(inside, at)
            case Code():
                yield _Span(at, at + length, "code")
            case Link(address=address):
                yield _Span(at, at + length, "link", address)
            case Words():
                pass
        at += length


def _with_addresses(text: str, links: Sequence[_Span]) -> str:
    """An address stands behind its words, unless they are the address."""
    for span in sorted(links, reverse=True):
        if span.address not in text[span.start : span.end]:
            text = f"{text[: span.end]} ({span.address}){text[span.end :]}"
    return text


def html(tree: Tree) -> str:
    """HTML as MAX takes it: line breaks stay, and only what would be a tag is written otherwise."""
    return "".join(map(_html, tree))


def is_plain(tree: Tree) -> bool:
    """Whether there is nothing to format."""
    return all(isinstance(node, Words) for node in tree)


def _html(node: Node) -> str:
    match node:
        case Words(text=text):
            return _escaped(text)
        case Code(text=text):
            return f"<code>{_escaped(text)}</code>"
        case Link(text=text, address=address):
            return f'<a href="{_escaped(address).replace(chr(34), "%22")}">{_escaped(text)}</a>'
        case Marked(style=style, inside=inside):
            return f"<{_TAGS[style]}>{html(inside)}</{_TAGS[style]}>"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
