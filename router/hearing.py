"""Steps for what was heard: a conversation opens, continues or reopens; everything else is noted.

the client writes         unread + 1; `waiting_since` is set at the first unanswered message (LC13)
one of us, elsewhere      the last word is ours, nobody waits any more
the visitor closes        a line of the system, and the conversation is closed by the client (LC8)
technical, old, receipts  an event, and nothing changes
"""

from __future__ import annotations

from datetime import datetime

from router.dialog import Turn
from router.ending import end
from router.translation import EVENT_OF, fields_of
from shared.contract.events import ConversationOpened, ConversationReopened, ConversationState
from shared.contract.ids import conversation_id


def note(turn: Turn) -> None:
    """The event of a fact that changes nothing here."""
    turn.emit(EVENT_OF[type(turn.data)], **fields_of(turn.data, turn.facts.now))


def open_new(turn: Turn) -> None:
    """LC1: the first message of the client opens a conversation."""
    turn.conversation = ConversationState.model_construct(
        conversation_id=conversation_id(turn.ref.dialog_id, turn.id),
        status="new",
        opened_at=turn.data.received_at,
    )
    turn.emit(ConversationOpened)
    hear(turn)


def reopen(turn: Turn) -> None:
    """LC7: the client writes to a closed conversation, and it is new again."""
    turn.change(
        status="new",
        assignee=None,
        assigned_at=None,
        closed_at=None,
        closed_by=None,
        category=None,
        reopened=turn.open.reopened + 1,
    )
    turn.emit(ConversationReopened)
    hear(turn)


def hear(turn: Turn) -> None:
    """The client wrote."""
    conversation, at = turn.open, turn.data.received_at
    turn.change(
        unread=conversation.unread + 1,
        waiting_since=conversation.waiting_since or at,
        last_message_at=later(conversation.last_message_at, at),
        last_author="client",
    )
    turn.last_heard = turn.data.external_id
    note(turn)


def hear_ours(turn: Turn) -> None:
    """One of us answered past us, in the provider's own program."""
    last = later(turn.open.last_message_at, turn.data.received_at)
    turn.change(waiting_since=None, last_message_at=last, last_author="us")
    note(turn)


def closed_by_client(turn: Turn) -> None:
    """LC8: the visitor closed the chat, whoever has it; the channel shows it without being asked."""
    note(turn)
    end(turn)


def later(one: datetime | None, other: datetime) -> datetime:
    return other if one is None or other > one else one
