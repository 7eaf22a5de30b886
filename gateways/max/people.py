"""Who writes and where, from what MAX says of users and recipients. Pure.

{"user_id": 101, "first_name": "Анна", "last_name": "П", "username": null, "is_bot": false}
{"chat_id": 182, "chat_type": "dialog", "user_id": 229}       in groups "chat", elsewhere "channel"
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, TypeAlias

from gateways.kit.text import clean_line
from shared.contract.ids import dialog_id
from shared.contract.people import DialogRef, Identity

CHANNEL: Final = "max"
PROFILES: Final = "https://max.ru/"
USER: Final = "user:"
"""Before a person's id: another name of the chat with that person."""
GROUP: Final = "group:"
"""Before a group's id: another name of it, by which groups are found again."""

Kind: TypeAlias = Literal["personal", "group"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NAME_LENGTH: Final = 100


def number(value: Any) -> int | None:
    """An id or a time of MAX; none for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def moment(milliseconds: Any) -> datetime | None:
    """A time of MAX."""
    count = number(milliseconds)
    try:
        return None if count is None else _EPOCH + timedelta(milliseconds=count)
    except OverflowError:
        return None


def full_name(user: Any) -> str | None:
    """First and last name, or the old single one."""
    if not isinstance(user, dict):
        return None
    parts = (user.get("first_name"), user.get("last_name"))
    named = clean_line(" ".join(str(part) for part in parts if part), _NAME_LENGTH)
    return named or clean_line(str(user.get("name") or ""), _NAME_LENGTH) or None


def identity(user: Any, chat: str, *, locale: Any = None, phone: str | None = None) -> Identity:
    """The person; without one (a channel's post, a notice that names nobody) the chat stands for it."""
    told: Mapping[str, Any] = user if isinstance(user, dict) else {}
    known = number(told.get("user_id"))
    username = clean_line(str(told.get("username") or ""), _NAME_LENGTH) or None
    return Identity(
        channel=CHANNEL,
        address=f"chat:{chat}" if known is None else str(known),
        name=full_name(told),
        username=username,
        phone=phone,
        profile_url=PROFILES + username if username else None,
        language=clean_line(locale, 35) or None if isinstance(locale, str) else None,
    )


def is_bot(user: Any) -> bool:
    return isinstance(user, dict) and user.get("is_bot") is True


def user_alias(user: Any) -> str | None:
    """The other name of the chat with this person."""
    known = number(user.get("user_id")) if isinstance(user, dict) else None
    return None if known is None else f"{USER}{known}"


def chat_of(recipient: Any, sender: Any, aliases: Mapping[str, str]) -> str | None:
    """The chat of a message: its id, else the person with whom it is; none where nothing is said."""
    told: Mapping[str, Any] = recipient if isinstance(recipient, dict) else {}
    if (chat := number(told.get("chat_id"))) is not None:
        return str(chat)
    other = sender if sender is not None and not is_bot(sender) else told
    alias = user_alias(other)
    return None if alias is None else aliases.get(alias, alias)


def kind_of(recipient: Any) -> Kind:
    told = recipient.get("chat_type") if isinstance(recipient, dict) else None
    return "group" if told in ("chat", "channel") else "personal"


def dialog(account: str, chat: str, kind: Kind) -> DialogRef:
    identifier = dialog_id(CHANNEL, account, chat)
    return DialogRef(dialog_id=identifier, channel=CHANNEL, account=account, chat=chat, kind=kind)
