"""Who wrote, who is quoted, whose words are passed on. Pure."""

from __future__ import annotations

import re
from typing import Final

from aiogram.types import Chat, Message, User
from aiogram.types.message_origin_channel import MessageOriginChannel
from aiogram.types.message_origin_chat import MessageOriginChat
from aiogram.types.message_origin_hidden_user import MessageOriginHiddenUser
from aiogram.types.message_origin_union import MessageOriginUnion
from aiogram.types.message_origin_user import MessageOriginUser

from gateways.kit.text import clean_line
from gateways.telegram_bot.names import Names
from shared.contract.content import Forwarded, Quote
from shared.contract.people import Identity

CHANNEL: Final = "telegram_bot"
LONGEST_NAME: Final = 100
_DIGITS: Final = re.compile(r"[0-9]{7,15}")


def person(user: User, phone: str | None = None) -> Identity:
    """A person by the id that never changes."""
    return Identity(
        channel=CHANNEL,
        address=str(user.id),
        name=_name(user),
        username=user.username,
        phone=phone,
        profile_url=f"https://t.me/{user.username}" if user.username else None,
        language=user.language_code,
        verified=True,
    )


def speaker(chat: Chat, signature: str | None = None) -> Identity:
    """A chat that speaks for itself: a channel, a group's anonymous administrator."""
    return Identity(
        channel=CHANNEL,
        address=str(chat.id),
        name=_title(chat, signature),
        username=chat.username,
        verified=True,
    )


def sender(message: Message) -> Identity:
    """Who wrote it; in a private chat that names nobody, the chat's person."""
    if message.sender_chat is not None:
        return speaker(message.sender_chat, message.author_signature)
    if message.from_user is not None:
        return person(message.from_user, own_phone(message))
    return speaker(message.chat)


def own_phone(message: Message) -> str | None:
    """The sender's telephone in E.164, where they shared their own card and not somebody else's."""
    card = message.contact
    if card is None or message.from_user is None or card.user_id != message.from_user.id:
        return None
    digits = re.sub(r"[^0-9]", "", card.phone_number)
    return f"+{digits}" if _DIGITS.fullmatch(digits) else None


def quote(message: Message, names: Names) -> Quote | None:
    """What it answers: a message of this chat, of another one, or a story."""
    words = message.quote.text if message.quote is not None else None
    answered = message.reply_to_message
    if answered is not None and answered.forum_topic_created is None:
        known = names.message(answered.chat.id, answered.message_id)
        author = sender(answered).name if answered.from_user or answered.sender_chat else None
        return Quote(external_id=known, author=author, text=words or answered.text or answered.caption)
    if message.external_reply is not None:
        return Quote(author=forwarded(message.external_reply.origin).author, text=words)
    if message.reply_to_story is not None:
        return Quote(author=_title(message.reply_to_story.chat), text=words)
    return Quote(text=words) if words else None


def forwarded_from(message: Message) -> Forwarded | None:
    """Whose words are passed on, as this and older versions of the interface say it."""
    if message.forward_origin is not None:
        return forwarded(message.forward_origin)
    if message.forward_date is None:
        return None
    author, chat = message.forward_from, message.forward_from_chat
    name = _name(author) if author else _title(chat, message.forward_signature) if chat else None
    number = message.forward_from_message_id
    return Forwarded(
        author=name or message.forward_sender_name,
        sent_at=message.forward_date,
        external_id=None if number is None else str(number),
    )


def forwarded(origin: MessageOriginUnion) -> Forwarded:
    """A person, one who hides, a group or a channel."""
    match origin:
        case MessageOriginUser():
            return Forwarded(author=_name(origin.sender_user), sent_at=origin.date)
        case MessageOriginHiddenUser():
            return Forwarded(author=_line(origin.sender_user_name), sent_at=origin.date)
        case MessageOriginChat():
            return Forwarded(author=_title(origin.sender_chat, origin.author_signature), sent_at=origin.date)
        case MessageOriginChannel():
            author = _title(origin.chat, origin.author_signature)
            return Forwarded(author=author, sent_at=origin.date, external_id=str(origin.message_id))


def title(chat: Chat) -> str | None:
    """The title of a group; a private chat has none."""
    return _line(chat.title)


def _name(user: User) -> str | None:
    return _line(" ".join(filter(None, (user.first_name, user.last_name)))) or _line(user.username)


def _title(chat: Chat, signature: str | None = None) -> str | None:
    name = _line(chat.title) or _line(" ".join(filter(None, (chat.first_name, chat.last_name))))
    return f"{name} ({_line(signature)})" if name and _line(signature) else name


def _line(words: str | None) -> str | None:
    return clean_line(words or "", LONGEST_NAME) or None
