"""Who somebody is: a number, a business-scoped user id, or both; one of them is the chat's for ever. Pure.

{"profile": {"name": "Анна", "username": "@anna"}, "wa_id": "79990000001", "user_id": "RU.134900001"}

A chat is called by the number where there is one, else by the user id; by whichever came first, when the
other is learned. So that a user id that came alone is remembered as such, it is learned under a mark.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from gateways.kit.aliases import Alias
from gateways.kit.payload import Malformed
from gateways.kit.text import clean_line
from shared.contract.ids import dialog_id
from shared.contract.people import DialogRef, Identity

CHANNEL: Final = "whatsapp_cloud"
MARK: Final = "chat:"
"""Before a user id that is the name of its chat, among the aliases."""
LONGEST: Final = 200

_USER_ID: Final = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")
_NUMBER: Final = re.compile(r"\d{5,20}")

Told: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    """`numbers` in the provider's own spelling, digits; the first is the one that is written to."""

    numbers: tuple[str, ...] = ()
    user_id: str | None = None
    name: str | None = None
    username: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.numbers, *((self.user_id,) if self.user_id else ()))

    @property
    def provider(self) -> dict[str, Any]:
        """How they are written to; handed back on replies."""
        return {"to": self.numbers[0]} if self.numbers else {"recipient": self.user_id}


@dataclass
class Chats:
    """The chats of one account, as known before a payload and after each of its parts."""

    account: str
    known: dict[str, str] = field(default_factory=dict)
    learned: list[Alias] = field(default_factory=list)

    def of(self, person: Person) -> tuple[str, tuple[str, ...]]:
        """The canonical name of a person's chat, and those of their names that nobody knew of."""
        chat = self._canonical(person)
        fresh = tuple(name for name in person.names if name != chat and name not in self.known)
        for name in fresh:
            self._learn(name, chat)
        if person.names == (person.user_id,) and chat == person.user_id and MARK + chat not in self.known:
            self._learn(MARK + chat, chat)
        return chat, fresh

    def rename(self, before: str, after: str) -> bool:
        """Both are names of one chat from now on; whether that is news."""
        chat = self.known.get(before, before)
        if after == chat or after in self.known:
            return False
        self._learn(after, chat)
        return True

    def _canonical(self, person: Person) -> str:
        user_id = person.user_id or ""
        found = self.known.get(user_id) or self.known.get(MARK + user_id)
        if found is None:
            found = next((self.known[one] for one in person.numbers if one in self.known), None)
        return found or person.names[0]

    def _learn(self, alias: str, chat: str) -> None:
        self.known[alias] = chat
        self.learned.append(Alias(alias, chat))


def person_of(told: Told, contacts: Sequence[Told], *, sole: bool = False) -> Person:
    """Who a message, a receipt or a call is from or to; raises `Malformed` where nobody is named.

    `sole`: all is of one person, who is the one contact, whatever their number is called there.
    """
    number, user_id = _sorted(_first(told, _NUMBERS), _first(told, _USER_IDS))
    contact = _contact(contacts, number, user_id, sole=sole)
    other, other_id = _sorted(_first(contact, ("wa_id",)), _first(contact, ("user_id",)))
    numbers = tuple(dict.fromkeys(one for one in (number, other) if one))
    ids = [one for one in (user_id, other_id) if one]
    valid = next((one for one in ids if _USER_ID.fullmatch(one)), None)
    user_id = valid or (ids[0] if ids and not numbers else None)
    if not numbers and user_id is None:
        raise Malformed("nobody")
    profile = contact.get("profile")
    profile = profile if isinstance(profile, Mapping) else {}
    return Person(numbers, user_id, _line(profile.get("name")), _line(profile.get("username")))


def identity_of(person: Person, chat: str) -> Identity:
    """As everybody else knows them."""
    phone = next((f"+{one}" for one in person.numbers if _NUMBER.fullmatch(one)), None)
    return Identity(
        channel=CHANNEL,
        address=chat,
        aliases=tuple(name for name in person.names if name != chat),
        name=person.name,
        username=person.username.removeprefix("@") if person.username else None,
        phone=phone,
    )


def dialog_of(account: str, chat: str, kind: str = "personal") -> DialogRef:
    identity = dialog_id(CHANNEL, account, chat)
    return DialogRef.model_validate(
        {"dialog_id": identity, "channel": CHANNEL, "account": account, "chat": chat, "kind": kind}
    )


def names_in(told: Any) -> Iterator[str]:
    """Every name of a person anywhere in a payload, for looking up what is known of them."""
    if isinstance(told, Mapping):
        for key, value in told.items():
            if key in _NAMING and (name := _text(value)):
                yield from (name, MARK + name)
            else:
                yield from names_in(value)
    elif isinstance(told, list):
        for one in told:
            yield from names_in(one)


_NUMBERS: Final = ("from", "recipient_id")
_USER_IDS: Final = ("from_user_id", "recipient_user_id", "from_bsuid")
_NAMING: Final = frozenset(
    {*_NUMBERS, *_USER_IDS, "to", "to_user_id", "wa_id", "user_id", "previous", "current"}
)


def _first(told: Told, fields: Iterable[str]) -> str | None:
    return next((found for name in fields if (found := _text(told.get(name)))), None)


def _sorted(number: str | None, user_id: str | None) -> tuple[str | None, str | None]:
    """A user id may stand where a number is expected."""
    if number is not None and _USER_ID.fullmatch(number):
        return None, user_id or number
    return number, user_id


def _contact(contacts: Sequence[Told], number: str | None, user_id: str | None, *, sole: bool) -> Told:
    for contact in contacts:
        if number is not None and _text(contact.get("wa_id")) == number:
            return contact
        if user_id is not None and _text(contact.get("user_id")) == user_id:
            return contact
    return contacts[0] if sole and len(contacts) == 1 else {}


def _text(value: Any) -> str | None:
    return value[:LONGEST] if isinstance(value, str) and value else None


def _line(value: Any) -> str | None:
    return (clean_line(value, 100) or None) if isinstance(value, str) else None
