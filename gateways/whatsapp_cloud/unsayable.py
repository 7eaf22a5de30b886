"""Words for operators of what has no part of its own: orders, forms, advertisements, polls. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from gateways.kit.text import clean_line

LONGEST: Final = 500

_KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "image": "a picture that did not arrive",
        "video": "a video that did not arrive",
        "audio": "a recording that did not arrive",
        "document": "a file that did not arrive",
        "location": "a place without coordinates",
        "interactive": "an answer to buttons that did not arrive",
        "call_permission_reply": "an answer to the question whether we may call",
        "payment_method": "a way of paying",
        "address_message": "an address",
        "request_welcome": "the client opened the chat",
        "ephemeral": "a message that disappears",
        "media_placeholder": "a file of a time before this account",
        "errors": "a message that did not arrive",
        "poll": "a poll",
        "poll_creation": "a poll",
        "poll_update": "a vote in a poll",
        "event": "an event",
        "event_response": "an answer to an event",
        "pin": "a message that was pinned",
        "keep": "a message that is kept",
        "album": "several pictures together",
        "video_note": "a round video",
        "group_invite": "an invitation to a group",
        "group_invite_message": "an invitation to a group",
        "list": "a list",
        "product": "a product",
        "payment": "a payment",
        "view_once": "a picture or video to be seen once",
        "edit": "a change of a message",
    }
)
_NAMELESS: Final = frozenset({"unsupported", "unknown", "None"})


def words_of(update: Mapping[str, Any], details: str) -> str:
    """What an update probably is; `details` are Meta's own words of what is wrong with it."""
    kind = str(update.get("type"))
    inner = update.get("unsupported")
    if kind in _NAMELESS and isinstance(inner, Mapping) and isinstance(inner.get("type"), str):
        kind = inner["type"]
    if kind in _KINDS:
        return _KINDS[kind]
    if kind in _NAMELESS:
        return "a message of a kind that WhatsApp does not pass on" + (f" ({details})" if details else "")
    return f"a message of the kind “{clean_line(kind, 40)}”"


def order_words(order: Mapping[str, Any]) -> str:
    """`an order: 3 × TEA (30 RUB)`."""
    items = order.get("product_items")
    told = [_item(one) for one in items if isinstance(one, Mapping)] if isinstance(items, list) else []
    return clean_line("an order: " + ", ".join(told) if told else "an order", LONGEST)


def _item(item: Mapping[str, Any]) -> str:
    price = " ".join(str(item[name]) for name in ("item_price", "currency") if item.get(name) is not None)
    words = f"{item.get('quantity', 1)} × {item.get('product_retailer_id', '?')}"
    return f"{words} ({price})" if price else words


def form_words(filled: Any) -> str:
    """`a form: size: L, delivery: tomorrow`."""
    try:
        answers = json.loads(filled) if isinstance(filled, str) else filled
    except (ValueError, RecursionError):
        answers = None
    if not isinstance(answers, Mapping):
        return "a form"
    told = (f"{name}: {_value(value)}" for name, value in answers.items() if name != "flow_token")
    return clean_line("a form: " + ", ".join(told), LONGEST)


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def advertisement_words(referral: Mapping[str, Any]) -> str:
    """`came from an advertisement: Summer sale. All teas`."""
    kind = "a post" if referral.get("source_type") == "post" else "an advertisement"
    told = [one for name in ("headline", "body") if isinstance(one := referral.get(name), str) and one]
    return clean_line(f"came from {kind}" + (": " + ". ".join(told) if told else ""), LONGEST)


def product_words(product: Mapping[str, Any]) -> str:
    """`about the product TEA-7`."""
    return clean_line(f"about the product {product.get('product_retailer_id', '?')}", LONGEST)
