"""Facts become events: the same fields under the name of what happened.

A fact's fields that a newer gateway added and we do not know travel on. What an event needs and a fact
may lack (the time of an edit) is the time of the decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from shared.contract import events, inbound
from shared.contract.envelope import Data
from shared.contract.events import DialogEvent

EVENT_OF: Final[Mapping[type[Data], type[DialogEvent]]] = {
    inbound.MessageHeard: events.MessageReceived,
    inbound.MessageEdited: events.MessageEdited,
    inbound.MessageDeleted: events.MessageDeleted,
    inbound.Reacted: events.MessageReacted,
    inbound.ButtonPressed: events.ButtonPressed,
    inbound.DeliveryReported: events.MessageDelivery,
    inbound.ReadUpTo: events.MessageDelivery,
    inbound.ChatClosed: events.VisitorClosed,
    inbound.Visited: events.VisitorVisited,
    inbound.IdentityLearned: events.IdentityLearned,
    inbound.Rated: events.ConversationRated,
    inbound.MembersChanged: events.MembersChanged,
    inbound.AttachmentStored: events.AttachmentStored,
    inbound.AttachmentFailed: events.AttachmentFailed,
    inbound.CallHeard: events.CallHappened,
}
"""What a fact of a dialog is called once it is decided."""

_OWN: Final = frozenset({"dialog", "version", "conversation", "actor", "cause"})
"""What the decision itself says of every event."""

_NOT_TOLD: Final = frozenset({"dialog", "dialog_id", "provider"})


def _copied(fact: type[Data], event: type[DialogEvent]) -> tuple[str, ...]:
    """Fields that both have, less those that the decision fills."""
    return tuple(name for name in fact.model_fields if name in event.model_fields and name not in _OWN)


_COPIED: Final = {fact: _copied(fact, event) for fact, event in EVENT_OF.items()}


def fields_of(fact: Data, now: datetime) -> dict[str, Any]:
    """The fields of the event that this fact becomes."""
    fields: dict[str, Any] = {name: getattr(fact, name) for name in _COPIED[type(fact)]}
    if fact.model_extra:
        added = {name: value for name, value in fact.model_extra.items() if name not in _OWN | _NOT_TOLD}
        fields = added | fields
    if isinstance(fact, inbound.MessageEdited):
        fields["edited_at"] = fact.edited_at or now
    elif isinstance(fact, inbound.MessageDeleted):
        fields["deleted_at"] = fact.deleted_at or now
    return fields


def request_received(fact: inbound.RequestLeft) -> events.RequestReceived:
    """A form of a site (CH2): it belongs to no dialog."""
    names = [name for name in inbound.RequestLeft.model_fields if name in events.RequestReceived.model_fields]
    return events.RequestReceived.model_construct(
        **(fact.model_extra or {}), **{name: getattr(fact, name) for name in names}
    )
