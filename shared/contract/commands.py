"""What somebody wants done, and the answer. On the exchange `commands` under `<noun>.<verb>`.

The envelope's id is the act: a repeat with the same body gets the stored answer, with another body a
conflict. Past its `deadline` a command is answered `expired` and leaves no trace. The answer goes to
the asking replica's own queue (AMQP `reply_to`), transient; the feed carries the command's id too.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar, Final, Literal
from uuid import UUID

from pydantic import Field

from shared.contract.content import Content
from shared.contract.envelope import Data
from shared.contract.people import Actor
from shared.contract.refusals import RefusalCode
from shared.contract.refusals import words as refusal_words
from shared.contract.rights import Right, Role
from shared.contract.wire import Utc, Wire

PATIENCE: Final = timedelta(seconds=30)
"""How long a command may wait before it is answered `expired`."""


class Command(Data):
    """Root of commands: who asks, and until when it makes sense."""

    actor: Actor
    deadline: Utc


class Refusal(Wire):
    code: RefusalCode
    parameters: dict[str, str] = Field(default_factory=dict)

    def words(self, language: str = "en") -> str:
        """The refusal in the reader's language."""
        return refusal_words(self.code, language, self.parameters)


class Answer(Data):
    """What became of a command. `result` names what was made or changed."""

    TYPE: ClassVar[str] = "answer.v1"
    command_id: UUID
    ok: bool
    refusal: Refusal | None = None
    result: dict[str, Any] = Field(default_factory=dict)


class OfConversation(Command):
    """A command about one conversation; its envelope's subject is the dialog."""

    dialog_id: UUID
    conversation_id: UUID


class AcceptConversation(OfConversation):
    """LC3: take it from New. Two at once: the first in the queue wins."""

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


class PostMessage(OfConversation):
    """A reply; on a conversation that nobody took, it takes it (LC4)."""

    TYPE: ClassVar[str] = "message.send.v1"
    message_id: UUID
    """Made by the client that asks: a UUIDv7."""
    content: Content
    seen_up_to: int | None = None
    """Position of the last line that the author saw; a later one of the client's refuses it (BY14)."""
    resend_of: UUID | None = None
    not_before: Utc | None = None
    """Scheduled (MS5)."""


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


class AddOperator(Command):
    TYPE: ClassVar[str] = "operator.add.v1"
    operator_id: UUID
    login: str = Field(pattern=r"^[a-z0-9][a-z0-9._@+-]{0,99}$")
    name: str = Field(min_length=1, max_length=100)
    public_name: str | None = Field(default=None, max_length=100)
    role: Role = "operator"
    without: tuple[Right, ...] = ()
    accounts: tuple[str, ...] | None = None
    """`channel.account` of each allowed account; none: all of them."""
    groups: tuple[str, ...] = ()


class ChangeOperator(Command):
    """Only what is given changes."""

    TYPE: ClassVar[str] = "operator.change.v1"
    operator: str
    """Login or id."""
    name: str | None = Field(default=None, min_length=1, max_length=100)
    public_name: str | None = Field(default=None, max_length=100)
    role: Role | None = None
    without: tuple[Right, ...] | None = None
    accounts: tuple[str, ...] | Literal["all"] | None = None
    groups: tuple[str, ...] | None = None
    disabled: bool | None = None


class ListOperators(Command):
    TYPE: ClassVar[str] = "operator.list.v1"


class SetAvailability(Command):
    """OP1: whether the operator takes conversations now."""

    TYPE: ClassVar[str] = "operator.set_availability.v1"
    operator_id: UUID
    available: bool


class AddGroup(Command):
    TYPE: ClassVar[str] = "group.add.v1"
    slug: str = Field(pattern=r"^[a-z0-9_]{1,40}$")
    name: str = Field(min_length=1, max_length=100)


class ListGroups(Command):
    TYPE: ClassVar[str] = "group.list.v1"


class SetRouting(Command):
    """Settings of routing of one account: only what is given changes."""

    TYPE: ClassVar[str] = "routing.set.v1"
    account: str
    """`channel.account`."""
    groups: tuple[str, ...] | None = None
    """Only these groups see it; none at all: everybody whose access allows the account."""
    close_untaken: bool | None = None


class ListRouting(Command):
    TYPE: ClassVar[str] = "routing.list.v1"


class Resync(Command):
    """Repeat all open state as events, for those who may have missed it (after a restore)."""

    TYPE: ClassVar[str] = "routing.resync.v1"


class RenewPresence(Command):
    """A desk says which operators have its page open; it holds for `seconds` (OP5)."""

    TYPE: ClassVar[str] = "presence.renew.v1"
    desk: str
    operators: tuple[UUID, ...]
    seconds: int = Field(ge=5, le=120)


class ListParked(Command):
    TYPE: ClassVar[str] = "parked.list.v1"
    limit: int = Field(default=50, ge=1, le=500)


class ShowParked(Command):
    TYPE: ClassVar[str] = "parked.show.v1"
    parked_id: UUID


class ReplayParked(Command):
    TYPE: ClassVar[str] = "parked.replay.v1"
    parked_ids: tuple[UUID, ...] = ()
    """None: all that are not replayed or discarded."""


class DiscardParked(Command):
    TYPE: ClassVar[str] = "parked.discard.v1"
    parked_ids: tuple[UUID, ...]


CONVERSATION_COMMANDS: tuple[type[Data], ...] = (
    AcceptConversation,
    CloseConversation,
    ReadConversation,
    MarkUnread,
    PostMessage,
    ChangeMessage,
    RemoveMessage,
    ReactToMessage,
    WithdrawPosted,
)
ROUTER_COMMANDS: tuple[type[Data], ...] = (
    *CONVERSATION_COMMANDS,
    AddOperator,
    ChangeOperator,
    ListOperators,
    SetAvailability,
    AddGroup,
    ListGroups,
    SetRouting,
    ListRouting,
    Resync,
    RenewPresence,
)
STORE_COMMANDS: tuple[type[Data], ...] = (ListParked, ShowParked, ReplayParked, DiscardParked)
COMMANDS: tuple[type[Data], ...] = (*ROUTER_COMMANDS, *STORE_COMMANDS)
