"""What the router gives an account to do, on the exchange `outbound` under `<channel>.<account>`.

The id of the envelope is the id of the act; a gateway's journal keeps its outcome by it.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from shared.contract.content import Content, Origin
from shared.contract.envelope import Data
from shared.contract.people import DialogRef
from shared.contract.wire import Utc


class Act(Data):
    """Root of what an account is asked to do in a dialog; `provider` is what its gateway last told."""

    dialog: DialogRef
    provider: dict[str, Any] = Field(default_factory=dict)
    not_after: Utc
    """Later it is `failed: expired` instead of done."""


class SendMessage(Act):
    TYPE: ClassVar[str] = "outbound.message.v1"
    message_id: UUID
    content: Content
    origin: Origin = "operator"
    author_name: str | None = None
    """What the client sees: a first or public name only (OP7)."""
    author_avatar_id: UUID | None = None
    priority: Literal["reply", "bulk"] = "reply"
    resend_of: UUID | None = None
    quoted_external_id: str | None = None
    created_at: Utc


class EditMessage(Act):
    TYPE: ClassVar[str] = "outbound.edit.v1"
    message_id: UUID
    external_ids: tuple[str, ...] = ()
    content: Content


class DeleteMessage(Act):
    TYPE: ClassVar[str] = "outbound.deletion.v1"
    message_id: UUID
    external_ids: tuple[str, ...] = ()


class WithdrawMessage(Act):
    """Undo within seconds, or a scheduled one no longer wanted: not sent, if it is not too late."""

    TYPE: ClassVar[str] = "outbound.withdrawal.v1"
    message_id: UUID


class React(Act):
    TYPE: ClassVar[str] = "outbound.reaction.v1"
    external_id: str
    emoji: tuple[str, ...]


class MarkRead(Act):
    TYPE: ClassVar[str] = "outbound.read.v1"
    external_id: str


class CloseChat(Act):
    """The conversation ended; a channel that shows it to the client does so."""

    TYPE: ClassVar[str] = "outbound.closing.v1"
    conversation_id: UUID


ACTS: tuple[type[Data], ...] = (
    SendMessage,
    EditMessage,
    DeleteMessage,
    WithdrawMessage,
    React,
    MarkRead,
    CloseChat,
)
