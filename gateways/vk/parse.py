"""What VK tells, as our facts; a notice of the Callback API and an update of Long Poll are the same. Pure.

    {"type": "message_new", "group_id": 1, "event_id": "a1b2", "v": "5.199", "secret": "…",
     "object": {"message": {… as in messages.py}, "client_info": {…}}}
    {"type": "message_event", …, "object": {"user_id": 7, "peer_id": 7, "event_id": "x", "payload": {…}}}
    {"ts": "11", "updates": [… such, without a secret]}            an answer of Long Poll

What is no message of a client is a technical message in words, with what came; a type that nobody knows is
shown to operators; what cannot be read is kept as it came.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from gateways.kit.beside import Errand
from gateways.kit.intake import heard
from gateways.kit.payload import Malformed
from gateways.kit.spool import SpoolRow
from gateways.kit.text import clean_line
from gateways.kit.typing import ClientTyping
from gateways.kit.unreadable import readable
from gateways.vk.contents import pressed_payload
from gateways.vk.dialogs import CHANNEL, COMMUNITY, dialog_of, identity_of
from gateways.vk.happenings import HAPPENINGS
from gateways.vk.messages import Notice, message_edited, message_heard, peer_of
from gateways.vk.reactions import emoji_of
from gateways.vk.values import Object, inner, number, required, words
from shared.contract.content import Content, Unsupported
from shared.contract.ids import fact_id, message_id
from shared.contract.inbound import ButtonPressed, Fact, MessageHeard, Reacted, ReadUpTo
from shared.contract.people import Identity
from shared.trace import new_trace

CONFIRMATION: Final = "confirmation"


@dataclass(frozen=True, slots=True)
class Told:
    """What notices say, in order: facts, and beside them who writes and what VK waits for."""

    rows: tuple[SpoolRow, ...] = ()
    typing: tuple[ClientTyping, ...] = ()
    errands: tuple[Errand, ...] = ()


def facts(payload: Any, account: str, at: datetime) -> Sequence[SpoolRow]:
    """The facts of a notice, or of an answer of Long Poll; raises `Malformed` for what is neither."""
    if not isinstance(payload, dict) or not ("type" in payload or isinstance(payload.get("updates"), list)):
        raise Malformed("shape")
    updates = payload["updates"] if "type" not in payload else [payload]
    return told(updates, account, at).rows


def told(updates: Sequence[Any], account: str, at: datetime) -> Told:
    """What these say; one that cannot be read is kept, without its secret, and holds up no other."""
    typing: list[ClientTyping] = []
    errands: list[Errand] = []

    def read(update: Any) -> Sequence[SpoolRow]:
        one = _told(update, account, at)
        typing.extend(one.typing)
        errands.extend(one.errands)
        return one.rows

    rows = readable(CHANNEL, account, [_without_secret(one) for one in updates], read, at=at)
    return Told(tuple(rows), tuple(typing), tuple(errands))


def _without_secret(update: Any) -> Any:
    return (
        {key: value for key, value in update.items() if key != "secret"}
        if isinstance(update, dict)
        else update
    )


def _told(update: Any, account: str, at: datetime) -> Told:
    if not isinstance(update, Mapping):
        raise Malformed("shape")
    kind, said = words(update, "type"), update.get("object")
    if kind == CONFIRMATION:
        return Told()
    if not kind or not isinstance(said, Mapping):
        raise Malformed("shape")
    notice = Notice(account, at, words(update, "event_id"), number(update, "group_id"))
    read = _READERS.get(kind)
    return Told((_happened(update, kind, said, notice),)) if read is None else read(said, notice)


def _new(said: Object, notice: Notice) -> Told:
    message = inner(said, "message") or said  # before 5.103 there was nothing around it
    return _heard(message, notice)


def _heard(message: Object, notice: Notice) -> Told:
    return Told((message_heard(message, notice),), errands=(meeting(message),))


def meeting(message: Object) -> Errand:
    """Somebody wrote whose name may not be known: for people.py."""
    return {"meet": {"chat": str(peer_of(message)), "person": required(message, "from_id")}}


def _edited(message: Object, notice: Notice) -> Told:
    row = message_edited(message, notice)
    return Told(() if row is None else (row,))


def _read(said: Object, notice: Notice) -> Told:
    reader = required(said, "from_id")
    dialog = dialog_of(notice.account, number(said, "peer_id") or reader)
    up_to = str(required(said, "conversation_message_id"))
    receipt = ReadUpTo(dialog=dialog, state="read", up_to=up_to, at=notice.at)
    return _one(receipt, notice, "read", f"{dialog.dialog_id} {up_to}", str(reader))


def _writes(said: Object, notice: Notice) -> Told:
    dialog = dialog_of(notice.account, required(said, "from_id"))
    return Told(typing=(ClientTyping(dialog.dialog_id),))


def _pressed(said: Object, notice: Notice) -> Told:
    """A button that sends no words; who pressed it waits for an answer."""
    person = required(said, "user_id")
    peer, event = number(said, "peer_id") or person, words(said, "event_id")
    cmid = number(said, "conversation_message_id")
    press = ButtonPressed(
        dialog=dialog_of(notice.account, peer),
        external_id=None if cmid is None else str(cmid),
        sender=identity_of(person),
        payload=pressed_payload(said.get("payload")),
    )
    told_ = _one(press, notice, "press", str(press.dialog.dialog_id), event or notice.event)
    answer = {"event_id": event, "user_id": person, "peer_id": peer}
    return Told(told_.rows, errands=({"call": "messages.sendMessageEventAnswer", "values": answer},))


def _reacted(said: Object, notice: Notice) -> Told:
    person, cmid = required(said, "reacted_id"), str(required(said, "cmid"))
    reaction = number(said, "reaction_id")
    reacted = Reacted(
        dialog=dialog_of(notice.account, number(said, "peer_id") or person),
        external_id=cmid,
        sender=identity_of(person),
        emoji=() if reaction is None else (emoji_of(reaction),),
    )
    target = f"{reacted.dialog.dialog_id} {cmid} {person}"
    return _one(reacted, notice, "reaction", target, notice.event or str(reaction))


def _one(fact: Fact, notice: Notice, kind: str, target: str, discriminator: str) -> Told:
    identity = fact_id(kind, target, discriminator)
    return Told((heard(fact, identity=identity, time=notice.at, traceparent=new_trace()),))


Reader: TypeAlias = Callable[[Object, Notice], Told]

_READERS: Final[Mapping[str, Reader]] = MappingProxyType(
    {
        "message_new": _new,
        "message_reply": _heard,
        "message_edit": _edited,
        "message_read": _read,
        "message_typing_state": _writes,
        "message_event": _pressed,
        "message_reaction_event": _reacted,
    }
)
"""VK's word for what happened → who reads it."""


def _happened(update: Object, kind: str, said: Object, notice: Notice) -> SpoolRow:
    """Whatever else VK tells, in the dialog of whom it is about."""
    known = HAPPENINGS.get(kind)
    person = max(number(said, known.person) or 0, 0) if known and known.person else 0
    dialog = dialog_of(notice.account, person or COMMUNITY)
    name = f"{clean_line(kind, 60)} {notice.event or fact_id('notice', kind, repr(sorted(said.items())))}"
    told_ = known.words if known else f"a notice of VK of the kind {clean_line(kind, 60)!r}"
    identity = message_id(CHANNEL, notice.account, dialog.chat, name)
    sender = identity_of(person) if person else _community(notice)
    fact = MessageHeard(
        dialog=dialog,
        message_id=identity,
        external_id=name,
        sender=sender,
        content=Content(parts=(Unsupported(raw=dict(update), words=told_),), technical=known is not None),
        received_at=notice.at,
    )
    return heard(fact, identity=identity, time=notice.at, traceparent=new_trace())


def _community(notice: Notice) -> Identity:
    if notice.group is None:
        return Identity(channel=CHANNEL, address=f"{COMMUNITY}:{notice.account}")
    return identity_of(-notice.group)
