"""Facts of an integrator that are no message and no edit: each with its identity. Pure.

What has no id of its own is known by everything that it says: the same words are the same fact.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeAlias
from uuid import UUID

from gateways.http.contents import Filing
from gateways.http.places import CHANNEL, Place
from gateways.http.protocol import facts as said
from gateways.kit.media import attachment_id
from shared.contract import inbound
from shared.contract.content import Audio, Content
from shared.contract.ids import fact_id, message_id
from shared.contract.inbound import Fact

Event: TypeAlias = (
    said.Deletion | said.Reaction | said.Press | said.Delivery | said.Receipt | said.Closing | said.Rating
    | said.Members | said.Visit | said.Identity | said.Call
)  # fmt: skip


def event(given: Event, place: Place) -> tuple[UUID, Fact]:
    """Its identity, and our fact."""
    dialog = str(place.dialog.dialog_id)
    root: dict[str, Any] = {"dialog": place.dialog, "provider": place.context}
    match given:
        case said.Deletion():
            told: Fact = inbound.MessageDeleted(**root, external_id=given.message, deleted_at=given.at)
            return fact_id("deletion", f"{dialog} {given.message}", ""), told
        case said.Reaction():
            sender = place.identity(given.sender)
            told = inbound.Reacted(**root, external_id=given.message, sender=sender, emoji=tuple(given.emoji))
            return fact_id(
                "reaction",
                f"{dialog} {given.message}",
                f"{sender.address} {given.at.astimezone(UTC).isoformat()}",
            ), told
        case said.Press():
            told = inbound.ButtonPressed(
                **root,
                external_id=given.message,
                sender=place.identity(given.sender),
                label=given.label,
                payload=given.payload,
            )
            return fact_id("press", dialog, given.id), told
        case said.Delivery():
            return _delivery(given, place)
        case said.Receipt():
            told = inbound.ReadUpTo(**root, state=given.state, up_to=given.up_to, at=given.at)
            return fact_id("receipt", f"{dialog} {given.up_to}", f"up_to {given.state}"), told
        case said.Call():
            return _call(given, place)
    return _whole(given, place)


def recording_home(call: said.Call, account: str) -> UUID:
    """The message that a call's recording is: the same in each state of the call."""
    return message_id(CHANNEL, account, call.chat, _recording_name(call))


def recording(call: said.Call, place: Place, at: datetime, filing: Filing) -> inbound.MessageHeard | None:
    """The recording as a message that opens nothing: so it is kept, found and played as any other file."""
    if call.recording is None:
        return None
    return inbound.MessageHeard(
        dialog=place.dialog,
        provider=place.context,
        message_id=filing.message,
        external_id=_recording_name(call),
        sender=place.identity(call.person),
        content=Content(parts=(Audio(file=filing.file(0, call.recording)),), technical=True),
        sent_at=call.at,
        received_at=at,
    )


def _recording_name(call: said.Call) -> str:
    return f"recording of {call.id}"


def _whole(
    given: said.Closing | said.Rating | said.Members | said.Visit | said.Identity, place: Place
) -> tuple[UUID, Fact]:
    root: dict[str, Any] = {"dialog": place.dialog, "provider": place.context}
    told: Fact
    match given:
        case said.Closing():
            told = inbound.ChatClosed(**root, at=given.at)
        case said.Rating():
            told = inbound.Rated(**root, stars=given.stars, comment=given.comment, at=given.at)
        case said.Members():
            joined = tuple(place.identity(one) for one in given.joined)
            gone = tuple(place.identity(one) for one in given.left)
            told = inbound.MembersChanged(**root, title=given.title, joined=joined, left=gone)
        case said.Visit():
            told = inbound.Visited(
                **root,
                visit=None if given.page is None else place.visit(given.page),
                identity=None if given.person is None else place.identity(given.person),
                fields=given.fields,
                consent=given.consent,
            )
        case said.Identity():
            told = inbound.IdentityLearned(**root, identity=place.identity(given.person))
    words = given.model_dump_json(exclude_defaults=True)
    return fact_id(given.type, str(place.dialog.dialog_id), words), told


def _delivery(given: said.Delivery, place: Place) -> tuple[UUID, Fact]:
    """`message` may be our own id: an integrator who has none yet names it so."""
    told = inbound.DeliveryReported(
        dialog=place.dialog,
        provider=place.context,
        message_id=_uuid(given.message),
        external_id=given.message,
        external_ids=tuple(given.external_ids),
        state=given.state,
        code=given.code,
        words=given.words,
        at=given.at,
    )
    return fact_id("receipt", f"{place.dialog.dialog_id} {given.message}", given.state), told


def _call(given: said.Call, place: Place) -> tuple[UUID, Fact]:
    told = inbound.CallHeard(
        dialog=place.dialog,
        provider=place.context,
        external_id=given.id,
        direction=given.direction,
        state=given.state,
        identity=place.identity(given.person),
        operator_id=given.operator_id,
        duration_seconds=given.duration_seconds,
        recording_id=None
        if given.recording is None
        else attachment_id(recording_home(given, place.dialog.account), 0),
        at=given.at,
    )
    return fact_id("call", f"{place.dialog.dialog_id} {given.id}", given.state), told


def _uuid(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None
