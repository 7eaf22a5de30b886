"""What Meta's errors mean for a message and for its account. Pure.

400 {"error": {"message": "(#131047) Re-engagement message", "code": 131047, "error_subcode"?,
               "error_data": {"details": "…"}}}            and the same in `errors` of a receipt
200 {"contacts": [{"input": "79990000001", "wa_id": "79990000001"}], "messages": [{"id": "wamid.…"}]}

An error in Meta's own shape, of whatever status, says that the message was not sent; a 5xx without one says
nothing, and there is nothing by which Meta would know a repeat.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from gateways.kit.http import Answer
from gateways.kit.request import REFUSED_WORDS, UNCONFIRMED_WORDS, object_of, pause_of
from gateways.kit.text import clean_line
from shared.failure import ChannelDown, Failure, Rejected, Retryable, Unconfirmed

Fate: TypeAlias = Failure

_LOGIN: Final = ChannelDown("login_needed: Meta does not take the access token any more: make a new one.")
_RIGHTS: Final = ChannelDown("The access token may not use this number: check the rights of its system user.")
_LOCKED: Final = ChannelDown("Meta has restricted or locked the WhatsApp account: see its quality page.")
_WRONG_NUMBER: Final = ChannelDown("Meta does not know this number: check number_id and the token's rights.")
_TEMPLATE: Final = "template_refused"

FATES: Final[Mapping[int, Fate]] = MappingProxyType(
    {
        0: _LOGIN,
        190: _LOGIN,
        3: _RIGHTS,
        10: _RIGHTS,
        **dict.fromkeys(range(200, 300), _RIGHTS),
        131005: _RIGHTS,
        368: _LOCKED,
        131031: _LOCKED,
        131045: ChannelDown("The number is not registered with the Cloud API: register it again."),
        133010: ChannelDown("The number is not registered with the Cloud API: register it."),
        1: Retryable(10, "dialog"),
        2: Retryable(10, "account"),
        4: Retryable(60, "account"),
        80007: Retryable(60, "account"),
        130429: Retryable(5, "account"),
        131016: Retryable(10, "account"),
        131048: Retryable(900, "account"),
        131057: Retryable(60, "account"),
        133004: Retryable(30, "account"),
        131000: Retryable(10, "dialog"),
        131056: Retryable(6, "dialog"),
        135000: Retryable(10, "dialog"),
        100: Rejected("bad_request", "Meta does not understand this message."),
        131008: Rejected("bad_request", "Something is missing in this message."),
        131009: Rejected("bad_request", "Something in this message is not allowed."),
        130472: Rejected(
            "not_delivered", "Meta does not deliver it: the number takes part in an experiment."
        ),
        130497: Rejected("not_possible", "This account may not write to people of that country."),
        131021: Rejected("not_possible", "A number cannot write to itself."),
        131026: Rejected(
            "not_reachable", "This number is not on WhatsApp, or its WhatsApp cannot receive the message."
        ),
        131030: Rejected("not_reachable", "A test number writes only to numbers on its own list."),
        131037: Rejected("not_possible", "The number's display name has to be approved before it may write."),
        131042: Rejected("payment_needed", "Meta sends it only when the account's payment is settled."),
        131047: Rejected(
            "window_over", "24 hours have passed since the client's last message: send a template."
        ),
        131049: Rejected(
            "not_delivered", "Meta holds it back so that the client is not flooded; try in a day."
        ),
        131050: Rejected("contact_blocked", "The client does not want marketing messages from us."),
        131051: Rejected("not_possible", "WhatsApp does not know this kind of message."),
        131052: Rejected("file_refused", "Meta could not take the file from the client."),
        131053: Rejected("file_refused", "Meta cannot send a file of this kind."),
        131062: Rejected("not_possible", "This template needs the client's number, which is hidden."),
        131064: Rejected("limit_reached", "The account has written to all the new people it may in a day."),
        132000: Rejected(_TEMPLATE, "The template has another number of parameters."),
        132001: Rejected(_TEMPLATE, "There is no such template in this language, or it is not approved."),
        132005: Rejected(_TEMPLATE, "The template is too long with these parameters."),
        132007: Rejected(_TEMPLATE, "The template's text breaks WhatsApp's rules."),
        132008: Rejected(_TEMPLATE, "The template's parameters do not fit its places."),
        132012: Rejected(_TEMPLATE, "The template's parameters are of another kind."),
        132015: Rejected(_TEMPLATE, "Meta has paused the template: clients rated it low."),
        132016: Rejected(_TEMPLATE, "Meta has switched the template off: clients rated it low."),
        132018: Rejected(_TEMPLATE, "The template's parameters are not allowed."),
        132068: Rejected(_TEMPLATE, "The form of the template is blocked."),
        132069: Rejected(_TEMPLATE, "The form of the template was sent too often."),
        137000: Rejected("not_possible", "WhatsApp does not take this reaction or call."),
    }
)
"""Meta's code → what becomes of the message."""

ALARMING: Final = frozenset(
    {code for code, fate in FATES.items() if isinstance(fate, ChannelDown)} | {131048, 131042}
)
"""Codes in a receipt after which the account is asked how it does."""

_NO_OBJECT: Final = 33
"""Subcode of 100: what the path names is not there, or not for us."""
_DETAILS: Final = 200


def ids_of(answer: Answer) -> tuple[str, ...]:
    """Meta's id of a message or of a file that it took; raises one of the four failures of a connector."""
    said = taken(answer)
    messages = said.get("messages")
    first = messages[0] if isinstance(messages, list) and messages else said
    name = first.get("id") if isinstance(first, dict) else None
    if not isinstance(name, str) or not name:
        raise Unconfirmed(UNCONFIRMED_WORDS)
    return (name,)


def numbers_of(answer: Answer) -> tuple[str, ...]:
    """Meta's own names of those it was sent to."""
    contacts = object_of(answer).get("contacts")
    told = [one for one in contacts if isinstance(one, dict)] if isinstance(contacts, list) else []
    found = [one.get(name) for one in told for name in ("wa_id", "user_id")]
    return tuple(name for name in found if isinstance(name, str) and name)


def taken(answer: Answer) -> dict[str, Any]:
    """What Meta says of what it took; raises one of the four failures of a connector."""
    said = object_of(answer)
    error = said.get("error")
    if isinstance(error, dict):
        raise fate_of(error, answer)
    status = answer.status
    if 200 <= status < 300:
        return said
    if status in (429, 503):
        raise Retryable(pause_of(answer.headers), "account")
    if status >= 500:
        raise Unconfirmed(UNCONFIRMED_WORDS)
    raise _copy(_LOGIN) if status == 401 else Rejected("refused", REFUSED_WORDS)


def is_missing(answer: Answer) -> bool:
    """Whether Meta says that what the path names is not there, or not for us."""
    error = object_of(answer).get("error")
    return isinstance(error, dict) and (error.get("code"), error.get("error_subcode")) == (100, _NO_OBJECT)


def fate_of(error: Mapping[str, Any], answer: Answer) -> Failure:
    """A new failure for an error in Meta's shape."""
    code = error.get("code")
    if is_missing(answer):
        return _copy(_WRONG_NUMBER)
    fate = FATES.get(code) if isinstance(code, int) else None
    if isinstance(fate, Rejected):
        return Rejected(fate.code, _with_details(fate.words, error))
    if isinstance(fate, Retryable) and answer.headers.get("Retry-After"):
        return Retryable(pause_of(answer.headers), fate.scope)
    if fate is not None:
        return _copy(fate)
    if answer.status == 401:
        return _copy(_LOGIN)
    if answer.status == 429 or answer.status >= 500:
        return Retryable(pause_of(answer.headers), "dialog")
    return Rejected("refused", _with_details(REFUSED_WORDS, error))


def told_in(errors: Any) -> tuple[int | None, str, str]:
    """What a receipt says went wrong: Meta's code, ours, and words for the operator."""
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    code = first.get("code")
    code = code if isinstance(code, int) else None
    fate = FATES.get(code) if code is not None else None
    if isinstance(fate, Rejected):
        return code, fate.code, _with_details(fate.words, first)
    if isinstance(fate, ChannelDown):
        return code, "refused", fate.reason.removeprefix("login_needed: ")
    return code, "not_delivered", _with_details("WhatsApp did not deliver it.", first)


def details_of(errors: Any) -> str:
    """Meta's own words in a list of errors."""
    told: Sequence[Any] = errors if isinstance(errors, list) else ()
    return "; ".join(filter(None, (_details(one) for one in told if isinstance(one, dict))))


def _details(error: Mapping[str, Any]) -> str:
    data = error.get("error_data")
    data = data.get("details") if isinstance(data, dict) else data
    found = (data, error.get("details"), error.get("message"), error.get("title"))
    words = next((one for one in found if isinstance(one, str) and one.strip()), "")
    return clean_line(words, _DETAILS)


def _with_details(words: str, error: Mapping[str, Any]) -> str:
    details = _details(error)
    return f"{words} Meta says: {details}" if details else words


def _copy(fate: Failure) -> Failure:
    """Its own exception each time: one that is raised collects a traceback."""
    match fate:
        case Retryable(after=after, scope=scope):
            return Retryable(after, scope)
        case ChannelDown(reason=reason):
            return ChannelDown(reason)
    return fate
