"""Steps for what was heard: a conversation opens, continues or reopens; everything else is noted.

the client writes         unread + 1; `waiting_since` is set at the first unanswered message (LC13)
one of us, elsewhere      the last word is ours, nobody waits any more
the visitor closes        a line of the system, and the conversation is closed by the client (LC8)
technical, old, receipts  an event, and nothing changes
"""

from __future__ import annotations

from datetime import datetime

from router.dialog import CLIENT, Turn
from router.ending import end
from router.handing import to_last
from router.taking import open_again
from router.translation import EVENT_OF, fields_of
from router.window import raised
from shared.contract.events import ConversationOpened, ConversationState
from shared.contract.ids import conversation_id


def note(turn: Turn) -> None:
    """The event of a fact that changes nothing here, but for how long free text goes."""
    if turn.conversation is not None and raised(turn) != turn.conversation.free_text_until:
        turn.change(free_text_until=raised(turn))
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
    """LC7: the client writes to a closed one: it is new, the last operator's, or another begins."""
    if turn.settings.reopens == "fresh":
        open_new(turn)
        return
    last = turn.open.assignee
    open_again(turn)
    if turn.settings.reopens == "last":
        to_last(turn, last)
    hear(turn)


def note_blocked(turn: Turn) -> None:
    """RT12: kept, and nothing else."""
    turn.emit(EVENT_OF[type(turn.data)], **fields_of(turn.data, turn.facts.now) | {"blocked": True})


def hear(turn: Turn) -> None:
    """The client wrote."""
    conversation, at = turn.open, turn.data.received_at
    turn.change(
        unread=conversation.unread + 1,
        waiting_since=conversation.waiting_since or at,
        last_message_at=later(conversation.last_message_at, at),
        last_author="client",
        free_text_until=raised(turn),
    )
    turn.last_heard = turn.data.external_id
    note(turn)
    turn.spoke(CLIENT)


def hear_ours(turn: Turn) -> None:
    """One of us answered past us, in the provider's own program."""
    last = later(turn.open.last_message_at, turn.data.received_at)
    turn.change(waiting_since=None, last_message_at=last, last_author="us")
    note(turn)
    turn.spoke(turn.actor.id)


def closed_by_client(turn: Turn) -> None:
    """LC8: the visitor closed the chat, whoever has it; the channel shows it without being asked."""
    note(turn)
    end(turn, "by_client")


def later(one: datetime | None, other: datetime) -> datetime:
    return other if one is None or other > one else one
