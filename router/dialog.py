"""A dialog as the router keeps it, and one decision about it in the making.

The router keeps little: the dialog's version, what its gateway last told (`provider`, handed back on
replies; `last_heard`, what is read next), and the small state of its conversation. History is the store's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

from router.floor import Floor
from router.registry import USUAL, Account, Operator, Registry, Routing
from shared.access import Scope
from shared.contract.commands import Answer, Command, Refusal
from shared.contract.content import Origin
from shared.contract.envelope import Data, Envelope
from shared.contract.events import ConversationState, DialogEvent
from shared.contract.inbound import ChatClosed, Fact, IdentityLearned, MessageHeard, Rated, ReadUpTo, Visited
from shared.contract.outbound import Act
from shared.contract.people import Actor, DialogRef, Identity
from shared.contract.refusals import RefusalCode

Phase: TypeAlias = Literal["none", "new", "offered", "active", "closed"]
PHASES: Final[tuple[Phase, ...]] = ("none", "new", "offered", "active", "closed")

_OF_CLIENT: Final = (ReadUpTo, ChatClosed, Visited, Rated, IdentityLearned)
"""Facts without a sender that the client of the dialog causes."""

_KIND_OF: Final[Mapping[Origin, Literal["operator", "bot", "system"]]] = {
    "operator": "operator",
    "external": "operator",
    "bot": "bot",
    "system": "system",
}
"""Who wrote one of ours past us."""

CLIENT: Final = "client"
"""Who spoke last, where it was the client."""

Input: TypeAlias = Envelope[Data]
Effect: TypeAlias = DialogEvent | Act | Answer


class Refused(Exception):
    """A command that is not carried out: nothing changes, and its author is told why."""

    def __init__(self, code: RefusalCode, **parameters: str) -> None:
        super().__init__(code)
        self.code: RefusalCode = code
        self.parameters = parameters

    def answer(self, command_id: UUID) -> Answer:
        refusal = Refusal(code=self.code, parameters=self.parameters)
        return Answer(command_id=command_id, ok=False, refusal=refusal)


@dataclass(frozen=True, slots=True)
class Dialog:
    """`conversation` is the last one; at most one of a dialog is open."""

    ref: DialogRef
    version: int = 0
    provider: dict[str, Any] = field(default_factory=dict)
    conversation: ConversationState | None = None
    last_heard: str | None = None
    """The provider's id of the client's last message: what is marked as read."""
    spoken_version: int = 0
    """The version at which somebody wrote last (BY14)."""
    spoken_by: str | None = None
    """Who that was: an operator's id, or `client`."""
    declined: tuple[UUID, ...] = ()
    """Operators to whom the distribution does not offer it again."""

    @property
    def dialog_id(self) -> UUID:
        return self.ref.dialog_id

    @property
    def account(self) -> str:
        return f"{self.ref.channel}.{self.ref.account}"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a decision may know besides its dialog: the time, and who there is."""

    now: datetime
    registry: Registry
    floor: Floor


@dataclass(frozen=True, slots=True)
class Decision:
    """The dialog after the input, and what is to happen, in order."""

    state: Dialog | None
    effects: tuple[Effect, ...]


class Turn:
    """One input being decided: the state so far, and the effects in order. Lives for one call of `decide`."""

    def __init__(self, dialog: Dialog, input_: Input, facts: Facts) -> None:
        self.before = dialog
        self.id = input_.id
        self.data: Any = input_.data
        self.facts = facts
        self.ref = dialog.ref
        self.version = dialog.version
        self.provider = dialog.provider
        self.conversation = dialog.conversation
        self.last_heard = dialog.last_heard
        self.spoken = (dialog.spoken_version, dialog.spoken_by)
        self.declined = dialog.declined
        self.recipient: Identity | None = None
        """Of a message that is written first."""
        self.effects: list[Effect] = []
        self.result: dict[str, Any] = {}
        self.operator: Operator | None = None
        self.actor = _actor(input_)
        if isinstance(self.data, Fact) and self.data.provider:
            self.provider = self.data.provider

    @property
    def account(self) -> Account | None:
        return self.facts.registry.accounts.get(self.before.account)

    @property
    def open(self) -> ConversationState:
        """The conversation, where the table says that there is one."""
        if self.conversation is None:
            raise LookupError(f"no conversation in dialog {self.before.dialog_id}")
        return self.conversation

    @property
    def scope(self) -> Scope:
        conversation, offer = self.open, self.open.offer
        return Scope(
            self.before.account,
            conversation.status,
            conversation.assignee,
            frozenset(conversation.participants),
            offer.operator_id if offer else None,
            offer.group if offer else None,
        )

    @property
    def settings(self) -> Routing:
        """The account's settings of routing; the usual ones for an account that nobody has declared."""
        return self.account.routing if self.account else USUAL

    def change(self, **fields: Any) -> None:
        """Changes the conversation's state; the next event carries it."""
        self.conversation = self.open.model_copy(update=fields)

    def emit(self, event: type[DialogEvent], **fields: Any) -> None:
        """One event of the dialog: it raises the version and carries the state as it is now."""
        self.version += 1
        self.effects.append(
            event.model_construct(
                **fields,
                dialog=self.ref,
                version=self.version,
                conversation=self.conversation,
                actor=self.actor,
                cause=self.id,
            )
        )

    def spoke(self, by: str) -> None:
        """The event emitted last is a message, by this operator or the client."""
        self.spoken = (self.version, by)

    def act(self, act: Act) -> None:
        """Gives the dialog's account something to do."""
        self.effects.append(act)

    def decision(self) -> Decision:
        """What came of it; a command is answered with what changed."""
        if isinstance(self.data, Command):
            said = {"events": self.version - self.before.version, "version": self.version, **self.result}
            if self.conversation is not None:
                said["conversation_id"] = str(self.conversation.conversation_id)
            self.effects.append(Answer.model_construct(command_id=self.id, ok=True, result=said))
        return Decision(
            Dialog(
                self.before.ref,
                self.version,
                self.provider,
                self.conversation,
                self.last_heard,
                *self.spoken,
                self.declined,
            ),
            tuple(self.effects),
        )


def _actor(input_: Input) -> Actor:
    """Who caused it: a command says; a fact has its sender, the client of the dialog, or its gateway."""
    data: Any = input_.data
    if isinstance(data, Command):
        return data.actor
    if isinstance(data, MessageHeard) and data.origin != "client":
        return Actor.model_construct(
            kind=_KIND_OF[data.origin], id=data.sender.address, name=data.sender.name
        )
    sender: Identity | None = getattr(data, "sender", None)
    if sender is not None:
        return Actor.model_construct(kind="client", id=sender.address, name=sender.name)
    if isinstance(data, _OF_CLIENT):
        return Actor.model_construct(kind="client", id=data.dialog.chat)
    return Actor.model_construct(kind="system", id=input_.source)
