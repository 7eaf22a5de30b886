"""Dividing a formatted text for a provider with a limit: marks that are cut close and open again."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace

from gateways.kit.formatting import Code, Link, Marked, Node, Render, Tree, Words, plain, visible
from gateways.kit.graphemes import Unit, best_border, borders, size


def divide(tree: Tree, limit: int, unit: Unit, measured: Render) -> list[Tree]:
    """Trees of which each is at most `limit` long as `measured` renders it (`visible` for Telegram).

    Their visible words joined are those of `tree`. From where an address alone breaks the limit, the rest is
    without formatting, the addresses among the words.
    """
    text = visible(tree)
    if size(measured(tree), unit) <= limit:
        return [tree] if text else []
    places = borders(text)
    pieces: list[Tree] = []
    first = 0
    rest = tree  # from places[first] on
    while first < len(places) - 1:
        last = _furthest(rest, places, first, limit, unit, measured)
        if last > first:
            last = best_border(text, places, first, last)
            length = places[last] - places[first]
            pieces.append(part(rest, 0, length))
            rest = part(rest, length, len(text))
            first = last
        elif (bare := _bare(rest)) is not None:
            return pieces + divide(bare, limit, unit, measured)
        elif inner := range(places[first] + 1, places[first + 1]):
            places[first + 1 : first + 1] = inner  # a monstrous grapheme: between its code points
        else:
            raise ValueError(f"a limit of {limit} {unit} does not hold every character")
    return pieces


def part(tree: Tree, start: int, end: int) -> Tree:
    """The visible words from `start` to `end`, with the formatting that they have."""
    return tuple(_parts(tree, start, end))


def _parts(tree: Tree, start: int, end: int) -> Iterator[Node]:
    at = 0
    for node in tree:
        length = len(visible((node,)))
        low, high = max(start - at, 0), min(end - at, length)
        at += length
        if low < high:
            yield node if high - low == length else _cut(node, low, high)
        if at >= end:
            return


def _cut(node: Node, low: int, high: int) -> Node:
    match node:
        case Marked(inside=inside):
            return replace(node, inside=part(inside, low, high))
        case Link(text=text, address=address) if text == address:
            return Words(text[low:high])
        case Words() | Code() | Link():
            return replace(node, text=node.text[low:high])


def _furthest(rest: Tree, places: list[int], first: int, limit: int, unit: Unit, measured: Render) -> int:
    """The last border to which a piece from `first`, where `rest` begins, may reach; or `first` itself."""
    low, high = first, min(len(places) - 1, bisect_right(places, places[first] + limit) - 1)
    while low < high:
        middle = (low + high + 1) // 2
        if size(measured(part(rest, 0, places[middle] - places[first])), unit) <= limit:
            low = middle
        else:
            high = middle - 1
    return low


def _bare(tree: Tree) -> Tree | None:
    """The same without formatting, its addresses as words; absent when it is that already."""
    return None if all(isinstance(node, Words) for node in tree) else (Words(plain(tree)),)
