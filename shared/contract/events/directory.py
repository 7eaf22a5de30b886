"""What happened to people, accounts and settings: each with its whole state after it."""

from __future__ import annotations

from typing import Any, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from shared.contract.capabilities import Capabilities
from shared.contract.envelope import Data
from shared.contract.inbound import KnownTemplate
from shared.contract.people import Actor, Identity, Visit
from shared.contract.rights import Right, Role
from shared.contract.statuses import StatusRow
from shared.contract.wire import Utc


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
    status: str = "available"
    """A row of the table of statuses (OP1)."""
    status_since: Utc | None = None
    available: bool
    """Whether that row allows to take from New."""
    present: bool
    limit: int | None = None
    """RT4: conversations at once; none: any number."""
    status_on_sign_in: str | None = None
    status_on_sign_out: str | None = None
    disabled: bool
    version: int
    access_version: int
    """Raised when what the operator may see or do changed."""
    cause: UUID


class StatusesChanged(Data):
    """The whole table of statuses after a change."""

    TYPE: ClassVar[str] = "statuses.changed.v1"
    statuses: tuple[StatusRow, ...]
    version: int
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
    close_others: bool = True
    category_required: bool = False
    categories: tuple[str, ...] = ()
    close_after_minutes: int = 0
    reopens: Literal["new", "last", "fresh"] = "new"
    distribution: Literal["free", "least_loaded"] = "free"
    handover: Literal["offer", "appoint"] = "offer"
    offer_seconds: int = 60
    max_wait_seconds: int = 300
    wait_ends: Literal["answered", "taken"] = "answered"
    version: int
    cause: UUID


class AccountTemplates(Data):
    """All templates of the provider that may be sent from an account now (MS7)."""

    TYPE: ClassVar[str] = "account.templates.v1"
    channel: str
    account: str
    templates: tuple[KnownTemplate, ...] = ()
    at: Utc
    """When the provider was asked."""
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


class AttachmentExpired(Data):
    """The store removed a file whose time was over (MS3); its message stays and says so."""

    TYPE: ClassVar[str] = "attachment.expired.v1"
    dialog_id: UUID
    message_id: UUID
    attachment_id: UUID
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
    """RT12: what they write until then is kept and not shown."""


class ContactErased(Data):
    """Each owner erases what it keeps of these identities and reports counts."""

    TYPE: ClassVar[str] = "contact.erased.v1"
    contact_id: UUID
    identities: tuple[Identity, ...]
