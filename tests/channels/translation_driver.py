"""How a case of any channel is played through its translation of the registry.

    {"payload": …, "account"?}   what a provider says    → {"facts": […]} or {"refused": {line, words}}
    {"twice": [payload, payload]}                        → {"same_ids": bool, "facts": how many of the first}
    {"send": {text | parts, …}}  a message of ours       → {"requests": […]} or {"rejected": {code, words}}
    {"act": {"type": …, …}}      any other act           → the same
    {"answer": {status, headers?, body?}}                → {"sent": [ids]} or {"retry" | "down" | "rejected"
                                                            | "unconfirmed": …}
    {"call": {body, headers?, query?, secret}}           → {"proved": bool}
`{"repeat": "x", "times": 3}` is "xxx", `{"raw": "…"}` a payload byte for byte in Latin-1.
"""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from multidict import CIMultiDict, CIMultiDictProxy, MultiDict
from pydantic import SecretStr

from gateways.kit.http import Answer
from gateways.kit.translation import BadPayload, Translation
from gateways.kit.verification import Call
from shared.contract.envelope import Catalogue
from shared.contract.ids import dialog_id
from shared.contract.outbound import ACTS, SendMessage
from shared.failure import ChannelDown, Rejected, Retryable, Unconfirmed

NOW = datetime(2026, 1, 31, 10, tzinfo=UTC)
CHAT = "v1"
ONLY = {"payload", "act", "answer", "call"}
"""Words that no driver of a channel's own has."""
_ACTS = Catalogue(*ACTS)


def play(channel: str, translation: Translation, given: dict[str, Any]) -> dict[str, Any]:
    """What comes of it, as plain data."""
    match long(given):
        case {"payload": payload, **rest}:
            return _heard(translation, payload, str(rest.get("account", "main")))
        case {"twice": [first, second]}:
            ids = [_ids(translation, one) for one in (first, second)]
            return {"same_ids": ids[0] == ids[1], "facts": len(ids[0])}
        case {"send": message}:
            return _rendered(channel, translation, {"type": SendMessage.TYPE, **_message(message)})
        case {"act": act}:
            return _rendered(channel, translation, act)
        case {"answer": answer}:
            return _judged(translation, answer)
        case {"call": call}:
            return {"proved": _proved(translation, call)}
    raise AssertionError(f"no such case: {sorted(given)}")


def long(value: Any) -> Any:
    """The value with its shorthands written out."""
    if isinstance(value, dict) and set(value) == {"repeat", "times"}:
        return value["repeat"] * value["times"]
    if isinstance(value, list):
        return [long(one) for one in value]
    return {name: long(one) for name, one in value.items()} if isinstance(value, dict) else value


def _heard(translation: Translation, payload: Any, account: str) -> dict[str, Any]:
    try:
        rows = translation.parse_payload(_bytes(payload), account, NOW)
    except BadPayload as refused:
        return {"refused": {"line": refused.line, "words": str(refused)}}
    return {"facts": [json.loads(row.body) for row in rows]}


def _ids(translation: Translation, payload: Any) -> list[UUID]:
    return [row.fact_id for row in translation.parse_payload(_bytes(payload), "main", NOW)]


def _message(message: dict[str, Any]) -> dict[str, Any]:
    parts = message.pop("parts", None) or [{"kind": "text", "text": message.pop("text")}]
    known = {"message_id": str(UUID(int=7)), "content": {"parts": parts}, "created_at": NOW.isoformat()}
    return known | message


def _rendered(channel: str, translation: Translation, act: dict[str, Any]) -> dict[str, Any]:
    dialog = dialog_id(channel, "main", CHAT)
    ref = {"dialog_id": str(dialog), "channel": channel, "account": "main", "chat": CHAT}
    data = {"dialog": ref, "not_after": NOW.isoformat(), **act}
    kind = data.pop("type")
    envelope = {
        "specversion": "1.0", "id": str(UUID(int=8)), "source": "router", "type": kind,
        "time": NOW.isoformat(), "subject": str(dialog), "data": data,
    }  # fmt: skip
    try:
        requests = translation.render_message(_ACTS.decode(json.dumps(envelope).encode()))
    except Rejected as rejected:
        return {"rejected": {"code": rejected.code, "words": rejected.words}}
    return {"requests": [dict(one) for one in requests]}


def _judged(translation: Translation, answer: dict[str, Any]) -> dict[str, Any]:
    assert translation.judge is not None, "the channel judges no answers"
    headers = CIMultiDictProxy(CIMultiDict(answer.get("headers", {})))
    try:
        taken = translation.judge(Answer(answer["status"], headers, _bytes(answer.get("body", ""))))
    except Retryable as error:
        return {"retry": {"after": error.after, "scope": error.scope}}
    except ChannelDown as error:
        return {"down": error.reason}
    except Rejected as error:
        return {"rejected": {"code": error.code, "words": error.words}}
    except Unconfirmed as error:
        return {"unconfirmed": error.words}
    return {"sent": list(taken)}


def _proved(translation: Translation, given: dict[str, Any]) -> bool:
    assert translation.proofs is not None, "the channel takes no webhooks"
    call = Call(
        _bytes(given["body"]), CIMultiDict(given.get("headers", {})), MultiDict(given.get("query", {}))
    )
    return all(one.holds(call) for one in translation.proofs(SecretStr(given["secret"])))


def _bytes(payload: Any) -> bytes:
    match payload:
        case {"raw": str(raw)} if len(payload) == 1:
            return raw.encode("latin-1")
        case str():
            return payload.encode()
    return json.dumps(payload).encode()
