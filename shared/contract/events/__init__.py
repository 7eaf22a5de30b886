"""What happened, on the exchange `events` under its own type. Anyone may listen.

Each event of a dialog carries the dialog's `version`, raised in the router's transaction, and the
conversation's whole small state after it. A consumer takes state only if it is newer, and always adds
the line of history.
"""

from __future__ import annotations

from shared.contract.envelope import Data
from shared.contract.events.conversation import (
    ConversationAssigned,
    ConversationClosed,
    ConversationMarkedUnread,
    ConversationOpened,
    ConversationRated,
    ConversationRead,
    ConversationReopened,
    ConversationResynced,
)
from shared.contract.events.dialog import (
    CallHappened,
    ConversationState,
    DialogEvent,
    IdentityLearned,
    MembersChanged,
    Status,
    VisitorClosed,
    VisitorVisited,
)
from shared.contract.events.directory import (
    AccountChanged,
    ActRecorded,
    AttachmentExpired,
    ContactErased,
    ContactFacts,
    GroupChanged,
    OperatorChanged,
    RequestReceived,
)
from shared.contract.events.message import (
    AttachmentFailed,
    AttachmentStored,
    ButtonPressed,
    MessageDeleted,
    MessageDelivery,
    MessageEdited,
    MessageQueued,
    MessageReacted,
    MessageReceived,
)

__all__ = [
    "DIALOG_EVENTS",
    "EVENTS",
    "AccountChanged",
    "ActRecorded",
    "AttachmentExpired",
    "AttachmentFailed",
    "AttachmentStored",
    "ButtonPressed",
    "CallHappened",
    "ContactErased",
    "ContactFacts",
    "ConversationAssigned",
    "ConversationClosed",
    "ConversationMarkedUnread",
    "ConversationOpened",
    "ConversationRated",
    "ConversationRead",
    "ConversationReopened",
    "ConversationResynced",
    "ConversationState",
    "DialogEvent",
    "GroupChanged",
    "IdentityLearned",
    "MembersChanged",
    "MessageDeleted",
    "MessageDelivery",
    "MessageEdited",
    "MessageQueued",
    "MessageReacted",
    "MessageReceived",
    "OperatorChanged",
    "RequestReceived",
    "Status",
    "VisitorClosed",
    "VisitorVisited",
]

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
    AttachmentExpired,
    ContactFacts,
    ContactErased,
)
