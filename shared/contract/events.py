"""What happened, on the exchange `events` under its own type. Anyone may listen.

Each event of a dialog carries the dialog's `version`, raised in the router's transaction, and the
conversation's whole small state after it. A consumer takes state only if it is newer, and always adds
the line of history.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal, TypeAlias
from uuid import UUID

from pydantic import Field

from shared.contract.capabilities import Capabilities
from shared.contract.content import Content, Origin
from shared.contract.envelope import Data
from shared.contract.inbound import DeliveryState
from shared.contract.people import Actor, DialogRef, Identity, Visit
from shared.contract.rights import Right, Role
from shared.contract.wire import Utc, Wire

Status: TypeAlias = Literal["bot", "new", "offered", "active", "closed"]


class ConversationState(Wire):
    """The whole small state of a conversation after an event."""

    conversation_id: UUID
    status: Status
    assignee: UUID | None = None
    participants: tuple[UUID, ...] = ()
    opened_at: Utc
    assigned_at: Utc | None = None
    closed_at: Utc | None = None
    closed_by: Actor | None = None
    category: str | None = None
    waiting_since: Utc | None = None
    """Since when the client waits for an answer (LC13); absent: the last word is ours."""
    unread: int = 0
    """Messages of the client that the assignee has not read."""
    marked_unread: bool = False
    last_message_at: Utc | None = None
    last_author: Literal["client", "us"] | None = None
    reopened: int = 0


class DialogEvent(Data):
    """Root of what happened in a dialog."""

    dialog: DialogRef
    version: int
    conversation: ConversationState | None = None
    actor: Actor
    cause: UUID
    """Id of the input that caused it: a fact's or a command's."""


class MessageReceived(DialogEvent):
    """A message of the client, or one written past us."""

    TYPE: ClassVar[str] = "message.received.v1"
    message_id: UUID
    external_id: str
    sender: Identity
    origin: Origin = "client"
    content: Content
    sent_at: Utc | None = None
    received_at: Utc
    sequence: int | None = None
    backfill: bool = False
    visit: Visit | None = None
    dialog_title: str | None = None


class MessageQueued(DialogEvent):
    """A message of ours is on its way to its gateway."""

    TYPE: ClassVar[str] = "message.queued.v1"
    message_id: UUID
    content: Content
    origin: Origin = "operator"
    author_name: str | None = None
    resend_of: UUID | None = None
    created_at: Utc
    not_before: Utc | None = None


class MessageDelivery(DialogEvent):
    """What became of a message of ours. Forward only: queued < sent < delivered < read."""

    TYPE: ClassVar[str] = "message.delivery.v1"
    message_id: UUID | None = None
    external_id: str | None = None
    external_ids: tuple[str, ...] = ()
    up_to: str | None = None
    """Everything of ours up to this external id."""
    state: DeliveryState
    code: str | None = None
    words: str | None = None
    at: Utc
    sequence: int | None = None


class MessageEdited(DialogEvent):
    """By the client, or by us after the provider did it; the original is kept (MS10)."""

    TYPE: ClassVar[str] = "message.edited.v1"
    message_id: UUID | None = None
    external_id: str | None = None
    content: Content
    edited_at: Utc


class MessageDeleted(DialogEvent):
    TYPE: ClassVar[str] = "message.deleted.v1"
    message_id: UUID | None = None
    external_id: str | None = None
    deleted_at: Utc


class MessageReacted(DialogEvent):
    TYPE: ClassVar[str] = "message.reacted.v1"
    external_id: str
    sender: Identity | None = None
    emoji: tuple[str, ...]


class ButtonPressed(DialogEvent):
    TYPE: ClassVar[str] = "message.pressed.v1"
    external_id: str | None = None
    sender: Identity
    label: str | None = None
    payload: str | None = None


class AttachmentStored(DialogEvent):
    TYPE: ClassVar[str] = "attachment.stored.v1"
    message_id: UUID
    attachment_id: UUID
    mime_type: str
    size_bytes: int
    width: int | None = None
    height: int | None = None
    duration_seconds: float | None = None


class AttachmentFailed(DialogEvent):
    TYPE: ClassVar[str] = "attachment.failed.v1"
    message_id: UUID
    attachment_id: UUID
    code: str
    words: str


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
    at: Utc


class RequestReceived(Data):
    TYPE: ClassVar[str] = "request.received.v1"
    channel: str
    account: str
    external_id: str
    name: str | None = None
    phone: str | None = None
    email: str | None = None
    comment: str | None = None
    fields: dict[str, str] = Field(default_factory=dict)
    visit: Visit | None = None
    received_at: Utc


class OperatorChanged(Data):
    """The whole state of an operator after a change."""

    TYPE: ClassVar[str] = "operator.changed.v1"
    operator_id: UUID
    login: str
    name: str
    public_name: str
    role: Role
    rights: tuple[Right, ...]
    accounts: tuple[str, ...] | None = None
    """`channel.account` of each allowed one; absent: all of them."""
    groups: tuple[str, ...]
    available: bool
    present: bool
    disabled: bool
    version: int
    access_version: int
    """Raised when what the operator may see or do changed."""
    cause: UUID


class GroupChanged(Data):
    TYPE: ClassVar[str] = "group.changed.v1"
    slug: str
    name: str
    version: int
    cause: UUID


class AccountChanged(Data):
    """The whole state of an account: what its gateway declared and what routing adds."""

    TYPE: ClassVar[str] = "account.changed.v1"
    channel: str
    account: str
    name: str
    capabilities: Capabilities
    connected: bool
    health: Literal["well", "degraded", "down", "login_needed", "throttled"] = "well"
    health_reason: str | None = None
    health_until: Utc | None = None
    groups: tuple[str, ...] = ()
    close_untaken: bool = True
    version: int
    cause: UUID


class ActRecorded(Data):
    """AD6: an administrative act, for the audit log."""

    TYPE: ClassVar[str] = "audit.recorded.v1"
    actor: Actor
    command: str
    subject: str
    accepted: bool
    refusal: str | None = None
    detail: dict[str, Any] = Field(default_factory=dict)
    at: Utc


class ContactFacts(Data):
    """What the store tells everybody about a person."""

    TYPE: ClassVar[str] = "contact.facts.v1"
    contact_id: UUID
    version: int
    name: str | None = None
    identities: tuple[Identity, ...]
    personal_manager: UUID | None = None
    blocked_until: Utc | None = None


class ContactErased(Data):
    """Each owner erases what it keeps of these identities and reports counts."""

    TYPE: ClassVar[str] = "contact.erased.v1"
    contact_id: UUID
    identities: tuple[Identity, ...]


DIALOG_EVENTS: tuple[type[DialogEvent], ...] = (
    MessageReceived,
    MessageQueued,
    MessageDelivery,
    MessageEdited,
    MessageDeleted,
    MessageReacted,
    ButtonPressed,
    AttachmentStored,
    AttachmentFailed,
    ConversationOpened,
    ConversationReopened,
    ConversationAssigned,
    ConversationRead,
    ConversationMarkedUnread,
    ConversationClosed,
    ConversationResynced,
    ConversationRated,
    VisitorVisited,
    VisitorClosed,
    IdentityLearned,
    MembersChanged,
    CallHappened,
)
EVENTS: tuple[type[Data], ...] = (
    *DIALOG_EVENTS,
    RequestReceived,
    OperatorChanged,
    GroupChanged,
    AccountChanged,
    ActRecorded,
    ContactFacts,
    ContactErased,
)
