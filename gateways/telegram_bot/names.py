"""What dialogs and messages are called: Telegram's ids as our chats and external ids, and back. Pure.

    chat 42                                   "42"
    chat -7 that became supergroup -1007      "-7": the first id that it had; its messages "-1007:12"
    chat 42 with the owner of a business      "business:<owner's id>:42"; while the owner is not known,
                                              "business:<connection>:42"

A supergroup counts its messages anew, so those of a group that became one carry its id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gateways.kit.aliases import Alias
from shared.failure import Rejected

BUSINESS: Final = "business"
_AFTER_MIGRATION: Final = 2**40
"""Added to the numbers of a supergroup that was a group, so that they follow the group's."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a dialog is at Telegram; `business`: the alias or name of the business that owns it."""

    chat_id: int
    business: str | None = None


def business(connection: str) -> str:
    """The alias of a business's connection, and the canonical name of the business by its owner."""
    return f"{BUSINESS}:{connection}"


@dataclass(frozen=True, slots=True)
class Names:
    """`aliases`: the canonical names of those chats that are aliases."""

    aliases: Mapping[str, str]

    def learning(self, aliases: Sequence[Alias]) -> Names:
        """The names after these were learned, as gateways/kit/aliases.py keeps them."""
        known = dict(self.aliases)
        for one in aliases:
            canonical = known.get(one.chat, one.chat)
            if one.alias not in known and canonical != one.alias:
                known[one.alias] = canonical
        return Names(known)

    def chat(self, chat_id: int, connection: str | None = None) -> str:
        """Our name of a chat."""
        if connection is None:
            return self.aliases.get(str(chat_id), str(chat_id))
        owner = business(connection)
        return f"{self.aliases.get(owner, owner)}:{chat_id}"

    def message(self, chat_id: int, message_id: int) -> str:
        """Our external id of a message."""
        return external_id(self.chat(chat_id), chat_id, message_id)

    def sequence(self, chat_id: int, message_id: int) -> int:
        """The order of a message in its dialog."""
        return sequence(self.chat(chat_id), chat_id, message_id)


def external_id(chat: str, chat_id: int, message_id: int) -> str:
    """The external id of a message of the dialog `chat`."""
    return f"{chat_id}:{message_id}" if _moved(chat, chat_id) else str(message_id)


def sequence(chat: str, chat_id: int, message_id: int) -> int:
    """The order of a message in the dialog `chat`."""
    return message_id + _AFTER_MIGRATION if _moved(chat, chat_id) else message_id


def _moved(chat: str, chat_id: int) -> bool:
    return not chat.startswith(BUSINESS) and chat != str(chat_id)


def place(chat: str) -> Place:
    """Where a dialog of this name is; raises `Rejected`."""
    owner, _, last = chat.rpartition(":")
    try:
        return Place(int(last), owner or None)
    except ValueError:
        raise Rejected("chat_unknown", "Telegram has no chat of this name.") from None


def named(name: str) -> tuple[int | None, int]:
    """The chat, where it stands there, and the number of a message; raises `Rejected`."""
    chat, _, number = name.rpartition(":")
    try:
        return (int(chat) if chat else None), int(number)
    except ValueError:
        raise Rejected("message_unknown", "Telegram has no message of this name.") from None
