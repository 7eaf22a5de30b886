"""Updates that are messages: new, edited, about who is in a group, of a group that got another id. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from aiogram.types import Message

from gateways.kit.aliases import Alias
from gateways.kit.spool import SpoolRow
from gateways.telegram_bot import contents, people
from gateways.telegram_bot.facts import Ear, Heard, moment, provider_of
from gateways.telegram_bot.updates import Reading
from shared.contract.inbound import MembersChanged, MessageEdited, MessageHeard
from shared.contract.people import DialogRef

NEW: Final = ("message", "business_message", "channel_post", "guest_message")
EDITED: Final = ("edited_message", "edited_business_message", "edited_channel_post")
_MEMBERS: Final = ("new_chat_members", "left_chat_member", "new_chat_title")


def new(reading: Reading, message: Message, ear: Ear) -> Heard:
    """A message that was written, or what a group tells of itself."""
    aliases = _aliases(message)
    ear = ear.knowing(aliases)
    dialog = ear.dialog(message.chat, message.business_connection_id)
    if any(getattr(message, name) is not None for name in _MEMBERS):
        return Heard((ear.about("members", _members(message, dialog), _name(message, ear)),))
    return Heard((_written(message, reading.told_event, dialog, ear),), aliases)


def _aliases(message: Message) -> tuple[Alias, ...]:
    """A group that became a supergroup, told in the one and in the other."""
    here, to, from_ = str(message.chat.id), message.migrate_to_chat_id, message.migrate_from_chat_id
    if to is not None:
        return (Alias(str(to), here),)
    return () if from_ is None else (Alias(here, str(from_)),)


def _written(message: Message, told: Mapping[str, Any], dialog: DialogRef, ear: Ear) -> SpoolRow:
    name = _name(message, ear)
    identity = ear.message_id(dialog, name, message.date)
    read = contents.content(message, told, identity, ear.names)
    fact = MessageHeard(
        dialog=dialog,
        provider=provider_of(message),
        message_id=identity,
        external_id=name,
        sender=people.sender(message),
        origin=_origin(message),
        content=read.content,
        sent_at=message.date,
        received_at=ear.at,
        sequence=ear.names.sequence(message.chat.id, message.message_id) or None,
        dialog_title=people.title(message.chat),
    )
    return ear.row(fact, identity, read.files)


def edited(reading: Reading, message: Message, ear: Ear) -> Heard:
    """A message that is another one now; a live location that moved, too."""
    dialog = ear.dialog(message.chat, message.business_connection_id)
    name = _name(message, ear)
    identity = ear.message_id(dialog, name, message.date)
    read = contents.content(message, reading.told_event, identity, ear.names)
    fact = MessageEdited(
        dialog=dialog,
        provider=provider_of(message),
        external_id=name,
        content=read.content,
        edited_at=moment(message.edit_date) or message.date,
    )
    return Heard((ear.about("edit", fact, name, str(reading.update.update_id), files=read.files),))


def _origin(message: Message) -> Literal["client", "external"]:
    """In the chats of a business, whoever is not the chat's person is the business itself."""
    author = message.from_user
    if message.business_connection_id is None or author is None or author.id == message.chat.id:
        return "client"
    return "external"


def _name(message: Message, ear: Ear) -> str:
    """The external id. A message that is shown for a moment has no number of its own."""
    if message.message_id == 0 and message.ephemeral_message_id is not None:
        return f"ephemeral:{message.ephemeral_message_id}"
    return ear.names.message(message.chat.id, message.message_id)


def _members(message: Message, dialog: DialogRef) -> MembersChanged:
    left = message.left_chat_member
    return MembersChanged(
        dialog=dialog,
        title=message.new_chat_title or people.title(message.chat),
        joined=tuple(people.person(one) for one in message.new_chat_members or ()),
        left=() if left is None else (people.person(left),),
    )
