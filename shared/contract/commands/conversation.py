"""What somebody wants done with one conversation, or with one message of it.

An operator acts by rights and in sight of the conversation; see router/permission.py.
"""

from __future__ import annotations

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from shared.contract.commands.command import Command
from shared.contract.content import Content
from shared.contract.envelope import Data
from shared.contract.wire import Utc, Wire

COMMENT_LENGTH = 1000
MOVED_AT_ONCE = 100
"""Conversations that one command may move."""


class OfConversation(Command):
    """A command about one conversation; its envelope's subject is the dialog."""

    dialog_id: UUID
    conversation_id: UUID


class AcceptConversation(OfConversation):
    """LC3: take it from New, or accept an offer. Two at once: the first in the queue wins."""

    TYPE: ClassVar[str] = "conversation.accept.v1"
    received_at: Utc | None = None
    """When the desk received it: an accept counts by this time."""


class CloseConversation(OfConversation):
    TYPE: ClassVar[str] = "conversation.close.v1"
    category: str | None = None


class ReadConversation(OfConversation):
    """The actor has read up to a message, by its position in the dialog."""

    TYPE: ClassVar[str] = "conversation.mark_read.v1"
    up_to: int


class MarkUnread(OfConversation):
    TYPE: ClassVar[str] = "conversation.mark_unread.v1"


class OfferConversation(OfConversation):
    """RT6, BY6: hands it to an operator or a group, who accept or decline; the giver keeps it until then.

    From New it is an assignment (by the right `appoint`); one's own is a transfer.
    """

    TYPE: ClassVar[str] = "conversation.offer.v1"
    operator_id: UUID | None = None
    group: str | None = None
    comment: str | None = Field(default=None, max_length=COMMENT_LENGTH)


class DeclineOffer(OfConversation):
    """The offer to the actor, or to a group of theirs' that one of them answers for, is not taken."""

    TYPE: ClassVar[str] = "conversation.decline.v1"
    comment: str | None = Field(default=None, max_length=COMMENT_LENGTH)


class RecallOffer(OfConversation):
    """Whoever offered it keeps it after all."""

    TYPE: ClassVar[str] = "conversation.recall.v1"


class AppointOperator(OfConversation):
    """RT13: makes somebody responsible at once, without acceptance; oneself too."""

    TYPE: ClassVar[str] = "conversation.appoint.v1"
    operator_id: UUID
    comment: str | None = Field(default=None, max_length=COMMENT_LENGTH)


class ReturnConversation(OfConversation):
    """LC5: back to New, for everybody."""

    TYPE: ClassVar[str] = "conversation.return.v1"
    comment: str | None = Field(default=None, max_length=COMMENT_LENGTH)


class ResumeConversation(OfConversation):
    """LC7: a closed one is open again, and the actor's."""

    TYPE: ClassVar[str] = "conversation.resume.v1"


class AddParticipants(OfConversation):
    """LC16: they see it and may answer in it; the responsible one stays."""

    TYPE: ClassVar[str] = "conversation.add_participants.v1"
    operators: tuple[UUID, ...] = Field(min_length=1, max_length=50)


class RemoveParticipant(OfConversation):
    """LC16: oneself, or another by the right `participants.remove`."""

    TYPE: ClassVar[str] = "conversation.remove_participant.v1"
    operator_id: UUID


class DescribeConversation(OfConversation):
    """LC20: what it is about, in an operator's words; empty: nothing."""

    TYPE: ClassVar[str] = "conversation.describe.v1"
    description: str = Field(max_length=2000)


class ExplainConversation(OfConversation):
    """BY3: who could have it now, why not the others, why it waits. Changes nothing."""

    TYPE: ClassVar[str] = "conversation.explain.v1"


class Moved(Wire):
    dialog_id: UUID
    conversation_id: UUID


class MoveConversations(Command):
    """RT7: many at once to one operator, without acceptance; what cannot be moved is named in the answer."""

    TYPE: ClassVar[str] = "conversation.move.v1"
    conversations: Annotated[tuple[Moved, ...], Field(min_length=1, max_length=MOVED_AT_ONCE)]
    operator_id: UUID
    comment: str | None = Field(default=None, max_length=COMMENT_LENGTH)


class PostMessage(OfConversation):
    """A reply; on a conversation that nobody took, it takes it (LC4)."""

    TYPE: ClassVar[str] = "message.send.v1"
    message_id: UUID
    """Made by the client that asks: a UUIDv7."""
    content: Content
    seen_version: int | None = None
    """The dialog's version that the author saw; what the client or a colleague said later refuses it."""
    resend_of: UUID | None = None
    not_before: Utc | None = None
    """Scheduled (MS5)."""


class StartConversation(Command):
    """MS12: writes to somebody first; the conversation is the author's at once.

    Where a dialog is one person, the one that is open is gone on with. The answer's result names
    `conversation_id`, `dialog_id`, `message_id` and `assignee`, whose conversation it is.
    """

    TYPE: ClassVar[str] = "conversation.start.v1"
    account: str = Field(max_length=100)
    """`channel.account`."""
    address: str = Field(min_length=1, max_length=500)
    """As the account's capabilities name it: a phone, an address of mail, or the provider's own id."""
    name: str | None = Field(default=None, max_length=200)
    """Of the person; one who is known keeps the name that they have."""
    message_id: UUID
    """Made by the client that asks: a UUIDv7."""
    content: Content
    """Of a mail with `subject` and `cc`; whom it goes to is `address`."""


class OfMessage(OfConversation):
    message_id: UUID


class ChangeMessage(OfMessage):
    TYPE: ClassVar[str] = "message.edit.v1"
    content: Content


class RemoveMessage(OfMessage):
    TYPE: ClassVar[str] = "message.delete.v1"


class ReactToMessage(OfMessage):
    TYPE: ClassVar[str] = "message.react.v1"
    external_id: str
    """The provider's id of the message: the router keeps no history."""
    emoji: tuple[str, ...]


class WithdrawPosted(OfMessage):
    TYPE: ClassVar[str] = "message.withdraw.v1"


CONVERSATION_COMMANDS: tuple[type[Data], ...] = (
    AcceptConversation,
    CloseConversation,
    ReadConversation,
    MarkUnread,
    OfferConversation,
    DeclineOffer,
    RecallOffer,
    AppointOperator,
    ReturnConversation,
    ResumeConversation,
    AddParticipants,
    RemoveParticipant,
    DescribeConversation,
    StartConversation,
    PostMessage,
    ChangeMessage,
    RemoveMessage,
    ReactToMessage,
    WithdrawPosted,
)
"""Each is a word of the router's table."""
