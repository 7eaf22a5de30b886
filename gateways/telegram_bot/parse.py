"""What Telegram says, as our facts. Pure.

    {"update_id": 10001, "message": {"message_id": 365, "date": 1769853600, "text": "Hello",
        "from": {"id": 111, "is_bot": false, "first_name": "Anna"}, "chat": {"id": 111, "type": "private"}}}
    {"ok": true, "result": [an update, …]}      an answer to getUpdates

An update whose kind nobody knows becomes an unsupported part with what came, and opens nothing; one that
names no chat and no person is kept as it came.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from gateways.kit.spool import SpoolRow
from gateways.telegram_bot import events, messages
from gateways.telegram_bot.facts import Ear, Heard, together
from gateways.telegram_bot.names import business
from gateways.telegram_bot.people import CHANNEL
from gateways.telegram_bot.updates import read

__all__ = ["CHANNEL", "chats", "facts", "heard"]


def heard(update: Any, ear: Ear) -> Heard:
    """What one update told; raises `Malformed` for what is none, or says nothing of whom it is about."""
    reading = read(update)
    event = reading.event
    if reading.kind is None:
        return Heard()
    if event is None:
        return events.unknown(reading, ear)
    if reading.kind in messages.NEW:
        return messages.new(reading, event, ear)
    if reading.kind in messages.EDITED:
        return messages.edited(reading, event, ear)
    reader = events.READERS.get(reading.kind)
    return events.unknown(reading, ear) if reader is None else reader(reading, event, ear)


def facts(payload: Any, account: str, at: datetime) -> Sequence[SpoolRow]:
    """The facts of an update, or of all in an answer; nothing is known of the chats. Raises `Malformed`."""
    if isinstance(payload, dict) and isinstance(payload.get("result"), list):
        return together([heard(one, Ear(account, at)) for one in payload["result"]]).rows
    return heard(payload, Ear(account, at)).rows


def chats(payload: Any) -> Collection[str]:
    """The names that may be aliases in what came: ids of chats, and of connections of businesses."""
    found: set[str] = set()
    for event in payload.values() if isinstance(payload, dict) else ():
        if isinstance(event, dict):
            found.update(_named(event))
            found.update(_named(event.get("message")))
    return found


def _named(told: Any) -> Collection[str]:
    if not isinstance(told, dict):
        return ()
    chat, connection = told.get("chat"), told.get("business_connection_id")
    identity = chat.get("id") if isinstance(chat, dict) else None
    names = [str(identity)] if type(identity) is int and identity < 0 else []
    return [*names, business(connection)] if isinstance(connection, str) else names
