"""Reactions: VK numbers them, people see pictures."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

REACTIONS: Final[Mapping[int, str]] = MappingProxyType(
    {
        1: "❤️", 2: "🔥", 3: "😂", 4: "👍", 5: "💩", 6: "❓", 7: "😭", 8: "😡",
        9: "👎", 10: "👌", 11: "😃", 12: "🤔", 13: "🙏", 14: "😘", 15: "😍", 16: "🎉",
    }
)  # fmt: skip
_PLAIN: Final = {emoji.rstrip("\ufe0f"): number for number, emoji in REACTIONS.items()}


def emoji_of(reaction: int) -> str:
    """The picture of a reaction; its number where VK has a new one."""
    return REACTIONS.get(reaction, f"#{reaction}")


def reaction_of(emoji: str) -> int | None:
    """VK's number of a picture; absent where VK has no such reaction."""
    return _PLAIN.get(emoji.rstrip("\ufe0f"))
