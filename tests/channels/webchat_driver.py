"""How a case of the web chat is played: a frame of the browser, a token, our message, or an entry shown."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from gateways.webchat import parse, render, visitor_token
from gateways.webchat.mailbox import Append, Entry
from gateways.webchat.parse import BadFrame, Hello, Ping, Said
from shared.contract.ids import dialog_id, message_id
from shared.contract.outbound import SendMessage
from shared.contract.people import DialogRef
from shared.db.types import to_micros
from shared.failure import Rejected

NOW = datetime(2026, 1, 31, 10, tzinfo=UTC)
DIALOG = dialog_id("webchat", "main", "v1")
VISITOR = "0123456789abcdef0123456789abcdef"
SECRET = "a secret of the test's own"


def play(given: dict[str, Any]) -> dict[str, Any]:
    """What comes of it, as plain data."""
    match given:
        case {"twice": [first, second]}:
            return {"same_id": _fact(first)["id"] == _fact(second)["id"]}
        case {"frame": frame}:
            return _heard(json.dumps(_long(frame)), given.get("seq", 1))
        case {"raw": raw}:
            return _heard(_long(raw), 1)
        case {"token": {"alter": alteration}}:
            return {"visitor": _token(alteration)}
        case {"send": message}:
            return _sent(message)
        case {"shown": entry}:
            return {"frame": json.loads(render.message(_entry(**entry)))}
    raise AssertionError(f"no such case: {sorted(given)}")


def _heard(raw: str, seq: int) -> dict[str, Any]:
    try:
        frame = parse.parse(raw)
    except BadFrame as refused:
        return {"refused": {"code": refused.code, "cid": refused.cid}}
    match frame:
        case Said():
            said = {"cid": frame.cid, "text": frame.text, "traceparent": frame.traceparent}
            return {"said": said, "fact": _envelope(frame, seq)}
        case Hello():
            visit = frame.visit and json.loads(frame.visit.model_dump_json())
            return {
                "hello": {
                    "site": frame.site,
                    "token": frame.token,
                    "last_seq": frame.last_seq,
                    "language": frame.language,
                    "visit": visit,
                }
            }
        case Ping():
            return {"ping": True}


def _fact(frame: dict[str, Any]) -> dict[str, Any]:
    said = parse.parse(json.dumps(frame))
    assert isinstance(said, Said)
    return _envelope(said, 1)


def _envelope(said: Said, seq: int) -> dict[str, Any]:
    identity = message_id("webchat", "main", "v1", said.cid, NOW)
    entry = _entry(seq=seq, author="client", text=said.text, cid=said.cid, message_id=identity)
    visitor = parse.visitor_at("main", "v1", DIALOG, "ru")
    row = parse.heard_message(visitor, entry, traceparent="", visit=None, received_at=NOW)
    return dict(json.loads(row.body))


def _sent(message: dict[str, Any]) -> dict[str, Any]:
    parts = message.pop("parts", None) or [{"kind": "text", "text": message.pop("text")}]
    ref = DialogRef(dialog_id=DIALOG, channel="webchat", account="main", chat="v1")
    act = SendMessage.model_validate(
        {
            "dialog": ref,
            "not_after": NOW,
            "message_id": UUID(int=7),
            "content": {"parts": parts},
            "created_at": NOW,
        }
        | message
    )
    try:
        append: Append = render.appended(act, None)
    except Rejected as rejected:
        return {"rejected": {"code": rejected.code, "words": rejected.words}}
    return {"entry": {"author": append.author, "name": append.name, "text": append.text, "cid": append.cid}}


def _token(alteration: str) -> str | None:
    issued = NOW - (visitor_token.LIFETIME + timedelta(days=1) if alteration == "age" else timedelta(days=1))
    token = visitor_token.issue(VISITOR, "other" if alteration == "site" else "main", SECRET, issued)
    if alteration == "signature":
        token = token[:-2] + ("AA" if not token.endswith("AA") else "BB")
    if alteration == "visitor":
        token = token.replace(VISITOR, VISITOR[::-1])
    return visitor_token.visitor_of(token, "main", SECRET, NOW)


def _entry(**known: Any) -> Entry:
    blank: dict[str, Any] = {
        "dialog_id": DIALOG, "cid": None, "message_id": UUID(int=7), "name": None, "traceparent": None,
        "at": to_micros(NOW),
    }  # fmt: skip
    return Entry(**(blank | known))


def _long(value: Any) -> Any:
    """`{"repeat": "x", "times": 3}` is "xxx": long inputs stay readable."""
    if isinstance(value, dict) and set(value) == {"repeat", "times"}:
        return value["repeat"] * value["times"]
    return {name: _long(one) for name, one in value.items()} if isinstance(value, dict) else value
