"""The router's part in tests of the store: what happens in dialogs, as the events that it would publish."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from shared.contract import ids
from shared.contract.capabilities import Capabilities
from shared.contract.content import text_content
from shared.contract.envelope import Data, Envelope, wrap
from shared.contract.events import (
    AccountChanged,
    AttachmentStored,
    CallHappened,
    ConversationAssigned,
    ConversationClosed,
    ConversationDescribed,
    ConversationOffered,
    ConversationOpened,
    ConversationRead,
    ConversationReopened,
    ConversationResynced,
    ConversationReturned,
    ConversationState,
    DialogEvent,
    IdentityLearned,
    MessageDeleted,
    MessageDelivery,
    MessageEdited,
    MessageQueued,
    MessageReacted,
    MessageReceived,
    Offer,
    OfferEnded,
    OperatorChanged,
    ParticipantsChanged,
)
from shared.contract.people import Actor, DialogRef, Identity
from shared.contract.rights import Right, Role, rights_of

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def envelope(data: Data, subject: object, at: datetime = START) -> Envelope[Data]:
    """An event on its way, under a new id."""
    return wrap(data, id=uuid4(), source="router", time=at, subject=str(subject), traceparent=TRACE)


def operator(
    operator_id: UUID,
    login: str = "anna",
    *,
    role: Role = "operator",
    without: tuple[Right, ...] = (),
    accounts: tuple[str, ...] | None = None,
    groups: tuple[str, ...] = (),
    disabled: bool = False,
    version: int = 1,
    **changes: Any,
) -> Envelope[Data]:
    """An operator as the router tells of one."""
    event = OperatorChanged(
        operator_id=operator_id,
        login=login,
        name=login.title(),
        public_name=login.title(),
        role=role,
        rights=tuple(sorted(rights_of(role, without))),
        accounts=accounts,
        groups=groups,
        available=True,
        present=True,
        disabled=disabled,
        version=version,
        access_version=version,
        cause=uuid4(),
        **changes,
    )
    return envelope(event, f"operator:{operator_id}")


def account(name: str, groups: tuple[str, ...] = (), version: int = 1, **changes: Any) -> Envelope[Data]:
    """An account of the web chat as the router tells of one."""
    event = AccountChanged(
        channel="webchat",
        account=name,
        name=name.title(),
        capabilities=Capabilities(),
        connected=True,
        groups=groups,
        version=version,
        cause=uuid4(),
        **changes,
    )
    return envelope(event, f"account:webchat.{name}")


@dataclass
class Story:
    """One dialog; each method is something that happens there and gives its event."""

    visitor: str = "v1"
    account: str = "site"
    name: str | None = "Vera"
    now: datetime = START
    version: int = 0
    sequence: int = 0
    state: ConversationState | None = None
    told: list[Envelope[Data]] = field(default_factory=list)

    @property
    def ref(self) -> DialogRef:
        dialog_id = ids.dialog_id("webchat", self.account, self.visitor)
        return DialogRef(dialog_id=dialog_id, channel="webchat", account=self.account, chat=self.visitor)

    @property
    def conversation_id(self) -> UUID:
        assert self.state is not None
        return self.state.conversation_id

    @property
    def client(self) -> Identity:
        return Identity(channel="webchat", address=self.visitor, name=self.name)

    def opened(self) -> Envelope[Data]:
        conversation_id = ids.conversation_id(self.ref.dialog_id, uuid4())
        self.state = ConversationState(conversation_id=conversation_id, status="new", opened_at=self.now)
        return self._tell(ConversationOpened, actor=self._client())

    def heard(self, text: str, **changes: Any) -> Envelope[Data]:
        """The client writes; in order unless told otherwise."""
        self.sequence += 1
        external = changes.pop("external_id", f"m{self.sequence}")
        sent_at = changes.pop("sent_at", self.now)
        if self.state is not None and not changes.get("blocked"):
            waits = self.state.waiting_since or self.now
            unread = self.state.unread + 1
            self._state(last_author="client", last_message_at=self.now, waiting_since=waits, unread=unread)
        fields: dict[str, Any] = {
            "message_id": ids.message_id("webchat", self.account, self.visitor, external, sent_at),
            "external_id": external,
            "sender": self.client,
            "content": text_content(text),
            "sent_at": sent_at,
            "received_at": self.now,
            "sequence": self.sequence,
            "actor": self._client(),
        }
        return self._tell(MessageReceived, **fields | changes)

    def assigned(self, operator_id: UUID, **changes: Any) -> Envelope[Data]:
        self._state(status="active", assignee=operator_id, assigned_at=self.now, offer=None)
        fields: dict[str, Any] = {"assignee": operator_id, "how": "accepted"}
        return self._tell(ConversationAssigned, actor=self._operator(operator_id), **fields | changes)

    def offered(
        self, *, to: UUID | None = None, group: str | None = None, by: UUID | None = None, **changes: Any
    ) -> Envelope[Data]:
        """To an operator or a group; by whom it is responsible for, else it is an assignment."""
        assert self.state is not None
        kind: Any = "assignment" if self.state.assignee is None else "transfer"
        offer = Offer(
            offer_id=uuid4(), kind=kind, operator_id=to, group=group, by=by, comment="please",
            offered_at=self.now,
        )  # fmt: skip
        self._state(status="offered" if kind == "assignment" else "active", offer=offer)
        return self._tell(ConversationOffered, offer=offer, actor=self._system(), **changes)

    def offer_ended(self, how: str, comment: str | None = None) -> Envelope[Data]:
        assert self.state is not None
        offer = self.state.offer
        self._state(status="new" if self.state.assignee is None else "active", offer=None)
        return self._tell(OfferEnded, offer=offer, how=how, comment=comment, actor=self._system())

    def returned(self, comment: str | None = None) -> Envelope[Data]:
        assert self.state is not None
        former = self.state.assignee
        self._state(status="new", assignee=None, assigned_at=None, offer=None)
        return self._tell(ConversationReturned, former=former, comment=comment, actor=self._system())

    def joined(self, *operators: UUID) -> Envelope[Data]:
        assert self.state is not None
        self._state(participants=(*self.state.participants, *operators))
        return self._tell(ParticipantsChanged, added=operators, actor=self._system())

    def described(self, description: str | None) -> Envelope[Data]:
        self._state(description=description)
        return self._tell(ConversationDescribed, description=description, actor=self._system())

    def queued(self, text: str, operator_id: UUID, **changes: Any) -> Envelope[Data]:
        self._state(last_author="us", last_message_at=self.now, waiting_since=None)
        fields: dict[str, Any] = {
            "message_id": uuid4(),
            "content": text_content(text),
            "author_name": "Anna",
            "created_at": self.now,
            "actor": self._operator(operator_id),
        }
        return self._tell(MessageQueued, **fields | changes)

    def delivery(self, state: str, **about: Any) -> Envelope[Data]:
        return self._tell(MessageDelivery, state=state, at=self.now, actor=self._client(), **about)

    def call(self, state: str, **changes: Any) -> Envelope[Data]:
        """News of a call of the client's."""
        fields: dict[str, Any] = {
            "external_id": "c1",
            "direction": "in",
            "identity": self.client,
            "at": self.now,
        }
        return self._tell(CallHappened, state=state, actor=self._system(), **fields | changes)

    def identity_learned(self, identity: Identity) -> Envelope[Data]:
        return self._tell(IdentityLearned, identity=identity, actor=self._client())

    def edited(self, external_id: str, text: str, **changes: Any) -> Envelope[Data]:
        fields: dict[str, Any] = {"content": text_content(text), "edited_at": self.now}
        return self._tell(MessageEdited, external_id=external_id, actor=self._client(), **fields | changes)

    def stored(self, message_id: UUID, attachment_id: UUID) -> Envelope[Data]:
        return self._tell(
            AttachmentStored,
            message_id=message_id,
            attachment_id=attachment_id,
            mime_type="image/png",
            size_bytes=68,
            actor=self._system(),
        )

    def deleted(self, external_id: str) -> Envelope[Data]:
        return self._tell(MessageDeleted, external_id=external_id, deleted_at=self.now, actor=self._client())

    def reacted(self, external_id: str, *emoji: str) -> Envelope[Data]:
        return self._tell(
            MessageReacted, external_id=external_id, sender=self.client, emoji=emoji, actor=self._client()
        )

    def read(self, operator_id: UUID) -> Envelope[Data]:
        self._state(unread=0)
        return self._tell(ConversationRead, up_to=0, actor=self._operator(operator_id))

    def closed(self, operator_id: UUID) -> Envelope[Data]:
        actor = self._operator(operator_id)
        self._state(
            status="closed", closed_at=self.now, closed_by=actor, waiting_since=None, unread=0, offer=None
        )
        return self._tell(ConversationClosed, actor=actor)

    def reopened(self) -> Envelope[Data]:
        self._state(status="new", assignee=None, closed_at=None, closed_by=None)
        return self._tell(ConversationReopened, actor=self._client())

    def resynced(self) -> Envelope[Data]:
        """State alone, under the version that it is of."""
        self.version -= 1
        return self._tell(ConversationResynced, actor=self._system())

    def repeat(self, told: Envelope[Data], **changes: Any) -> Envelope[Data]:
        """The same event under another id."""
        return envelope(told.data.model_copy(update=changes), told.subject, told.time)

    def _tell(self, kind: type[DialogEvent], **said: Any) -> Envelope[Data]:
        self.version += 1
        common: dict[str, Any] = {"dialog": self.ref, "version": self.version, "cause": uuid4()}
        told = envelope(kind(**common, conversation=self.state, **said), self.ref.dialog_id, self.now)
        self.told.append(told)
        self.now += timedelta(seconds=1)
        return told

    def _state(self, **changes: Any) -> None:
        assert self.state is not None
        self.state = self.state.model_copy(update=changes)

    def _client(self) -> Actor:
        return Actor(kind="client", id=self.visitor, name=self.name)

    def _system(self) -> Actor:
        return Actor(kind="system", id="system")

    def _operator(self, operator_id: UUID) -> Actor:
        return Actor(kind="operator", id=str(operator_id), name="Anna")
