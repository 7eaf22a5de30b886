"""Steps of operators with a conversation: accept, close, resume, read, mark as unread.

Two accept at once: the first in the queue has it, the other is told who (LC3). Only the assignee's reading
moves the count of unread messages (LC12), and the client is shown it, and the closing, where the channel can.
"""

from __future__ import annotations

from router.acting import show_closed, show_read
from router.dialog import Refused, Turn
from router.ending import end
from router.handing import accept_offer, give, is_to, offered_to
from router.permission import require_mine, self_as_operator, taken_by_other
from router.receiving import check_taker, has
from shared.contract.events import ConversationMarkedUnread, ConversationRead, ConversationReopened


def accept(turn: Turn) -> None:
    """LC3: takes a conversation from New."""
    operator = self_as_operator(turn)
    check_taker(turn, operator)
    give(turn, operator, "accepted")


def accept_offered(turn: Turn) -> None:
    """Who is offered it takes it; another only by the right to take over."""
    if _offered_to_me(turn):
        accept_offer(turn)
    elif has(turn, "others.reply"):
        accept(turn)
    else:
        raise Refused("offer_pending", who=offered_to(turn))


def accept_taken(turn: Turn) -> None:
    """One's own is accepted already; another's is to be had by an offer alone."""
    if turn.open.assignee == self_as_operator(turn).operator_id:
        return
    if not _offered_to_me(turn):
        raise taken_by_other(turn)
    accept_offer(turn)


def resume(turn: Turn) -> None:
    """LC7: a closed one is open again and the operator's, unless in this channel only the client opens it."""
    operator = self_as_operator(turn)
    account = turn.account
    if account is not None and not account.capabilities.resume_closed:
        raise Refused("resuming_impossible")
    check_taker(turn, operator)
    open_again(turn)
    give(turn, operator, "resumed")


def open_again(turn: Turn) -> None:
    """What its closing settled is open again; who had it last is not responsible any more."""
    turn.change(
        status="new",
        assignee=None,
        assigned_at=None,
        closed_at=None,
        closed_by=None,
        category=None,
        reopened=turn.open.reopened + 1,
    )
    turn.declined = ()
    turn.emit(ConversationReopened)


def close_untaken(turn: Turn) -> None:
    """LC6: closing one that nobody took, where the account's setting allows it."""
    if not turn.settings.close_untaken:
        raise Refused("closing_untaken_forbidden")
    close(turn)


def close_taken(turn: Turn) -> None:
    """RT8: another's by right, where the account's setting allows it."""
    mine = turn.operator is None or turn.open.assignee == turn.operator.operator_id
    if not mine:
        if not has(turn, "others.close"):
            require_mine(turn)
        if not turn.settings.close_others:
            raise Refused("closing_others_forbidden", who=taken_by_other(turn).parameters["who"])
    close(turn)


def close(turn: Turn) -> None:
    category = (turn.data.category or "").strip() or None
    if category is None and turn.settings.category_required and turn.operator is not None:
        raise Refused("category_required")
    if category is not None and turn.settings.categories and category not in turn.settings.categories:
        raise Refused("category_unknown", category=category)
    end(turn, "by_hand", category)
    show_closed(turn)


def close_silent(turn: Turn) -> None:
    """LC6: nobody has written since; a word said meanwhile keeps it open."""
    if turn.open.last_message_at is not None and turn.open.last_message_at <= turn.data.since:
        end(turn, "silence")
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


def _offered_to_me(turn: Turn) -> bool:
    operator, offer = self_as_operator(turn), turn.open.offer
    return offer is not None and is_to(offer, operator)
