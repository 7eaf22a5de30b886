"""What happened to a message."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from shared.contract.content import Content, Origin
from shared.contract.events.dialog import DialogEvent
from shared.contract.inbound import DeliveryState
from shared.contract.people import Identity, Visit
from shared.contract.wire import Utc


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
    blocked: bool = False
    """RT12: of a contact who is blocked: kept, and not shown."""
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
    recipient: Identity | None = None
    """Of a message that somebody wrote first: whom it goes to, as the channel would name them."""
    dialog_title: str | None = None
    """Of one that begins a thread."""


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
