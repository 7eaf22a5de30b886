"""What every event of a dialog carries: the dialog's version and the conversation's whole small state."""

from __future__ import annotations

from typing import ClassVar, Literal, TypeAlias
from uuid import UUID

from pydantic import Field

from shared.contract.envelope import Data
from shared.contract.people import Actor, DialogRef, Identity, Visit
from shared.contract.wire import Utc, Wire

Status: TypeAlias = Literal["bot", "new", "offered", "active", "closed"]


class Offer(Wire):
    """BY6: somebody is asked to take it. To one operator, whose place it reserves, or to a group."""

    offer_id: UUID
    kind: Literal["assignment", "transfer"]
    """An assignment is of a conversation that nobody has; a transfer leaves it with `by` until accepted."""
    operator_id: UUID | None = None
    group: str | None = None
    by: UUID | None = None
    """The operator who offers; absent: the distribution."""
    comment: str | None = None
    offered_at: Utc
    until: Utc | None = None
    """Absent: until it is answered or recalled."""


class ConversationState(Wire):
    """The whole small state of a conversation after an event."""

    conversation_id: UUID
    status: Status
    assignee: UUID | None = None
    participants: tuple[UUID, ...] = ()
    offer: Offer | None = None
    opened_at: Utc
    assigned_at: Utc | None = None
    closed_at: Utc | None = None
    closed_by: Actor | None = None
    category: str | None = None
    description: str | None = None
    waiting_since: Utc | None = None
    """Since when the client waits for an answer (LC13); absent: the last word is ours."""
    unread: int = 0
    """Messages of the client that the assignee has not read."""
    marked_unread: bool = False
    last_message_at: Utc | None = None
    last_author: Literal["client", "us"] | None = None
    reopened: int = 0
    free_text_until: Utc | None = None
    """Until when anything but a template goes, where the channel has `reply_window_hours` (MS7); absent
    there: only a template, for the client has not written."""


class DialogEvent(Data):
    """Root of what happened in a dialog."""

    dialog: DialogRef
    version: int
    conversation: ConversationState | None = None
    actor: Actor
    cause: UUID
    """Id of the input that caused it: a fact's or a command's."""


class VisitorVisited(DialogEvent):
    TYPE: ClassVar[str] = "dialog.visited.v1"
    visit: Visit | None = None
    identity: Identity | None = None
    fields: dict[str, str] = Field(default_factory=dict)


class VisitorClosed(DialogEvent):
    """The visitor closed the chat (LC8)."""

    TYPE: ClassVar[str] = "dialog.closed_by_client.v1"
    at: Utc


class IdentityLearned(DialogEvent):
    TYPE: ClassVar[str] = "dialog.identity_learned.v1"
    identity: Identity


class MembersChanged(DialogEvent):
    TYPE: ClassVar[str] = "dialog.members_changed.v1"
    title: str | None = None
    joined: tuple[Identity, ...] = ()
    left: tuple[Identity, ...] = ()


class CallHappened(DialogEvent):
    TYPE: ClassVar[str] = "call.happened.v1"
    external_id: str
    direction: Literal["in", "out"]
    state: Literal["ringing", "answered", "missed", "ended"]
    identity: Identity
    operator_id: UUID | None = None
    duration_seconds: float | None = None
    recording_id: UUID | None = None
    recording_type: str | None = None
    at: Utc
