"""Steps of operators with a conversation: accept, close, read, mark as unread.

Two accept at once: the first in the queue has it, the other is told who (LC3). Only the assignee's reading
moves the count of unread messages (LC12), and the client is shown it, and the closing, where the channel can.
"""

from __future__ import annotations

from typing import Literal

from router.acting import show_closed, show_read
from router.dialog import Refused, Turn
from router.ending import end
from router.permission import require_mine, self_as_operator, taken_by_other
from shared.contract.events import ConversationAssigned, ConversationMarkedUnread, ConversationRead


def accept(turn: Turn) -> None:
    """LC3: takes a conversation from New."""
    assign(turn, "accepted")


def accept_taken(turn: Turn) -> None:
    """One's own is accepted already; another's is not to be had."""
    if turn.open.assignee != self_as_operator(turn).operator_id:
        raise taken_by_other(turn)


def assign(turn: Turn, how: Literal["accepted", "answered"]) -> None:
    """Makes the acting operator responsible; only one who is available takes (OP1)."""
    operator = self_as_operator(turn)
    if "take" not in operator.rights:
        raise Refused("no_right", right="take")
    if not operator.available:
        raise Refused("not_available")
    turn.change(status="active", assignee=operator.operator_id, assigned_at=turn.facts.now)
    turn.emit(ConversationAssigned, assignee=operator.operator_id, how=how)


def close_untaken(turn: Turn) -> None:
    """LC6: closing one that nobody took, where the account's setting allows it."""
    if turn.account is not None and not turn.account.close_untaken:
        raise Refused("closing_untaken_forbidden")
    close(turn)


def close_taken(turn: Turn) -> None:
    require_mine(turn)
    close(turn)


def close(turn: Turn) -> None:
    end(turn, turn.data.category)
    show_closed(turn)


def read(turn: Turn) -> None:
    """The assignee has read; a supervisor's or another's reading moves nothing."""
    mine = turn.operator is not None and turn.open.assignee == turn.operator.operator_id
    if mine and (turn.open.unread or turn.open.marked_unread):
        unread = turn.open.unread
        turn.change(unread=0, marked_unread=False)
        turn.emit(ConversationRead, up_to=turn.data.up_to)
        if unread:
            show_read(turn)


def mark_unread(turn: Turn) -> None:
    if not turn.open.marked_unread:
        turn.change(marked_unread=True)
        turn.emit(ConversationMarkedUnread)
