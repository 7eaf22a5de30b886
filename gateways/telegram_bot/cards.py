"""Places and contacts' cards as Telegram takes them. Pure."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from aiogram import methods
from aiogram.methods import TelegramMethod

from shared.contract.content import ContactCard, Location

VCARD_BYTES: Final = 2048

Asked: TypeAlias = tuple[type[TelegramMethod[Any]], dict[str, Any]]
"""A method and its fields."""


def place(part: Location) -> Asked:
    """A venue where it has a name; Telegram wants an address with it."""
    where = {"latitude": part.latitude, "longitude": part.longitude}
    name = part.title or part.address
    if not name:
        return methods.SendLocation, where
    return methods.SendVenue, {**where, "title": name, "address": part.address or name}


def contact(part: ContactCard) -> Asked:
    """A card with its first telephone, the rest in a vCard; without a telephone, its words."""
    if not part.phones:
        return methods.SendMessage, {"text": "\n".join((part.name, *part.emails))}
    fields: dict[str, Any] = {"phone_number": part.phones[0], "first_name": part.name or part.phones[0]}
    if len(part.phones) > 1 or part.emails:
        card = _vcard(part)
        if len(card.encode()) <= VCARD_BYTES:
            fields["vcard"] = card
    return methods.SendContact, fields


def _vcard(part: ContactCard) -> str:
    lines = [
        "BEGIN:VCARD",
        "VERSION:3.0",
        f"FN:{_escaped(part.name)}",
        *(f"TEL:{_escaped(phone)}" for phone in part.phones),
        *(f"EMAIL:{_escaped(mail)}" for mail in part.emails),
        "END:VCARD",
    ]
    return "\r\n".join(lines)


def _escaped(words: str) -> str:
    for mark in ("\\", ";", ","):
        words = words.replace(mark, f"\\{mark}")
    return " ".join(words.split())
