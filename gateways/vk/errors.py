"""What VK answers, as one of the four failures of a connector. Pure.

    {"error": {"error_code": 901, "error_msg": "Can't send messages for users without permission"}}
    {"response": [{"peer_id": 7, "message_id": 9, "conversation_message_id": 4}]}       of messages.send

===============  ===========================================================
the code         becomes
===============  ===========================================================
`_AMBIGUOUS`     `Unconfirmed`: VK failed somewhere on the way
`_LATER`         `Retryable`, with its scope and seconds
`_KEYS`          `ChannelDown`: the access key is not taken any more
any other        `Rejected`, with words of ours, or VK's own where we have none
===============  ===========================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Literal

from gateways.kit.http import Answer
from gateways.kit.payload import Malformed
from gateways.kit.request import (
    AGAIN_SECONDS,
    BLOCKED_WORDS,
    UNCONFIRMED_WORDS,
    require_taken,
)
from gateways.kit.text import clean_line
from gateways.kit.unfetched import Blocked, Unfetched
from shared.failure import ChannelDown, Failure, Rejected, Retryable, Unconfirmed

DOUBTFUL: Final = frozenset({"not_permitted"})
"""Codes of ours behind which the access key itself may stand: the account is asked before one is believed."""

_AMBIGUOUS: Final = frozenset({1, 10})

_LATER: Final[Mapping[int, tuple[float, Literal["dialog", "account"]]]] = MappingProxyType(
    {
        6: (1.0, "account"),
        9: (60.0, "dialog"),
        14: (300.0, "account"),
        22: (AGAIN_SECONDS, "dialog"),
        29: (3600.0, "account"),
        3300: (300.0, "account"),
    }
)
"""Too many in a second, the same too often, a captcha, a failed upload, too many in a day, a captcha."""

_KEYS: Final[Mapping[int, str]] = MappingProxyType(
    {
        5: "login_needed: VK does not accept the access key of this community. Make a new one.",
        17: "login_needed: VK wants the access key of this community to be confirmed. Make a new one.",
        27: "login_needed: The access key of this community was withdrawn. Make a new one.",
        28: "login_needed: This key is not one of a community. Make a key in the community's settings.",
        1116: "login_needed: The access key of this community is not valid. Make a new one.",
        1117: "login_needed: The access key of this community has expired. Make a new one.",
    }
)

_REFUSALS: Final[Mapping[int, tuple[str, str]]] = MappingProxyType(
    {
        7: ("not_permitted", "VK does not permit this to the community."),
        15: ("not_permitted", "VK denies access to this dialog or message."),
        18: ("contact_gone", "This page was deleted or blocked."),
        100: ("not_understood", "VK does not take this message as it is."),
        113: ("contact_gone", "There is no such person in VK."),
        900: ("contact_blocked", "The client has blocked the community, or the community the client."),
        901: ("contact_blocked", "The client does not allow messages from the community."),
        902: ("contact_blocked", "The client's privacy settings do not let the community write."),
        909: ("too_old", "VK changes messages within a day only."),
        911: ("buttons_refused", "VK does not take these buttons."),
        912: (
            "buttons_refused",
            "Buttons need the chat-bot feature: switch it on in the community's settings.",
        ),
        913: ("too_many_forwarded", "These are too many forwarded messages."),
        914: ("text_too_long", "VK finds this text too long."),
        917: ("not_in_chat", "The community has no access to this chat."),
        920: ("not_possible", "VK does not change this kind of message."),
        921: ("not_possible", "VK does not quote this message."),
        922: ("not_in_chat", "The community has left this chat."),
        924: ("too_old", "VK deletes messages for everybody within a day only."),
        925: ("not_in_chat", "The community is no administrator of this chat."),
        927: ("not_in_chat", "This chat does not exist."),
        932: ("not_permitted_here", "The community may not write into this dialog."),
        936: ("contact_gone", "There is no such dialog in VK."),
        945: ("chat_closed", "This chat is switched off."),
        946: ("chat_closed", "This chat does not do that."),
        950: ("too_old", "The time for an answer is over."),
        962: ("not_in_chat", "The community cannot enter this chat."),
        983: ("chat_closed", "This chat can only be read."),
        985: ("contact_blocked", "The client has to accept the request to write first."),
        987: ("contact_blocked", "The client has not accepted the request to write."),
        988: ("contact_blocked", "The client has to answer the first message before the next one."),
    }
)
"""VK's code → our code, and words for the operator."""


def failure_of(error: Any) -> Failure:
    """What an error of the interface means; `error`: the object with `error_code` and `error_msg`."""
    said = error if isinstance(error, Mapping) else {}
    code = said.get("error_code")
    if not isinstance(code, int) or code in _AMBIGUOUS:
        return Unconfirmed(UNCONFIRMED_WORDS)
    if code in _LATER:
        return Retryable(*_LATER[code])
    if code in _KEYS:
        return ChannelDown(_KEYS[code])
    if code in _REFUSALS:
        return Rejected(*_REFUSALS[code])
    return Rejected("refused", clean_line(f"VK refuses this ({code}): {said.get('error_msg', '')}", 300))


def broken_off(error: Unfetched) -> Failure:
    """What a request of ours that got no answer means."""
    if isinstance(error, Blocked):
        return ChannelDown(BLOCKED_WORDS.format(why=error.words))
    return Unconfirmed(UNCONFIRMED_WORDS) if error.sent else Retryable(AGAIN_SECONDS, "account")


def said_in(answer: Answer) -> dict[str, Any]:
    """The object that an answer is, with `response` or `error` in it; raises one of the four failures.

    A server that fails may have sent the message: VK's own or one before it.
    """
    if answer.status >= 500:
        raise Unconfirmed(UNCONFIRMED_WORDS)
    require_taken(answer, {}, None)
    try:
        said = answer.json()
    except Malformed:
        said = None
    if not isinstance(said, dict) or not ("response" in said or isinstance(said.get("error"), dict)):
        raise Unconfirmed(UNCONFIRMED_WORDS)
    return said


def response_in(answer: Answer) -> Any:
    """What VK responds; raises one of the four failures."""
    said = said_in(answer)
    if "error" in said:
        raise failure_of(said["error"])
    return said["response"]


def cmid_of(response: Any) -> str | None:
    """The name in its dialog of what was sent to one peer, where VK gives it one; raises failures."""
    row = response[0] if isinstance(response, list) and response else None
    if not isinstance(row, Mapping):
        raise Unconfirmed(UNCONFIRMED_WORDS)
    error = row.get("error")
    if isinstance(error, Mapping):
        raise failure_of({"error_code": error.get("code"), "error_msg": error.get("description", "")})
    cmid = row.get("conversation_message_id")
    return str(cmid) if isinstance(cmid, int) and cmid > 0 else None


def judged(answer: Answer) -> tuple[str, ...]:
    """The names of what an answer to `messages.send` says was sent."""
    cmid = cmid_of(response_in(answer))
    return () if cmid is None else (cmid,)
