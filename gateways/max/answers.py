"""What the answers of MAX mean. Pure.

    200 {"message": {"recipient": {…}, "body": {"mid": "mid.2b", "seq": 116000000000000002, …}}}
    200 {"success": false, "message": "…"}       400 {"code": "attachment.not.ready", "message": "…"}

==========================================  ================================================================
the answer                                  what it means
==========================================  ================================================================
2xx                                         taken
401, or the code `verify.token`             `ChannelDown`: the token was taken away
400 `attachment.not.ready`                  `Retryable(dialog)`: the file is being worked on, nothing was sent
429                                         `Retryable(account)`
503                                         `Retryable(account)`: MAX says that it did not
500, any other above                        of a message `Unconfirmed`: it broke off, and nobody knows where
403, 404, 405, any other of 400 to 499      `Rejected`, with words
2xx that cannot be read, of a message       `Unconfirmed`
==========================================  ================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from gateways.kit.channel import Sent
from gateways.kit.http import Answer
from gateways.kit.request import AGAIN_SECONDS, REFUSED_WORDS, UNCONFIRMED_WORDS, object_of, pause_of
from gateways.kit.text import clean_line
from gateways.max.people import number
from shared.failure import ChannelDown, Rejected, Retryable, Unconfirmed

REVOKED: Final = "login_needed: MAX does not know the bot's token any more; put a new one into its file"
NOT_READY: Final = "attachment.not.ready"
NOT_READY_SECONDS: Final = 2.0
_UNKNOWN_BOT: Final = "verify.token"
_UNAVAILABLE: Final = 503

_CODES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "chat.denied": (
            "contact_blocked",
            "The client has stopped the bot, or it may not write into this chat.",
        ),
        "chat.not.found": ("contact_gone", "MAX does not know this chat any more."),
        "user.not.found": ("contact_gone", "MAX does not know this person any more."),
        "message.not.found": ("message_gone", "MAX does not have this message any more."),
        "not.found": ("contact_gone", "MAX does not know this chat or this message any more."),
        "not.allowed": ("not_possible", "MAX does not allow this here."),
        "attachment.not.found": ("file_refused", "MAX does not have this file any more: send it again."),
    }
)
_WORDS: Final[tuple[tuple[str, str], ...]] = (
    ("dialog.suspended", "chat.denied"),
    ("dialog.not.found", "chat.not.found"),
)
"""Words within an answer's message → the code that they mean."""
_STATUSES: Final[Mapping[int, str]] = MappingProxyType(
    {403: "chat.denied", 404: "not.found", 405: "not.allowed"}
)


class NotReady(Retryable):
    """MAX still works on a file of the message, which was not sent."""

    def __init__(self) -> None:
        super().__init__(NOT_READY_SECONDS, "dialog")


def taken(answer: Answer, *, sending: bool = False) -> dict[str, Any]:
    """What MAX says to something that it took; raises as the table above says."""
    said, status = object_of(answer), answer.status
    code, message = str(said.get("code") or ""), clean_line(str(said.get("message") or ""), 200)
    if 200 <= status < 300:
        if said.get("success") is False:
            raise _refused(status, code, message)
        return said
    if status == 401 or code == _UNKNOWN_BOT:
        raise ChannelDown(REVOKED)
    if code == NOT_READY:
        raise NotReady
    if status == 429:
        raise Retryable(pause_of(answer.headers), "account")
    if status >= 500:
        if sending and status != _UNAVAILABLE:
            raise Unconfirmed(UNCONFIRMED_WORDS)
        raise Retryable(AGAIN_SECONDS, "account")
    raise _refused(status, code, message)


def _refused(status: int, code: str, message: str) -> Rejected:
    known = next((meant for part, meant in _WORDS if part in message), code)
    if known not in _CODES:
        known = _STATUSES.get(status, known)
    if known in _CODES:
        return Rejected(*_CODES[known])
    return Rejected("refused", f"{REFUSED_WORDS} MAX says: {message}" if message else REFUSED_WORDS)


def sent(answer: Answer) -> Sent:
    """The message that MAX made of ours."""
    message = taken(answer, sending=True).get("message")
    body = message.get("body") if isinstance(message, dict) else None
    mid = body.get("mid") if isinstance(body, dict) else None
    if not isinstance(mid, str) or not mid:
        raise Unconfirmed(UNCONFIRMED_WORDS)
    return Sent((mid,), number(body.get("seq")) if isinstance(body, dict) else None)


def ids_of(answer: Answer) -> tuple[str, ...]:
    """MAX's name of the message that it took."""
    return sent(answer).external_ids


def upload_address(answer: Answer) -> tuple[str, str | None]:
    """Where a file is to be put, and its token where MAX tells it beforehand."""
    said = taken(answer)
    address, token = said.get("url"), said.get("token")
    if not isinstance(address, str) or not address:
        raise Retryable(AGAIN_SECONDS, "dialog")
    return address, token if isinstance(token, str) and token else None


def uploaded(answer: Answer, token: str | None) -> dict[str, Any]:
    """The file as an attachment names it; `token`: what was told beforehand, for video and audio."""
    if answer.status >= 500 or answer.status in (408, 429):
        raise Retryable(AGAIN_SECONDS, "dialog")
    if answer.status >= 400:
        raise Rejected("file_refused", "MAX does not take this file.")
    said = object_of(answer)
    if isinstance(said.get("photos"), dict) and said["photos"]:
        return {"photos": said["photos"]}
    known = token or said.get("token")
    if not isinstance(known, str) or not known:
        raise Retryable(AGAIN_SECONDS, "dialog")
    return {"token": known}
