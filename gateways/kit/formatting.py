"""The one neutral formatting: `*bold*`, `_italic_`, `~struck~`, `` `code` `` and `[words](address)`. Pure.

    text ──parse──▶ tree ──▶ plain · html · telegram_html · whatsapp          divide(tree, limit) ──▶ trees

A mark opens before a character and behind no letter or digit, closes behind a character and before none, and
both stand in one line. A mark without its partner is a plain character, and so is everything in code and in a
bare address. The latest opened mark wins; no mark stands within itself, so a tree is at most four deep.
"""

from __future__ import annotations

import html as web
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Style: TypeAlias = Literal["bold", "italic", "struck"]


@dataclass(frozen=True, slots=True)
class Words:
    text: str


@dataclass(frozen=True, slots=True)
class Code:
    text: str


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    address: str


@dataclass(frozen=True, slots=True)
class Marked:
    style: Style
    inside: Tree


Node: TypeAlias = Words | Code | Link | Marked
Tree: TypeAlias = tuple[Node, ...]
Render: TypeAlias = Callable[[Tree], str]

_STYLES: Final[dict[str, Style]] = {"*": "bold", "_": "italic", "~": "struck"}
_MARKS: Final[dict[Style, str]] = {style: mark for mark, style in _STYLES.items()}
_TAGS: Final[dict[Style, str]] = {"bold": "b", "italic": "i", "struck": "s"}

_ADDRESS: Final = r"(?:https?://|mailto:|tel:)(?:[^\s()<>\"`]|\([^\s()<>\"`]*\))+"
_TOKEN: Final = re.compile(
    rf"`(?P<code>[^`\n]+)`"
    rf"|\[(?P<words>[^\[\]\n]+)\]\((?P<address>{_ADDRESS})\)"
    rf"|(?P<bare>https?://[^\s<>\"]+[^\s<>\"*_~.,;:!?)`'])"
    rf"|(?P<mark>[*_~])"
    rf"|(?P<line>\n)",
    re.IGNORECASE,
)


def parse(text: str) -> Tree:
    """The tree of a text; its visible words are the text without the marks that were understood."""
    tokens = list(_TOKEN.finditer(text))
    partners = _pairs(text, tokens)
    return _joined(_build(text, tokens, partners, _Span(0, len(tokens), 0, len(text))))


@dataclass(frozen=True, slots=True)
class _Span:
    """Tokens `first` to `last`, characters `start` to `end`."""

    first: int
    last: int
    start: int
    end: int


def _pairs(text: str, tokens: Sequence[re.Match[str]]) -> dict[int, int]:
    """Which token closes which, both by number; well nested."""
    pairs: dict[int, int] = {}
    opened: list[tuple[str, int]] = []
    for number, token in enumerate(tokens):
        if token["line"]:
            opened.clear()
        if not (mark := token["mark"]):
            continue
        at = [one for one, _ in opened].index(mark) if mark in dict(opened) else None
        if at is not None and _closes(text, token.start()) and token.start() > tokens[opened[at][1]].end():
            pairs[opened[at][1]] = number
            del opened[at:]
        elif _opens(text, token.start()):
            if at is not None:
                del opened[at]
            opened.append((mark, number))
    return pairs


def _opens(text: str, at: int) -> bool:
    before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    return not before.isalnum() and bool(after) and not after.isspace()


def _closes(text: str, at: int) -> bool:
    return not text[at - 1].isspace() and not text[at + 1 : at + 2].isalnum()


def _build(
    text: str, tokens: Sequence[re.Match[str]], partners: dict[int, int], span: _Span
) -> Iterator[Node]:
    number, at = span.first, span.start
    while number < span.last:
        token = tokens[number]
        node: Node | None = None
        end, after = token.end(), number + 1
        if token["code"]:
            node = Code(token["code"])
        elif token["address"]:
            node = Link(token["words"], token["address"])
        elif number in partners:
            after = partners[number] + 1
            closing = tokens[partners[number]]
            inner = _Span(number + 1, partners[number], token.end(), closing.start())
            node = Marked(_STYLES[token["mark"]], _joined(_build(text, tokens, partners, inner)))
            end = closing.end()
        if node is not None:
            yield Words(text[at : token.start()])
            yield node
            at = end
        number = after
    yield Words(text[at : span.end])


def _joined(nodes: Iterator[Node]) -> Tree:
    return tuple(node for node in nodes if not (isinstance(node, Words) and not node.text))


def visible(tree: Tree) -> str:
    """The words that people read: what Telegram counts."""
    return "".join(visible(node.inside) if isinstance(node, Marked) else node.text for node in tree)


def plain(tree: Tree) -> str:
    """Without marks; an address stands behind its words."""
    return "".join(map(_plain, tree))


def _plain(node: Node) -> str:
    match node:
        case Marked(inside=inside):
            return plain(inside)
        case Link(text=text, address=address) if text != address:
            return f"{text} ({address})"
        case _:
            return node.text


def telegram_html(tree: Tree) -> str:
    """HTML as Telegram's Bot API takes it: line breaks stay."""
    return "".join(_html(node, telegram_html, "") for node in tree)


def html(tree: Tree) -> str:
    """A fragment of HTML that is safe to show and to mail."""
    rendered = "".join(_html(node, html, ' rel="noopener noreferrer nofollow"') for node in tree)
    return rendered.replace("\r\n", "<br>").replace("\n", "<br>")


def _html(node: Node, inner: Render, link: str) -> str:
    match node:
        case Words(text=text):
            return web.escape(text)
        case Code(text=text):
            return f"<code>{web.escape(text)}</code>"
        case Link(text=text, address=address):
            return f'<a href="{web.escape(address)}"{link}>{web.escape(text)}</a>'
        case Marked(style=style, inside=inside):
            return f"<{_TAGS[style]}>{inner(inside)}</{_TAGS[style]}>"


def whatsapp(tree: Tree) -> str:
    """WhatsApp's own marks, which are these; it has no links with words. Nothing can be escaped there."""
    return "".join(map(_whatsapp, tree))


def _whatsapp(node: Node) -> str:
    match node:
        case Code(text=text):
            return f"`{text}`"
        case Marked(style=style, inside=inside):
            return _around(whatsapp(inside), _MARKS[style])
        case _:
            return _plain(node)


def _around(text: str, mark: str) -> str:
    """`text` within marks; blanks at its ends stay outside, where they do not break the marks."""
    core = text.strip()
    if not core:
        return text
    start = text.index(core)
    return f"{text[:start]}{mark}{core}{mark}{text[start + len(core) :]}"
