"""Buttons under a message, both ways. Pure.

{"type": "inline_keyboard", "payload": {"buttons": [[{"type": "callback", "text": "Да", "payload": "yes"}],
                                                    [{"type": "request_contact", "text": "Телефон"}]]}}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias

from gateways.kit.text import clean_line
from shared.contract.content import Button
from shared.failure import Rejected

Kind: TypeAlias = Literal["reply", "press", "link", "phone", "location"]

KEYBOARD: Final = "inline_keyboard"
MOST_BUTTONS: Final = 210
MOST_ROWS: Final = 30
IN_A_ROW: Final = 7
WIDE_IN_A_ROW: Final = 3
LABEL_LENGTH: Final = 128
PAYLOAD_LENGTH: Final = 1024
ADDRESS_LENGTH: Final = 2048

_KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "callback": "press",
        "link": "link",
        "message": "reply",
        "request_contact": "phone",
        "request_geo_location": "location",
    }
)
_TYPES: Final = MappingProxyType({kind: word for word, kind in _KINDS.items()})
_WIDE: Final = frozenset({"link", "phone", "location"})


def buttons(attachment: Mapping[str, Any]) -> tuple[Button, ...]:
    """What stands under a message that came; a button of an unknown type is one that is pressed."""
    payload = attachment.get("payload")
    rows = payload.get("buttons") if isinstance(payload, dict) else None
    return tuple(
        Button(
            kind=_KINDS.get(str(one.get("type")), "press"),
            label=clean_line(str(one.get("text") or ""), LABEL_LENGTH),
            payload=_text(one.get("payload")),
            url=_text(one.get("url")),
            row=number,
        )
        for number, row in enumerate(rows if isinstance(rows, list) else ())
        for one in (row if isinstance(row, list) else ())
        if isinstance(one, dict)
    )


def label_of(attachments: Any, payload: str | None) -> str | None:
    """The words on the button of a message that has this payload."""
    for attachment in attachments if isinstance(attachments, list) else ():
        if isinstance(attachment, dict) and attachment.get("type") == KEYBOARD:
            found = (one.label for one in buttons(attachment) if one.payload == payload)
            if (label := next(found, None)) is not None:
                return label
    return None


def keyboard(wanted: Sequence[Button]) -> dict[str, Any]:
    """Our buttons as an attachment, rows that are too wide divided; raises `Rejected`."""
    rows: list[list[dict[str, str]]] = []
    for _, row in groupby(wanted, key=lambda one: one.row):
        rows += _divided(list(row))
    if len(wanted) > MOST_BUTTONS or len(rows) > MOST_ROWS:
        words = f"MAX shows at most {MOST_BUTTONS} buttons in {MOST_ROWS} rows."
        raise Rejected("too_many_buttons", words)
    return {"type": KEYBOARD, "payload": {"buttons": rows}}


def _divided(row: Sequence[Button]) -> list[list[dict[str, str]]]:
    most = WIDE_IN_A_ROW if any(one.kind in _WIDE for one in row) else IN_A_ROW
    return [[_rendered(one) for one in row[at : at + most]] for at in range(0, len(row), most)]


def _rendered(button: Button) -> dict[str, str]:
    label = clean_line(button.label, LABEL_LENGTH)
    made = {"type": _TYPES[button.kind], "text": label}
    if not label:
        raise Rejected("button_without_words", "A button of MAX needs words.")
    if button.kind == "press":
        made["payload"] = button.payload or label
        if len(made["payload"]) > PAYLOAD_LENGTH:
            raise Rejected("button_too_long", f"What a button says is at most {PAYLOAD_LENGTH} characters.")
    if button.kind == "link":
        made["url"] = button.url or ""
        if not made["url"] or len(made["url"]) > ADDRESS_LENGTH:
            words = f"A button that opens a page needs its address, of at most {ADDRESS_LENGTH} characters."
            raise Rejected("button_without_address", words)
    return made


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
