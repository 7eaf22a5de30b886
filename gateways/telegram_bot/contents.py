"""A message of Telegram as our content. Pure.

    {"text": "/start site-42", …}   a deep link: technical, its payload is what was pressed
    {"caption": "look", "photo": […], "media_group_id": "1337"}   one part of an album

Formatting stays out of the words: an address behind words is shown as a button below them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from aiogram.types import Contact, InlineKeyboardButton, Message, MessageEntity

from gateways.kit.media import Wanted
from gateways.kit.text import clean_line
from gateways.telegram_bot import kinds, media, people
from gateways.telegram_bot.names import Names
from shared.contract.content import (
    Button,
    ContactCard,
    Content,
    Location,
    Part,
    Pressed,
    Text,
    Unsupported,
)

START: Final = re.compile(r"/start(?:group)?(?:@\w+)?(?:\s+(?P<payload>\S+))?\s*", re.ASCII)
_MAIL: Final = re.compile(r"(?im)^(?:[^:\n]*\.)?EMAIL[^:\n]*:\s*(\S+)\s*$")
LONGEST_LABEL: Final = 100

_READ: Final = frozenset(
    {*media.READERS, "sticker", "venue", "location", "contact", "text", "caption", "web_app_data"}
)
"""Fields that become parts of their own."""


@dataclass(frozen=True, slots=True)
class Read:
    """The content of a message, and the files in it that are to be fetched."""

    content: Content
    files: tuple[Wanted, ...] = ()


def content(message: Message, told: Mapping[str, Any], identity: UUID, names: Names) -> Read:
    """What a message says; `told` is the message as it came, `identity` our id of it."""
    pairs = [pair for part in _parts(message, told, identity) for pair in part]
    parts = tuple(part for part, _ in pairs)
    service = any(told.get(kind) is not None for kind in kinds.SERVICE)
    pressed = _pressed(message)
    return Read(
        Content(
            parts=parts or (Unsupported(raw=dict(told), words=kinds.UNKNOWN_WORDS),),
            quote=people.quote(message, names),
            forwarded_from=people.forwarded_from(message),
            buttons=tuple(_buttons(message)),
            pressed=pressed,
            technical=service or (pressed is not None and message.web_app_data is None),
            album_id=message.media_group_id,
        ),
        tuple(wanted for _, wanted in pairs if wanted is not None),
    )


_Pairs = Sequence[tuple[Part, Wanted | None]]


def _parts(message: Message, told: Mapping[str, Any], identity: UUID) -> Iterator[_Pairs]:
    """The words first, then everything else in the order in which it came."""
    words = message.text or message.caption or _rich_words(told.get("rich_message"))
    if message.web_app_data is not None:
        words = message.web_app_data.button_text
    if words:
        yield [(Text(text=words), None)]
    for kind, value in told.items():
        if value is None or value is False:
            continue
        if kind in _READ:
            yield _read(kind, message, value, identity)
        elif kind in kinds.SHOWN or kind in kinds.SERVICE:
            table = kinds.SHOWN if kind in kinds.SHOWN else kinds.SERVICE
            yield [(Unsupported(raw={kind: value}, words=kinds.words(kind, value, table)), None)]
        elif kind in (message.model_extra or {}):
            yield [(Unsupported(raw={kind: value}, words=kinds.UNKNOWN_WORDS), None)]


def _read(kind: str, message: Message, value: Any, identity: UUID) -> _Pairs:
    """The parts of one field; one that nobody can read is kept as it came."""
    try:
        if kind in media.READERS:
            found = media.READERS[kind](message)
            pairs: _Pairs = media.parts(found, identity)
            return pairs if found or message.animation else _unread(kind, value)
        if kind in ("text", "caption", "web_app_data"):
            return () if getattr(message, kind) is not None else _unread(kind, value)
        if kind == "sticker" and message.sticker is not None:
            return [media.sticker(message.sticker, identity)]
        part = _plain_part(kind, message)
    except ValueError:  # of our own contract: a place beyond the poles
        return _unread(kind, value)
    if part is None and kind == "location" and message.venue is not None:
        return ()
    return _unread(kind, value) if part is None else [(part, None)]


def _unread(kind: str, value: Any) -> _Pairs:
    return [(Unsupported(raw={kind: value}, words=f"{kind.replace('_', ' ')} that could not be read"), None)]


def _plain_part(kind: str, message: Message) -> Part | None:
    if kind == "contact" and message.contact is not None:
        return _card(message.contact)
    if kind == "venue" and message.venue is not None:
        venue = message.venue
        return Location(
            latitude=venue.location.latitude,
            longitude=venue.location.longitude,
            title=venue.title,
            address=venue.address,
        )
    if kind == "location" and message.location is not None and message.venue is None:
        return Location(latitude=message.location.latitude, longitude=message.location.longitude)
    return None


def _card(card: Contact) -> ContactCard:
    name = clean_line(" ".join(filter(None, (card.first_name, card.last_name))), people.LONGEST_NAME)
    mails = tuple(dict.fromkeys(_MAIL.findall(card.vcard or "")))
    return ContactCard(name=name, phones=(card.phone_number,), emails=mails)


def _pressed(message: Message) -> Pressed | None:
    """A deep link or the button that starts the bot; a web application that was opened by a button."""
    if message.web_app_data is not None:
        return Pressed(label=message.web_app_data.button_text, payload=message.web_app_data.data)
    start = START.fullmatch(message.text or "")
    return Pressed(label="/start", payload=start["payload"]) if start else None


def _buttons(message: Message) -> Iterator[Button]:
    """Addresses behind words, then the buttons of a message that another bot wrote."""
    words = message.text or message.caption or ""
    for entity in [*(message.entities or ()), *(message.caption_entities or ())]:
        if entity.type == "text_link" and entity.url:
            label = clean_line(_span(words, entity), LONGEST_LABEL)
            yield Button(kind="link", label=label or entity.url, url=entity.url)
    if message.reply_markup is not None:
        for row, buttons in enumerate(message.reply_markup.inline_keyboard):
            for button in buttons:
                yield _button(button, row)


def _span(words: str, entity: MessageEntity) -> str:
    """The words of an entity, which counts in UTF-16."""
    units = words.encode("utf-16-le", "surrogatepass")
    cut = units[entity.offset * 2 : (entity.offset + entity.length) * 2]
    return cut.decode("utf-16-le", "replace")


def _button(button: InlineKeyboardButton, row: int) -> Button:
    label = clean_line(button.text, LONGEST_LABEL)
    if button.url:
        return Button(kind="link", label=label, url=button.url, row=row)
    return Button(kind="press", label=label, payload=button.callback_data, row=row)


def _rich_words(told: Any) -> str:
    """The words of a text with rich formatting, a line for each of its blocks."""
    blocks = told.get("blocks") if isinstance(told, dict) else None
    lines = ["".join(_texts(block)) for block in blocks] if isinstance(blocks, list) else []
    return "\n".join(filter(None, lines))


def _texts(told: Any) -> Iterator[str]:
    if isinstance(told, list):
        for one in told:
            yield from [one] if isinstance(one, str) else _texts(one)
    elif isinstance(told, dict):
        for name, value in told.items():
            if name == "text" and isinstance(value, str):
                yield value
            else:
                yield from _texts(value)
