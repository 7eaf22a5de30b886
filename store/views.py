"""What the store shows: the models of its HTTP answers, and the state in each row of the feed, the same.

Whoever applies the rows of the feed to a snapshot has what a fresh snapshot would say.
"""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.contract.capabilities import Capabilities
from shared.contract.content import Content, Origin
from shared.contract.events import Offer, Status
from shared.contract.inbound import DeliveryState, KnownTemplate
from shared.contract.people import Actor, Visit
from shared.contract.rights import Role
from shared.contract.statuses import STANDARD, StatusRow
from shared.contract.wire import Utc
from store.sights import SightText, of_conversation


class View(BaseModel):
    """Root of what is shown."""

    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)


class ConversationView(View):
    """A conversation: what the router said last, and what the store adds (client, last words)."""

    conversation_id: UUID
    dialog_id: UUID
    channel: str
    account: str
    """`channel.account`."""
    kind: Literal["personal", "group"]
    title: str | None = None
    contact_id: UUID | None = None
    client_number: int | None = None
    """For a client without a name: "Client #7"."""
    client_name: str | None = None
    status: Status
    assignee: UUID | None = None
    participants: tuple[UUID, ...] = ()
    offer: Offer | None = None
    """To whom it is offered now."""
    opened_at: Utc
    assigned_at: Utc | None = None
    closed_at: Utc | None = None
    closed_by: Actor | None = None
    category: str | None = None
    description: str | None = None
    waiting_since: Utc | None = None
    """Since when the client waits for an answer."""
    unread: int = 0
    """Messages of the client that the assignee has not read."""
    marked_unread: bool = False
    last_message_at: Utc | None = None
    last_author: Literal["client", "us"] | None = None
    last_message_id: UUID | None = None
    last_text: str | None = None
    """The beginning of the last message's words."""
    last_kind: str | None = None
    """What the last message is where it has no words: `image`, `voice` …"""
    last_position: int = 0
    """The position of its last line of history."""
    reopened: int = 0
    free_text_until: Utc | None = None
    """Until when anything but a template goes, where the account has `reply_window_hours`; absent there: only
    a template."""
    visit: Visit | None = None
    version: int = 0
    """The dialog's version that this state is of."""

    @property
    def sight(self) -> SightText:
        """Who may see it."""
        offer = self.offer
        to, group = (None, None) if offer is None else (offer.operator_id, offer.group)
        return of_conversation(self.account, self.status, self.assignee, self.participants, to, group)


class Reaction(View):
    by: str
    """The address of who reacted, or `us`."""
    emoji: tuple[str, ...]


class LineView(View):
    """A line of a dialog's history: a message, a note, or something that happened (`kind` is then its event).

    A note is seen by operators only. Deleted, it has no content any more.
    """

    entry_id: UUID
    """The message's id, or the event's."""
    dialog_id: UUID
    conversation_id: UUID | None = None
    position: int
    """Its place in the dialog, in microseconds since 1970; unique there."""
    kind: str
    """`message`, `note`, `conversation.assigned`, `conversation.closed` …"""
    at: Utc
    """What the clock shows beside it."""
    received_at: Utc
    sequence: int | None = None
    late: bool = False
    """It came after later ones and stands at its time's place."""
    external_id: str | None = None
    direction: Literal["in", "out"] | None = None
    origin: Origin | None = None
    author: Actor | None = None
    content: Content | None = None
    original: Content | None = None
    """What it said before it was edited."""
    state: DeliveryState | None = None
    code: str | None = None
    """Why it failed, for programs."""
    words: str | None = None
    """Why it failed, for the operator."""
    edited_at: Utc | None = None
    deleted_at: Utc | None = None
    reactions: tuple[Reaction, ...] = ()
    resend_of: UUID | None = None
    detail: dict[str, Any] | None = None
    """What the event says besides: to whom, how, why not to others, the category, the stars."""
    version: int
    """The dialog's version at which the line changed last."""
    cause: UUID
    """The fact or command that made the line."""


class AttachmentView(View):
    """A file of a message; its bytes lie under its id."""

    attachment_id: UUID
    dialog_id: UUID
    conversation_id: UUID | None = None
    message_id: UUID
    kind: str
    """What part of the message it is: `image`, `file`, `voice` …; `html` and `raw` of a mail."""
    name: str
    mime_type: str
    size_bytes: int | None = None
    width: int | None = None
    height: int | None = None
    state: Literal["pending", "stored", "failed", "expired"]
    words: str | None = None
    """Why it failed, for the operator."""


class OperatorView(View):
    """An employee, as colleagues see them."""

    operator_id: UUID
    login: str
    name: str
    public_name: str
    """What clients see."""
    role: Role
    groups: tuple[str, ...] = ()
    status: str = "available"
    """A row of the table of statuses."""
    status_since: Utc | None = None
    available: bool = False
    present: bool = False
    limit: int | None = None
    """Conversations at once; none: any number."""
    status_on_sign_in: str | None = None
    status_on_sign_out: str | None = None
    disabled: bool = False
    version: int = 0


class StatusesView(View):
    """The whole table of statuses; before the router told of one, the standard one."""

    statuses: tuple[StatusRow, ...] = STANDARD
    version: int = 0


class TemplateView(View):
    """A quick reply (MS6); without an owner it is everybody's."""

    template_id: UUID
    owner: UUID | None = None
    category: str = ""
    title: str
    text: str
    hotkey: str | None = None
    """Alt and this digit write it into the field."""
    version: int = 0


class GroupView(View):
    slug: str
    name: str
    version: int = 0


class AccountView(View):
    """One connected identity on a channel."""

    account: str
    """`channel.account`."""
    channel: str
    name: str
    capabilities: Capabilities
    connected: bool = True
    health: Literal["well", "degraded", "down", "login_needed", "throttled"] = "well"
    health_reason: str | None = None
    health_until: Utc | None = None
    groups: tuple[str, ...] = ()
    close_untaken: bool = True
    close_others: bool = True
    category_required: bool = False
    categories: tuple[str, ...] = ()
    """What may be chosen when one is closed; none: any words."""
    close_after_minutes: int = 0
    reopens: Literal["new", "last", "fresh"] = "new"
    distribution: Literal["free", "least_loaded"] = "free"
    handover: Literal["offer", "appoint"] = "offer"
    offer_seconds: int = 60
    max_wait_seconds: int = 300
    """When a waiting client's timer is red."""
    wait_ends: Literal["answered", "taken"] = "answered"
    version: int = 0


class AccountTemplatesView(View):
    """What its provider approved for an account (MS7)."""

    account: str
    """`channel.account`."""
    templates: tuple[KnownTemplate, ...] = ()
    at: Utc | None = None
    """When the provider was asked; absent: its gateway told of none."""
    version: int = 0


class AuditView(View):
    """An administrative act (AD6)."""

    audit_id: UUID
    at: Utc
    actor: Actor
    command: str
    subject: str
    accepted: bool
    refusal: str | None = None
    detail: dict[str, Any] = {}


class ParkedView(View):
    """A message that somebody gave up on; its words are not in it."""

    parked_id: UUID
    queue: str
    reason: str
    exchange: str
    routing_key: str
    message_id: str
    type: str
    size_bytes: int
    parked_at: Utc
    replayed_at: Utc | None = None
    discarded_at: Utc | None = None
    version: int = 0
