"""Facts that gateways hear, on the exchange `inbound` under `<fact>.<channel>.<account>`.

The fact's word is the middle of its type: `inbound.message.v1` travels under `message.webchat.site`.
The id of the envelope is the identity of contract/ids.py, so a repeat is the same id.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final, Literal, TypeAlias
from uuid import UUID

from pydantic import Field

from shared.contract.capabilities import Capabilities
from shared.contract.content import Content, Origin
from shared.contract.envelope import Data
from shared.contract.people import DialogRef, Identity, Visit
from shared.contract.wire import Utc, Wire

DeliveryState: TypeAlias = Literal["queued", "sent", "delivered", "read", "failed", "unconfirmed"]
REPLAYED: Final = "replayed"
"""Code of `queued` that is told of a message that was given up and is sent again: it begins anew."""


class Fact(Data):
    """Root of what is heard in a dialog; `provider` is opaque and handed back on replies."""

    dialog: DialogRef
    provider: dict[str, Any] = Field(default_factory=dict)


class MessageHeard(Fact):
    """A message of the client, or one of ours written past us (`origin="external"`)."""

    TYPE: ClassVar[str] = "inbound.message.v1"
    message_id: UUID
    external_id: str
    sender: Identity
    origin: Origin = "client"
    content: Content
    sent_at: Utc | None = None
    """The provider's time."""
    received_at: Utc
    sequence: int | None = None
    """The provider's order in the dialog, where it gives one."""
    backfill: bool = False
    """Fetched to close a gap: older than the keys, it goes to history and opens nothing (BY11)."""
    visit: Visit | None = None
    dialog_title: str | None = None


class MessageEdited(Fact):
    TYPE: ClassVar[str] = "inbound.edit.v1"
    external_id: str
    content: Content
    edited_at: Utc | None = None


class MessageDeleted(Fact):
    TYPE: ClassVar[str] = "inbound.deletion.v1"
    external_id: str
    deleted_at: Utc | None = None


class Reacted(Fact):
    TYPE: ClassVar[str] = "inbound.reaction.v1"
    external_id: str
    sender: Identity
    emoji: tuple[str, ...]
    """The whole set of the sender's reactions now; empty: taken back."""


class ButtonPressed(Fact):
    TYPE: ClassVar[str] = "inbound.press.v1"
    external_id: str | None = None
    sender: Identity
    label: str | None = None
    payload: str | None = None


class DeliveryReported(Fact):
    """What became of a message of ours: the journal's outcome, or the provider's receipt for one message."""

    TYPE: ClassVar[str] = "inbound.delivery.v1"
    message_id: UUID | None = None
    external_id: str | None = None
    external_ids: tuple[str, ...] = ()
    """Where one message of ours became several of the provider's."""
    state: DeliveryState
    code: str | None = None
    words: str | None = None
    at: Utc
    part: int | None = None
    sequence: int | None = None


class ReadUpTo(Fact):
    """A receipt that names everything of ours up to one message."""

    TYPE: ClassVar[str] = "inbound.receipt.v1"
    state: Literal["delivered", "read"]
    up_to: str
    """External id of the last message concerned."""
    at: Utc


class ChatClosed(Fact):
    """The visitor closed the chat (LC8)."""

    TYPE: ClassVar[str] = "inbound.closing.v1"
    at: Utc


class Visited(Fact):
    """The visitor is on another page, or told more about themselves."""

    TYPE: ClassVar[str] = "inbound.visit.v1"
    visit: Visit | None = None
    identity: Identity | None = None
    fields: dict[str, str] = Field(default_factory=dict)
    consent: bool | None = None


class IdentityLearned(Fact):
    """Two addresses turn out to be one person (BY13)."""

    TYPE: ClassVar[str] = "inbound.identity.v1"
    identity: Identity


class RequestLeft(Data):
    """A form of a site: contact details and a comment, no chat (CH2)."""

    TYPE: ClassVar[str] = "inbound.request.v1"
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


class Rated(Fact):
    TYPE: ClassVar[str] = "inbound.rating.v1"
    stars: int = Field(ge=1, le=5)
    comment: str | None = None
    at: Utc


class MembersChanged(Fact):
    """Who is in a group chat now (GR1)."""

    TYPE: ClassVar[str] = "inbound.members.v1"
    title: str | None = None
    joined: tuple[Identity, ...] = ()
    left: tuple[Identity, ...] = ()


class AttachmentStored(Data):
    """The bytes of an attachment are safe in the blobs."""

    TYPE: ClassVar[str] = "inbound.stored.v1"
    dialog_id: UUID
    message_id: UUID
    attachment_id: UUID
    mime_type: str
    size_bytes: int
    width: int | None = None
    height: int | None = None
    duration_seconds: float | None = None


class AttachmentFailed(Data):
    TYPE: ClassVar[str] = "inbound.unfetched.v1"
    dialog_id: UUID
    message_id: UUID
    attachment_id: UUID
    code: str
    words: str


class CallHeard(Fact):
    """A telephone call of a PBX (EX3)."""

    TYPE: ClassVar[str] = "inbound.call.v1"
    external_id: str
    direction: Literal["in", "out"]
    state: Literal["ringing", "answered", "missed", "ended"]
    identity: Identity
    operator_id: UUID | None = None
    duration_seconds: float | None = None
    recording_id: UUID | None = None
    """Of the blob: it is stored when the call is told."""
    recording_type: str | None = None
    """The recording's MIME type."""
    at: Utc


class AccountDeclared(Data):
    """A gateway announces an account of its file, at its start and when the file changed."""

    TYPE: ClassVar[str] = "inbound.account.v1"
    channel: str
    account: str
    name: str
    capabilities: Capabilities
    connected: bool = True
    """False: it has gone from the file."""
    declared_at: Utc


class AccountHealth(Data):
    """How an account does (BY10)."""

    TYPE: ClassVar[str] = "inbound.health.v1"
    channel: str
    account: str
    state: Literal["well", "degraded", "down", "login_needed", "throttled"]
    reason: str | None = None
    until: Utc | None = None
    at: Utc


class KnownTemplate(Wire):
    """A message that the provider approved (MS7), as an operator fills it in."""

    name: str
    language: str
    category: str | None = None
    text: str
    """The body, its places written `{{1}}`, `{{2}}` …"""
    header: str | None = None
    footer: str | None = None
    parameters: int = 0
    """How many places there are in all: of the header, then the body, then the buttons."""
    examples: tuple[str, ...] = ()
    """What the provider was shown in each place, in the same order."""
    buttons: tuple[str, ...] = ()
    """Their labels."""
    media: str | None = None
    """What stands in the header instead of words: `image`, `video`, `document`, `location`."""


class TemplatesKnown(Data):
    """All templates that may be sent from an account now; what is missing here is gone."""

    TYPE: ClassVar[str] = "inbound.templates.v1"
    channel: str
    account: str
    templates: tuple[KnownTemplate, ...] = ()
    at: Utc


FACTS: tuple[type[Data], ...] = (
    MessageHeard,
    MessageEdited,
    MessageDeleted,
    Reacted,
    ButtonPressed,
    DeliveryReported,
    ReadUpTo,
    ChatClosed,
    Visited,
    IdentityLearned,
    RequestLeft,
    Rated,
    MembersChanged,
    AttachmentStored,
    AttachmentFailed,
    CallHeard,
    AccountDeclared,
    AccountHealth,
    TemplatesKnown,
)


def fact_word(data: Data | type[Data]) -> str:
    """The word of the routing key: the middle of the type."""
    return data.TYPE.split(".")[1]
