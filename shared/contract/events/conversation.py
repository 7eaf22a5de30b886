"""What happened to a conversation: from the first unanswered message to its closing."""

from __future__ import annotations

from typing import ClassVar, Literal, TypeAlias
from uuid import UUID

from shared.contract.events.dialog import DialogEvent, Offer
from shared.contract.wire import Wire


class ConversationOpened(DialogEvent):
    TYPE: ClassVar[str] = "conversation.opened.v1"


class ConversationReopened(DialogEvent):
    TYPE: ClassVar[str] = "conversation.reopened.v1"


Why: TypeAlias = Literal[
    "chosen",
    "more_loaded",
    "at_limit",
    "status",
    "absent",
    "declined",
    "no_access",
    "disabled",
]
"""BY3: why an operator was chosen, or was not."""


class Considered(Wire):
    """One operator, as the distribution saw them."""

    operator_id: UUID
    why: Why
    load: int = 0
    limit: int | None = None


class ConversationAssigned(DialogEvent):
    """`how`: taken from New, taken by answering, by an offer that was accepted, appointed by a colleague,
    given by the distribution, taken over from the one before, resumed after it was closed, given to the
    last one when the client wrote again, or started by who wrote first."""

    TYPE: ClassVar[str] = "conversation.assigned.v1"
    assignee: UUID
    how: Literal[
        "accepted",
        "answered",
        "transferred",
        "appointed",
        "distributed",
        "taken_over",
        "resumed",
        "returned_to",
        "started",
    ]
    former: UUID | None = None
    """Who had it before."""
    comment: str | None = None
    considered: tuple[Considered, ...] = ()
    """Of the distribution: the chosen one first; twenty at most."""


class ConversationOffered(DialogEvent):
    TYPE: ClassVar[str] = "conversation.offered.v1"
    offer: Offer
    considered: tuple[Considered, ...] = ()


class OfferEnded(DialogEvent):
    """An offer was not taken: declined, recalled by who made it, or its time was over."""

    TYPE: ClassVar[str] = "conversation.offer_ended.v1"
    offer: Offer
    how: Literal["declined", "recalled", "expired"]
    comment: str | None = None


class ConversationReturned(DialogEvent):
    """LC5: to New again."""

    TYPE: ClassVar[str] = "conversation.returned.v1"
    former: UUID | None = None
    comment: str | None = None


class ParticipantsChanged(DialogEvent):
    TYPE: ClassVar[str] = "conversation.participants_changed.v1"
    added: tuple[UUID, ...] = ()
    removed: tuple[UUID, ...] = ()


class ConversationDescribed(DialogEvent):
    TYPE: ClassVar[str] = "conversation.described.v1"
    description: str | None = None


class ConversationRead(DialogEvent):
    TYPE: ClassVar[str] = "conversation.read.v1"
    up_to: int


class ConversationMarkedUnread(DialogEvent):
    TYPE: ClassVar[str] = "conversation.marked_unread.v1"


class ConversationClosed(DialogEvent):
    TYPE: ClassVar[str] = "conversation.closed.v1"
    category: str | None = None
    how: Literal["by_hand", "by_client", "silence"] = "by_hand"


class ConversationResynced(DialogEvent):
    """State alone, repeated for those who may have missed it; no line of history."""

    TYPE: ClassVar[str] = "conversation.resynced.v1"


class ConversationRated(DialogEvent):
    TYPE: ClassVar[str] = "conversation.rated.v1"
    stars: int
    comment: str | None = None
