"""Our words as Telegram takes them: HTML where they have marks, in pieces where they are long. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from gateways.kit.division import divide
from gateways.kit.formatting import Tree, Words, parse, telegram_html, visible
from gateways.kit.graphemes import size
from gateways.kit.text import clean_text
from shared.contract.content import Text
from shared.failure import Rejected

PIECE: Final = 4096
CAPTION: Final = 1024
TEXT_LENGTH: Final = 4 * PIECE
"""Characters of one message of ours, which becomes several of Telegram's where it is longer than a piece."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What one message of Telegram's says; `parse_mode` is absent where nothing in it is formatting."""

    text: str
    parse_mode: Literal["HTML"] | None = None


def caption(part: Text) -> Piece | None:
    """The words as a caption; none where they are too long for one."""
    tree = _tree(part)
    return _piece(part, tree) if size(visible(tree), "utf16") <= CAPTION else None


def pieces(part: Text) -> list[Piece]:
    """The words as messages; raises `Rejected` where there are none, or too many."""
    if len(part.text) > TEXT_LENGTH:
        raise Rejected("text_too_long", f"A message to Telegram has at most {TEXT_LENGTH} characters.")
    found = [tree for tree in divide(_tree(part), PIECE, "utf16", visible) if visible(tree).strip()]
    if not found:
        raise Rejected("text_empty", "There is nothing in the text that Telegram shows.")
    return [_piece(part, tree) for tree in found]


def _tree(part: Text) -> Tree:
    text = clean_text(part.text)
    return parse(text) if part.format == "marks" else (Words(text),)


def _piece(part: Text, tree: Tree) -> Piece:
    return Piece(telegram_html(tree), "HTML") if part.format == "marks" else Piece(visible(tree))
