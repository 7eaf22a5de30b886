"""How a conversation ends, whoever ends it: what was unread and waiting is settled."""

from __future__ import annotations

from typing import Literal

from router.dialog import Turn
from shared.contract.events import ConversationClosed


def end(turn: Turn, how: Literal["by_hand", "by_client", "silence"], category: str | None = None) -> None:
    turn.change(
        status="closed",
        closed_at=turn.facts.now,
        closed_by=turn.actor,
        category=category,
        offer=None,
        waiting_since=None,
        unread=0,
        marked_unread=False,
    )
    turn.declined = ()
    turn.emit(ConversationClosed, category=category, how=how)
