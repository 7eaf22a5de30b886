"""What happened to a conversation: from the first unanswered message to its closing."""

from __future__ import annotations

from typing import ClassVar, Literal
from uuid import UUID

from shared.contract.events.dialog import DialogEvent


class ConversationOpened(DialogEvent):
    TYPE: ClassVar[str] = "conversation.opened.v1"


class ConversationReopened(DialogEvent):
    TYPE: ClassVar[str] = "conversation.reopened.v1"


class ConversationAssigned(DialogEvent):
    TYPE: ClassVar[str] = "conversation.assigned.v1"
    assignee: UUID
    how: Literal["accepted", "answered"]


class ConversationRead(DialogEvent):
    TYPE: ClassVar[str] = "conversation.read.v1"
    up_to: int


class ConversationMarkedUnread(DialogEvent):
    TYPE: ClassVar[str] = "conversation.marked_unread.v1"


class ConversationClosed(DialogEvent):
    TYPE: ClassVar[str] = "conversation.closed.v1"
    category: str | None = None


class ConversationResynced(DialogEvent):
    """State alone, repeated for those who may have missed it; no line of history."""

    TYPE: ClassVar[str] = "conversation.resynced.v1"


class ConversationRated(DialogEvent):
    TYPE: ClassVar[str] = "conversation.rated.v1"
    stars: int
    comment: str | None = None
