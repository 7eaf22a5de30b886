"""How fast one chat may be written to, and who is quiet when Telegram says "later".

A chat takes a message a second, a group twenty in a minute; a few more after a rest. Telegram's "later" does
not say whether it means the chat or the bot: it is taken for the chat's, until a second chat hears it too.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from gateways.kit.pace import Pace
from shared.contract.capabilities import Capabilities
from shared.failure import Retryable

REMEMBERED: Final = 10_000
"""Chats; of one that was written to longest ago nothing has to be known."""
BURST: Final = 3
GROUP_BURST: Final = 5


class Quota:
    """Of one bot; `now` is a clock in seconds that never goes back."""

    def __init__(self, per_second: float, group_per_minute: float) -> None:
        group = max(group_per_minute - GROUP_BURST, group_per_minute / 2) / 60
        self._person = Capabilities(messages_per_second=per_second, burst=BURST)
        self._group = Capabilities(messages_per_second=group, burst=GROUP_BURST)
        self._chats: OrderedDict[int, Pace] = OrderedDict()
        self._quiet: dict[int, float] = {}

    def take(self, chat_id: int, messages: int, now: float) -> None:
        """So many messages are about to be sent; raises `Retryable` for a chat that had too many."""
        pace = self._chats.get(chat_id)
        if pace is None:
            pace = self._chats[chat_id] = Pace(self._person if chat_id > 0 else self._group, now)
            if len(self._chats) > REMEMBERED:
                self._chats.popitem(last=False)
        self._chats.move_to_end(chat_id)
        if not pace.allowed(1, now):
            raise Retryable(pace.wait_seconds(), "dialog")
        pace.started(messages)

    def later(self, chat_id: int, told: Retryable, now: float) -> Retryable:
        """Telegram's "later" with whom it means."""
        self._quiet = {chat: until for chat, until in self._quiet.items() if until > now}
        others = self._quiet.keys() - {chat_id}
        self._quiet[chat_id] = now + told.after
        return Retryable(told.after, "account") if others else told
