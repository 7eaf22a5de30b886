"""What a message of a client says, kind by kind, as parts of ours. Pure.

{"type": "image", "image": {"id": "1080000000001", "mime_type": "image/jpeg", "caption": "Вот"}}
{"type": "interactive", "interactive": {"type": "list_reply", "list_reply": {"id": "p7", "title": "Чай"}}}

A kind that we do not know, or that is not as its kind should be, becomes an unsupported part with all that
came, and words of what it probably is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeAlias
from uuid import UUID

from gateways.kit.media import Wanted, attachment_id
from gateways.kit.text import clean_line
from gateways.whatsapp_cloud.fates import details_of
from gateways.whatsapp_cloud.unsayable import form_words, order_words, words_of
from shared.contract.content import (
    Audio,
    ContactCard,
    Document,
    File,
    Image,
    Location,
    Part,
    Pressed,
    Sticker,
    Text,
    Unsupported,
    Video,
    Voice,
)
from shared.files.names import safe_name

Update: TypeAlias = Mapping[str, Any]

RAW_BYTES: Final = 64 * 1024
"""Of what came with a part that we cannot show; the head of a longer one."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a message says; `wanted`: the files of it that are still at Meta."""

    parts: tuple[Part, ...]
    wanted: tuple[Wanted, ...] = ()
    pressed: Pressed | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Whose files these are: the message, and what names them, which an edit does anew."""

    message: UUID
    naming: UUID


Reader: TypeAlias = Callable[[Update, Place], Said]


class Unsaid(Exception):
    """It is not as its kind should be."""


def said(update: Update, place: Place) -> Said:
    """What an update says, whatever it is."""
    kind = str(update.get("type"))
    reader = _READERS.get(kind)
    try:
        if reader is not None:
            return reader(update, place)
    except (Unsaid, KeyError, TypeError, ValueError, AttributeError):
        pass  # shown as what it is not: below
    return Said((unsupported(update, words_of(update, details_of(update.get("errors")))),))


def unsupported(raw: Any, words: str | None) -> Unsupported:
    """A part with what came, bounded."""
    text = json.dumps(raw, ensure_ascii=False)
    kept = raw if len(text) <= RAW_BYTES else {"cut": text[:RAW_BYTES]}
    return Unsupported(raw=dict(kept) if isinstance(kept, Mapping) else kept, words=words)


def _text(update: Update, _place: Place) -> Said:
    return Said((Text(text=_words(update["text"]["body"])),))


def _media(part: Callable[..., Part]) -> Reader:
    def read(update: Update, place: Place) -> Said:
        told = update[str(update["type"])]
        caption = told.get("caption")
        before: tuple[Part, ...] = (Text(text=_words(caption)),) if caption else ()
        reference = told.get("id")
        if not isinstance(reference, str) or not reference:
            return Said((*before, unsupported(update, "a file that did not arrive")))
        file = _file(told, str(update["type"]), place)
        return Said((*before, part(file=file)), (Wanted(place.message, file, reference),))

    return read


def _audio(update: Update, place: Place) -> Said:
    """A recording made in the chat, or music."""
    told = update["audio"]
    spoken = told.get("voice") is True
    return _media(Voice if spoken else Audio)(update, place)


def _location(update: Update, _place: Place) -> Said:
    told = update["location"]
    return Said(
        (
            Location(
                latitude=float(told["latitude"]),
                longitude=float(told["longitude"]),
                title=_line(told.get("name")),
                address=_line(told.get("address")),
            ),
        )
    )


def _contacts(update: Update, _place: Place) -> Said:
    cards = tuple(_card(one) for one in update["contacts"])
    if not cards:
        raise Unsaid
    return Said(cards)


def _card(told: Update) -> ContactCard:
    name, phones = told.get("name") or {}, _each(told.get("phones"), "phone", "wa_id")
    parts = (name.get("first_name"), name.get("last_name"))
    formatted = name.get("formatted_name") or " ".join(filter(None, parts))
    return ContactCard(
        name=clean_line(str(formatted or ""), 200) or next(iter(phones), "?"),
        phones=phones,
        emails=_each(told.get("emails"), "email"),
    )


def _button(update: Update, _place: Place) -> Said:
    """A quick reply of a template."""
    told = update["button"]
    label = _words(told["text"])
    return Said((Text(text=label),), pressed=_pressed(update, label, told.get("payload")))


def _interactive(update: Update, _place: Place) -> Said:
    told = update["interactive"]
    kind = str(told["type"])
    answer = told[kind]
    if kind in ("button_reply", "list_reply"):
        label = _words(answer["title"])
        return Said((Text(text=label),), pressed=_pressed(update, label, answer.get("id")))
    if kind == "nfm_reply":
        label, filled = _words(answer.get("body") or answer.get("name") or ""), answer.get("response_json")
        parts: tuple[Part, ...] = (unsupported(answer, form_words(filled)),)
        if label:
            parts = (Text(text=label), *parts)
        return Said(parts, pressed=_pressed(update, label or None, filled))
    return Said((unsupported(update, words_of(told, "")),))


def _order(update: Update, _place: Place) -> Said:
    told = update["order"]
    part = unsupported(told, order_words(told))
    return Said((Text(text=_words(told["text"])), part) if told.get("text") else (part,))


_READERS: Final[Mapping[str, Reader]] = MappingProxyType(
    {
        "text": _text,
        "image": _media(Image),
        "video": _media(Video),
        "document": _media(Document),
        "sticker": _media(Sticker),
        "voice": _media(Voice),
        "audio": _audio,
        "location": _location,
        "contacts": _contacts,
        "button": _button,
        "interactive": _interactive,
        "order": _order,
    }
)
"""Meta's word for a kind → what reads it."""

_ENDINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "image/jpeg": ".jpg",
        "image/png": ".png",
        "image/webp": ".webp",
        "video/mp4": ".mp4",
        "video/3gpp": ".3gp",
        "audio/aac": ".aac",
        "audio/amr": ".amr",
        "audio/mpeg": ".mp3",
        "audio/mp4": ".m4a",
        "audio/ogg": ".ogg",
    }
)


def _file(told: Update, kind: str, place: Place) -> File:
    """Its bytes are fetched once the message is safe; Meta does not say how many."""
    mime_type = str(told.get("mime_type") or "application/octet-stream").partition(";")[0].strip()
    name = told.get("filename")
    return File(
        attachment_id=attachment_id(place.naming, 0),
        name=safe_name(name if isinstance(name, str) and name else kind + _ENDINGS.get(mime_type, "")),
        mime_type=mime_type[:100],
    )


def _pressed(update: Update, label: str | None, payload: Any) -> Pressed:
    context = update.get("context")
    external_id = context.get("id") if isinstance(context, Mapping) else None
    return Pressed(
        label=label,
        payload=payload if isinstance(payload, str) else None,
        external_id=external_id if isinstance(external_id, str) else None,
    )


def _words(value: Any) -> str:
    if not isinstance(value, str):
        raise Unsaid
    return value


def _line(value: Any) -> str | None:
    return (clean_line(value, 500) or None) if isinstance(value, str) else None


def _each(told: Any, *fields: str) -> tuple[str, ...]:
    """The first of these fields that each has."""
    found = (next((one.get(name) for name in fields if one.get(name)), None) for one in told or ())
    return tuple(clean_line(one, 200) for one in found if isinstance(one, str))
