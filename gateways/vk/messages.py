"""A message of VK as a fact of ours: heard, edited, deleted, or who is in a chat now. Pure.

    {"id": 1, "date": 1700000000, "peer_id": 7, "from_id": 7, "text": "Hello", "conversation_message_id": 5,
     "out": 0, "attachments": []}

A message is named by its number in its dialog, `conversation_message_id`; its order there is that number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID

from gateways.kit.intake import heard
from gateways.kit.payload import Malformed
from gateways.kit.spool import SpoolRow
from gateways.kit.text import clean_line
from gateways.vk.contents import content_of
from gateways.vk.dialogs import CHANNEL, dialog_of, identity_of
from gateways.vk.values import Object, inner, moment, number, required, words
from shared.contract.content import Content, Unsupported
from shared.contract.ids import fact_id, message_id
from shared.contract.inbound import Fact, MembersChanged, MessageDeleted, MessageEdited, MessageHeard
from shared.contract.people import DialogRef, Visit
from shared.trace import new_trace


@dataclass(frozen=True, slots=True)
class Notice:
    """Which account was told, when, and VK's own name of the event, the same each time it is told."""

    account: str
    at: datetime
    event: str = ""
    group: int | None = None
    """The community that is told."""


def named(message: Object) -> str:
    """Its name in its dialog; where VK numbers none, in the community."""
    return str(number(message, "conversation_message_id") or required(message, "id"))


def peer_of(message: Object) -> int:
    return number(message, "peer_id") or required(message, "from_id")


def message_heard(message: Object, notice: Notice, *, backfill: bool = False) -> SpoolRow:
    """What somebody wrote, or what happened in a chat; raises `Malformed`."""
    dialog, sent_at = dialog_of(notice.account, peer_of(message)), moment(message, "date")
    if sent_at is None:
        raise Malformed("shape")
    action = inner(message, "action")
    if members := _members(action, dialog) if action else None:
        return _fact(members, notice, fact_id("members", str(dialog.dialog_id), named(message)))
    return _said(message, notice, dialog, sent_at, action, backfill=backfill)


def message_edited(message: Object, notice: Notice) -> SpoolRow | None:
    """A changed message, or one that is gone. Nothing of a change that we made by this interface ourselves:
    an administrator's is known by `admin_author_id`."""
    dialog, external_id = dialog_of(notice.account, peer_of(message)), named(message)
    if message.get("out") == 1 and number(message, "admin_author_id") is None:
        return None
    edited_at = moment(message, "update_time")
    told = notice.event or str(message.get("update_time", ""))
    if message.get("deleted") in (1, True):
        gone = MessageDeleted(dialog=dialog, external_id=external_id, deleted_at=edited_at)
        return _fact(gone, notice, fact_id("deletion", f"{dialog.dialog_id} {external_id}", ""))
    target = message_id(CHANNEL, notice.account, dialog.chat, external_id, moment(message, "date"))
    identity = fact_id("edit", f"{dialog.dialog_id} {external_id}", told)
    content, files = content_of(message, target, identity)
    changed = MessageEdited(dialog=dialog, external_id=external_id, content=content, edited_at=edited_at)
    return heard(changed, identity=identity, time=notice.at, traceparent=new_trace(), files=files)


def _said(
    message: Object, notice: Notice, dialog: DialogRef, sent_at: datetime, action: Object, *, backfill: bool
) -> SpoolRow:
    external_id = named(message)
    identity = message_id(CHANNEL, notice.account, dialog.chat, external_id, sent_at)
    writer = required(message, "from_id")
    ours = message.get("out") == 1 or (notice.group is not None and writer == -notice.group)
    content, files = content_of(message, identity) if not action else (_happened(action), ())
    said = MessageHeard(
        dialog=dialog,
        message_id=identity,
        external_id=external_id,
        sender=identity_of(number(message, "admin_author_id") or writer),
        origin="external" if ours else "client",
        content=content,
        sent_at=sent_at,
        received_at=notice.at,
        sequence=number(message, "conversation_message_id"),
        backfill=backfill,
        visit=_visit(message),
    )
    return heard(said, identity=identity, time=notice.at, traceparent=new_trace(), files=files)


def _visit(message: Object) -> Visit | None:
    """The link by which a client came, vk.me/shop?ref=autumn."""
    ref, source = clean_line(words(message, "ref"), 200), clean_line(words(message, "ref_source"), 200)
    utm = {name: value for name, value in (("ref", ref), ("ref_source", source)) if value}
    return Visit(utm=utm) if utm else None


def _joined(action: Object, dialog: DialogRef) -> MembersChanged:
    return MembersChanged(dialog=dialog, joined=(identity_of(required(action, "member_id")),))


def _left(action: Object, dialog: DialogRef) -> MembersChanged:
    return MembersChanged(dialog=dialog, left=(identity_of(required(action, "member_id")),))


def _titled(action: Object, dialog: DialogRef) -> MembersChanged:
    return MembersChanged(dialog=dialog, title=clean_line(words(action, "text"), 200) or None)


_MEMBERS: Final[Mapping[str, Callable[[Object, DialogRef], MembersChanged]]] = MappingProxyType(
    {
        "chat_invite_user": _joined,
        "chat_invite_user_by_link": _joined,
        "chat_invite_user_by_message_request": _joined,
        "chat_kick_user": _left,
        "chat_create": _titled,
        "chat_title_update": _titled,
    }
)

_HAPPENED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "chat_photo_update": "the chat has another picture",
        "chat_photo_remove": "the chat has no picture any more",
        "chat_pin_message": "a message was pinned",
        "chat_unpin_message": "a message was unpinned",
        "chat_screenshot": "somebody made a screenshot",
        "conversation_style_update": "the chat has another look",
        "chat_group_call_started": "a call of several has begun",
    }
)


def _members(action: Object, dialog: DialogRef) -> MembersChanged | None:
    change = _MEMBERS.get(words(action, "type"))
    try:
        return None if change is None else change(action, dialog)
    except Malformed:
        return None


def _happened(action: Object) -> Content:
    """Something else that happened in a chat; nobody said it."""
    kind = words(action, "type")
    told = _HAPPENED.get(kind, f"something happened in the chat ({clean_line(kind, 60)})")
    return Content(parts=(Unsupported(raw=dict(action), words=told),), technical=True)


def _fact(fact: Fact, notice: Notice, identity: UUID) -> SpoolRow:
    return heard(fact, identity=identity, time=notice.at, traceparent=new_trace())
