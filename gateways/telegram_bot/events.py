"""Updates that are no messages: presses, reactions, who may write to whom, businesses, and all others. Pure.

{"callback_query": {"id": "43", "from": {…}, "message": {…}, "data": "yes"}}
{"message_reaction": {"chat": {…}, "message_id": 7, "user": {…}, "date": 1769853600, "new_reaction": […]}}
{"my_chat_member": {…, "new_chat_member": {"status": "kicked"}}}     the client blocked the bot
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from aiogram.types import (
    BusinessConnection,
    BusinessMessagesDeleted,
    CallbackQuery,
    Chat,
    ChatMemberUpdated,
    Message,
    MessageReactionUpdated,
    User,
)

from gateways.kit.aliases import Alias
from gateways.kit.payload import Malformed
from gateways.telegram_bot import kinds, people
from gateways.telegram_bot.facts import Ear, Heard, moment, provider_of
from gateways.telegram_bot.names import business
from gateways.telegram_bot.updates import Reading
from shared.contract.content import Content, Unsupported
from shared.contract.inbound import ButtonPressed, MembersChanged, MessageDeleted, MessageHeard, Reacted
from shared.contract.people import Identity

PRESSED: Final = "answer_callback_query"
"""The errand of a press: its value is the id of the query."""
_OUT: Final = frozenset({"left", "kicked"})
_STAR: Final = "⭐"
_MEMBERSHIP: Final[Mapping[tuple[bool, bool], str]] = MappingProxyType(
    {
        (True, True): "the client blocked the bot",
        (True, False): "the client lets the bot write again",
        (False, True): "the bot was removed from the chat",
        (False, False): "the bot was added to the chat, or its rights were changed",
    }
)
"""Whether the chat is private, whether the bot is out of it now."""


def pressed(_reading: Reading, query: CallbackQuery, ear: Ear) -> Heard:
    """A press of a button; Telegram shows a waiting sign until it is answered."""
    message = query.message
    chat = Chat(id=query.from_user.id, type="private") if message is None else message.chat
    whole = message if isinstance(message, Message) else None
    dialog = ear.dialog(chat, whole.business_connection_id if whole else None)
    fact = ButtonPressed(
        dialog=dialog,
        provider=provider_of(whole) if whole else {},
        external_id=None if message is None else ear.names.message(chat.id, message.message_id),
        sender=people.person(query.from_user),
        label=_label(whole, query.data),
        payload=query.data or query.game_short_name,
    )
    return Heard((ear.about("press", fact, query.id),), errands=({PRESSED: query.id},))


def _label(message: Message | None, payload: str | None) -> str | None:
    """The words of the button with this payload, where the message still shows it."""
    keyboard = message.reply_markup if message is not None else None
    buttons = [one for row in keyboard.inline_keyboard for one in row] if keyboard is not None else []
    return next((one.text for one in buttons if payload and one.callback_data == payload), None)


def reacted(reading: Reading, reaction: MessageReactionUpdated, ear: Ear) -> Heard:
    """All of somebody's reactions to a message, as they are now."""
    name = ear.names.message(reaction.chat.id, reaction.message_id)
    told = [one for one in reading.told_event.get("new_reaction") or () if isinstance(one, Mapping)]
    fact = Reacted(
        dialog=ear.dialog(reaction.chat),
        external_id=name,
        sender=_reactor(reaction),
        emoji=tuple(str(one.get("emoji") or _STAR) for one in told),
    )
    return Heard((ear.about("reaction", fact, name, str(reading.update.update_id)),))


def _reactor(reaction: MessageReactionUpdated) -> Identity:
    if reaction.user is not None:
        return people.person(reaction.user)
    return people.speaker(reaction.actor_chat or reaction.chat)


def our_membership(reading: Reading, change: ChatMemberUpdated, ear: Ear) -> Heard:
    """The client blocked the bot, or lets it write again; the bot was added to a group, or removed."""
    out = change.new_chat_member.status in _OUT
    words = _MEMBERSHIP[change.chat.type == "private", out]
    return _notice(reading, change.chat, people.person(change.from_user), words, ear)


def membership(reading: Reading, change: ChatMemberUpdated, ear: Ear) -> Heard:
    """Somebody else is in the group now, or is not."""
    member = people.person(change.new_chat_member.user)
    was_out, is_out = (one.status in _OUT for one in (change.old_chat_member, change.new_chat_member))
    fact = MembersChanged(
        dialog=ear.dialog(change.chat),
        title=people.title(change.chat),
        joined=(member,) if was_out and not is_out else (),
        left=(member,) if is_out and not was_out else (),
    )
    return Heard((ear.about("members", fact, "", str(reading.update.update_id)),))


def connected(reading: Reading, connection: BusinessConnection, ear: Ear) -> Heard:
    """A business lets the bot write for it, or does not any more; later its connection may be another one."""
    words = "the business connected the bot" if connection.is_enabled else "the business disconnected the bot"
    chat = Chat(id=connection.user_chat_id, type="private")
    notice = _notice(reading, chat, people.person(connection.user), words, ear)
    alias = Alias(business(connection.id), business(str(connection.user.id)))
    return Heard(notice.rows, (alias,))


def deleted(_reading: Reading, messages: BusinessMessagesDeleted, ear: Ear) -> Heard:
    """Messages of a business's chat."""
    dialog = ear.dialog(messages.chat, messages.business_connection_id)
    facts = [MessageDeleted(dialog=dialog, external_id=str(one)) for one in messages.message_ids]
    return Heard(tuple(ear.about("deletion", fact, fact.external_id) for fact in facts))


READERS: Final[Mapping[str, Callable[[Reading, Any, Ear], Heard]]] = MappingProxyType(
    {
        "callback_query": pressed,
        "message_reaction": reacted,
        "my_chat_member": our_membership,
        "chat_member": membership,
        "business_connection": connected,
        "deleted_business_messages": deleted,
    }
)


def unknown(reading: Reading, ear: Ear) -> Heard:
    """What we have no fact for, in the dialog of its chat or person; raises `Malformed` without one."""
    told = reading.told_event
    chat = _chat_of(told)
    if chat is None:
        raise Malformed("kind")
    words = kinds.words(str(reading.kind), told, kinds.UPDATES)
    return _notice(reading, chat, _sender_of(told, chat), words, ear)


def _notice(reading: Reading, chat: Chat, sender: Identity, words: str, ear: Ear) -> Heard:
    """Something for the operator to see that opens nothing."""
    dialog, name = ear.dialog(chat, _connection_of(reading.told_event)), f"update:{reading.update.update_id}"
    told = reading.told_event
    sent_at = moment(told.get("date")) if isinstance(told, Mapping) else None
    identity = ear.message_id(dialog, name, sent_at)
    fact = MessageHeard(
        dialog=dialog,
        message_id=identity,
        external_id=name,
        sender=sender,
        content=Content(parts=(Unsupported(raw=dict(reading.told), words=words),), technical=True),
        sent_at=sent_at,
        received_at=ear.at,
        dialog_title=people.title(chat),
    )
    return Heard((ear.row(fact, identity),))


def _connection_of(told: Any) -> str | None:
    connection = told.get("business_connection_id") if isinstance(told, Mapping) else None
    return connection if isinstance(connection, str) else None


def _chat_of(told: Any) -> Chat | None:
    """The chat that an update of any kind names, or the private one with its person."""
    if not isinstance(told, Mapping):
        return None
    for holder in (told, told.get("message")):
        chat = holder.get("chat") if isinstance(holder, Mapping) else None
        if isinstance(chat, Mapping) and type(chat.get("id")) is int:
            title, kind = chat.get("title"), chat.get("type")
            known = kind if isinstance(kind, str) else "private" if chat["id"] > 0 else "group"
            return Chat(id=chat["id"], type=known, title=title if isinstance(title, str) else None)
    person = _person_of(told)
    return None if person is None else Chat(id=person["id"], type="private")


def _person_of(told: Mapping[str, Any]) -> Mapping[str, Any] | None:
    found = (told.get(name) for name in ("from", "user"))
    return next((one for one in found if isinstance(one, Mapping) and type(one.get("id")) is int), None)


def _sender_of(told: Mapping[str, Any], chat: Chat) -> Identity:
    person = _person_of(told)
    if person is None:
        return people.speaker(chat)
    texts = {name: value for name, value in person.items() if isinstance(value, str)}
    known = {"id": person["id"], "is_bot": False, "first_name": texts.get("first_name", "")}
    named = {name: texts.get(name) for name in ("last_name", "username", "language_code")}
    return people.person(User.model_validate(known | named))
