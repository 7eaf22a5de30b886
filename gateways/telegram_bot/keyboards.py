"""Our buttons as Telegram's keyboards. Pure.

press, link             below the message: {"inline_keyboard": [[{"text": "Yes", "callback_data": "yes"}]]}
reply, phone, location  in the place of the client's own: {"keyboard": [[{"text": "My number", …}]]}

A message has one keyboard, so its buttons are all of one of these lines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, KeyboardButton, ReplyKeyboardMarkup

from shared.contract.content import Button
from shared.failure import Rejected

PAYLOAD_BYTES: Final = 64
MIXED_WORDS: Final = (
    "Telegram shows one keyboard below a message: buttons that are pressed or open an address, or those that "
    "answer or ask for a telephone or a place, and not both."
)
PAYLOAD_WORDS: Final = f"What a button sends back is at most {PAYLOAD_BYTES} bytes long in Telegram."

Keyboard: TypeAlias = InlineKeyboardMarkup | ReplyKeyboardMarkup


def keyboard(buttons: Sequence[Button]) -> Keyboard | None:
    """The keyboard of a message; raises `Rejected` for what Telegram cannot show."""
    if not buttons:
        return None
    kinds = {button.kind for button in buttons}
    rows = [list(row) for _, row in groupby(sorted(buttons, key=_row), key=_row)]
    if kinds <= _BELOW.keys():
        return InlineKeyboardMarkup(inline_keyboard=[[_BELOW[one.kind](one) for one in row] for row in rows])
    if kinds <= _INSTEAD.keys():
        keys = [[KeyboardButton(text=one.label, **_INSTEAD[one.kind]) for one in row] for row in rows]
        return ReplyKeyboardMarkup(keyboard=keys, resize_keyboard=True, one_time_keyboard=True)
    raise Rejected("not_possible", MIXED_WORDS)


def _row(button: Button) -> int:
    return button.row


def _press(button: Button) -> InlineKeyboardButton:
    payload = button.payload or button.label
    if len(payload.encode()) > PAYLOAD_BYTES:
        raise Rejected("not_possible", PAYLOAD_WORDS)
    return InlineKeyboardButton(text=button.label, callback_data=payload)


def _link(button: Button) -> InlineKeyboardButton:
    if not button.url:
        raise Rejected("not_possible", "A button that opens an address has none.")
    return InlineKeyboardButton(text=button.label, url=button.url)


_BELOW: Final[Mapping[str, Callable[[Button], InlineKeyboardButton]]] = MappingProxyType(
    {"press": _press, "link": _link}
)
_INSTEAD: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {"reply": {}, "phone": {"request_contact": True}, "location": {"request_location": True}}
)
