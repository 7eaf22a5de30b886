"""Our buttons as a keyboard of VK. Pure.

    {"inline": true, "buttons": [[{"action": {"type": "text", "label": "Yes", "payload": "…"}, …}]]}

Few buttons stand under the message; more of them in the place of the client's keyboard, until one is pressed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final

from gateways.kit.text import clean_text
from gateways.vk.contents import PAYLOAD
from shared.contract.content import Button
from shared.failure import Rejected

LABEL_LENGTH: Final = 40
PAYLOAD_LENGTH: Final = 255
IN_A_ROW: Final = 5
INLINE: Final = (6, 10)
"""Rows, and buttons in all."""
KEYBOARD: Final = (10, 40)

_ALONE: Final = frozenset({"location"})
"""Of these VK wants one to a row."""


def keyboard(buttons: Sequence[Button]) -> str | None:
    """The parameter of a message; raises `Rejected` for what VK cannot show."""
    if not buttons:
        return None
    rows = [[_button(one) for one in row] for row in _rows(buttons)]
    inline = _fits(rows, INLINE)
    if not inline and not _fits(rows, KEYBOARD):
        raise Rejected("too_many_buttons", "VK shows at most 10 rows of buttons, 5 in a row and 40 in all.")
    shown = {"inline": True} if inline else {"one_time": True}
    return json.dumps({**shown, "buttons": rows}, ensure_ascii=False)


def _rows(buttons: Sequence[Button]) -> list[list[Button]]:
    """By their rows; what has to stand alone does."""
    rows: list[list[Button]] = []
    for _, together in groupby(buttons, lambda one: one.row):
        row: list[Button] = []
        for one in together:
            if one.kind in _ALONE or (row and row[-1].kind in _ALONE):
                rows.append(row)
                row = []
            row.append(one)
        rows.append(row)
    return [row for row in rows if row]


def _fits(rows: list[list[dict[str, Any]]], most: tuple[int, int]) -> bool:
    narrow = all(len(row) <= IN_A_ROW for row in rows)
    return narrow and len(rows) <= most[0] and sum(map(len, rows)) <= most[1]


def _button(button: Button) -> dict[str, Any]:
    label = clean_text(button.label)
    if not label or len(label) > LABEL_LENGTH:
        raise Rejected("button_too_long", f"VK shows at most {LABEL_LENGTH} characters on a button.")
    payload = json.dumps({PAYLOAD: clean_text(button.payload or button.label)}, ensure_ascii=False)
    if len(payload) > PAYLOAD_LENGTH:
        raise Rejected("button_too_long", f"VK takes at most {PAYLOAD_LENGTH} characters behind a button.")
    match button.kind:
        case "reply":
            return {"action": {"type": "text", "label": label, "payload": payload}, "color": "secondary"}
        case "press":
            return {"action": {"type": "callback", "label": label, "payload": payload}, "color": "secondary"}
        case "link":
            return {
                "action": {"type": "open_link", "label": label, "link": button.url or "", "payload": payload}
            }
        case "location":
            return {"action": {"type": "location", "payload": payload}}
        case "phone":
            raise Rejected("not_possible", "VK has no button that asks for a telephone number.")
