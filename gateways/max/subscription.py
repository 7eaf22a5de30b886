"""The webhook's subscription: asked for, looked at, and asked for again when MAX has given us up. Pure.

GET /subscriptions → {"subscriptions": [{"url": "https://…", "time": 1769853600000, "update_types": […]}]}
POST /subscriptions {"url": "https://…", "update_types": […], "secret": "…"} → {"success": true}

After 8 hours without an answer of ours MAX calls no more, and says so to nobody.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from pydantic import SecretStr

from gateways.kit.http import Answer
from gateways.kit.request import Request
from gateways.max.answers import taken

HEADER: Final = "X-Max-Bot-Api-Secret"
GIVEN_UP_SECONDS: Final = 8 * 3600.0
"""So long MAX repeats what we did not take."""
UPDATE_TYPES: Final = (
    "message_created",
    "message_edited",
    "message_removed",
    "message_callback",
    "message_chat_created",
    "bot_started",
    "bot_stopped",
    "bot_added",
    "bot_removed",
    "user_added",
    "user_removed",
    "chat_title_changed",
    "dialog_muted",
    "dialog_unmuted",
    "dialog_cleared",
    "dialog_removed",
)

LIST: Final = Request("GET", "/subscriptions", {})


def addresses(answer: Answer) -> dict[str, bool]:
    """What MAX calls for this bot, and whether it tells everything there."""
    listed = taken(answer).get("subscriptions")
    return {
        one["url"]: _whole(one.get("update_types"))
        for one in (listed if isinstance(listed, list) else ())
        if isinstance(one, dict) and isinstance(one.get("url"), str)
    }


def _whole(types: Any) -> bool:
    return types is None or (isinstance(types, list) and set(UPDATE_TYPES) <= set(map(str, types)))


def subscribe(address: str, secret: SecretStr) -> Request:
    body = {"url": address, "update_types": list(UPDATE_TYPES), "secret": secret.get_secret_value()}
    return Request("POST", "/subscriptions", body)


def unsubscribe(address: str) -> Request:
    return Request("DELETE", f"/subscriptions?{urlencode({'url': address})}", {})
