"""Buttons under our words, as Meta's interactive messages. Pure.

up to 3          {"type": "button", "body": {…}, "action": {"buttons": [{"type": "reply", "reply": {…}}]}}
4 to 10          {"type": "list", "body": {…}, "action": {"button": "…", "sections": [{"rows": [{…}]}]}}
one link alone   {"type": "cta_url", …}         a place alone   {"type": "location_request_message", …}

Links that stand beside other buttons, or beside each other, become lines of the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from gateways.kit.graphemes import split
from shared.contract.content import Button
from shared.failure import Rejected

BODY_LENGTH: Final = 1024
"""Of the words above buttons; of a list they may be longer, which we do not use."""
MOST_REPLIES: Final = 3
MOST_ROWS: Final = 10

_TITLE: Final = 20
_ROW: Final = 24
_DESCRIPTION: Final = 72
_ID: Final = 256


def lines(buttons: Sequence[Button]) -> list[str]:
    """The links that cannot be buttons here."""
    links = [button for button in buttons if button.kind == "link"]
    if len(links) == len(buttons) == 1:
        return []
    return [f"{button.label}: {button.url or ''}".strip() for button in links]


def require_possible(buttons: Sequence[Button]) -> None:
    """Returns when WhatsApp can show them; raises `Rejected`."""
    kinds = {button.kind for button in buttons}
    if "phone" in kinds:
        raise Rejected(
            "not_possible", "WhatsApp has no button that asks for a number: it tells the number itself."
        )
    if "location" in kinds and len(buttons) > 1:
        raise Rejected("not_possible", "A button that asks for a place stands alone in WhatsApp.")
    if any(button.kind == "link" and not button.url for button in buttons):
        raise Rejected("not_possible", "A button that opens something needs an address.")
    answers = _answers(buttons)
    if len(answers) > MOST_ROWS:
        raise Rejected("not_possible", f"WhatsApp shows at most {MOST_ROWS} buttons.")
    if len({_id(button) for button in answers}) < len(answers):
        raise Rejected("not_possible", "Two buttons are alike: WhatsApp could not tell them apart.")


def interactive(words: str, buttons: Sequence[Button], list_label: str) -> dict[str, Any] | None:
    """The message's own part; none where all buttons became lines of the text."""
    body = {"body": {"text": words}}
    answers = _answers(buttons)
    if len(buttons) == 1 and buttons[0].kind == "link":
        parameters = {"display_text": _short(buttons[0].label, _TITLE), "url": buttons[0].url}
        return {"type": "cta_url", **body, "action": {"name": "cta_url", "parameters": parameters}}
    if buttons and buttons[0].kind == "location":
        return {"type": "location_request_message", **body, "action": {"name": "send_location"}}
    if not answers:
        return None
    if len(answers) <= MOST_REPLIES and all(_short(one.label, _TITLE) == one.label for one in answers):
        replies = [{"type": "reply", "reply": {"id": _id(one), "title": one.label}} for one in answers]
        return {"type": "button", **body, "action": {"buttons": replies}}
    rows = [_row(one) for one in answers]
    return {"type": "list", **body, "action": {"button": list_label, "sections": [{"rows": rows}]}}


def _answers(buttons: Sequence[Button]) -> list[Button]:
    return [button for button in buttons if button.kind in ("reply", "press")]


def _row(button: Button) -> dict[str, str]:
    row = {"id": _id(button), "title": _short(button.label, _ROW)}
    return row if row["title"] == button.label else {**row, "description": _short(button.label, _DESCRIPTION)}


def _id(button: Button) -> str:
    return (button.payload or button.label)[:_ID]


def _short(words: str, longest: int) -> str:
    """The words, their end cut with a sign where they are too long."""
    if len(words) <= longest:
        return words
    return split(words, longest - 1)[0].rstrip() + "…"
