"""How a case of the web chat is played: a frame of the browser, a token, our message, or an entry shown."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from gateways.webchat import facts, identity, links, parse, render, visitor_token
from gateways.webchat.entries import Append, Entry
from gateways.webchat.frames import (
    BadFrame,
    Claim,
    Closing,
    Contact,
    Fields,
    Frame,
    Hello,
    Page,
    Ping,
    Receipt,
    Said,
    Writes,
)
from shared.contract.ids import dialog_id, message_id
from shared.contract.outbound import SendMessage
from shared.contract.people import DialogRef
from shared.db.types import to_micros
from shared.failure import Rejected

NOW = datetime(2026, 1, 31, 10, tzinfo=UTC)
DIALOG = dialog_id("webchat", "main", "v1")
VISITOR = "0123456789abcdef0123456789abcdef"
SECRET = "a secret of the test's own"
IDENTITY_SECRET = "a secret of the site's own server"
UPLOADS: dict[str, dict[str, Any]] = {
    "01980000-0000-7000-8000-000000000001": {
        "name": "cat.png", "mime": "image/png", "size": 900, "kind": "image", "preview": True,
        "w": 40, "h": 30,
    },
    "01980000-0000-7000-8000-000000000002": {
        "name": "bill.pdf", "mime": "application/pdf", "size": 1200, "kind": "file", "preview": False,
    },
    "01980000-0000-7000-8000-000000000003": {
        "name": "voice.ogg", "mime": "audio/ogg", "size": 800, "kind": "voice", "preview": False,
        "seconds": 2.5,
    },
    "01980000-0000-7000-8000-000000000004": {
        "name": "film.mp4", "mime": "video/mp4", "size": 5000, "kind": "video", "preview": False,
    },
    "01980000-0000-7000-8000-000000000005": {
        "name": "song.mp3", "mime": "audio/mpeg", "size": 4000, "kind": "audio", "preview": False,
    },
}  # fmt: skip
"""What the chat knows of files that were uploaded."""


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
            return {"frame": json.loads(render.row(_entry(**entry), _link))}
        case {"user": user}:
            return _vouched(user)
        case {"key": {"alter": alteration}}:
            return {"opens": _opens(alteration)}
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
                    "user": frame.user and frame.user.id,
                }
            }
        case Ping():
            return {"ping": True}
        case Writes():
            return {"writes": frame.on}
    return {"fact": _remark(frame)}


def _remark(frame: Frame) -> dict[str, Any]:
    visitor, trace = facts.visitor_at("main", "v1", DIALOG, "ru"), ""
    match frame:
        case Page():
            row = facts.visited(visitor, at=NOW, traceparent=trace, visit=frame.visit)
        case Contact():
            row = facts.visited(visitor, at=NOW, traceparent=trace, contact=frame)
        case Fields():
            row = facts.visited(visitor, at=NOW, traceparent=trace, fields=frame.fields)
        case Receipt():
            row = facts.receipt(visitor, frame.state, frame.seq, at=NOW, traceparent=trace)
        case Closing():
            entry = _entry(seq=5, author="client", text="", kind="closed")
            row = facts.closed_chat(visitor, entry, traceparent=trace)
        case _:
            raise AssertionError(f"no fact of {frame}")
    return dict(json.loads(row.body))


def _vouched(user: dict[str, Any]) -> dict[str, Any]:
    """A claim with the proof that its site's secret, or another one, makes."""
    proof = identity.proof(user["id"], user.pop("by", IDENTITY_SECRET))
    frame = parse.parse(json.dumps({"t": "hello", "site": "s", "user": user | {"hash": proof}}))
    assert isinstance(frame, Hello)
    claim: Claim | None = frame.user
    if claim is None or not identity.vouched(claim, IDENTITY_SECRET):
        return {"known_as": None}
    known = identity.known_as(facts.visitor_at("main", "v1", DIALOG, "ru").identity, claim)
    return {"known_as": json.loads(known.model_dump_json())}


def _opens(alteration: str) -> bool:
    file, other = UUID(int=7), UUID(int=8)
    issued = NOW.timestamp() - (25 * 3600 if alteration == "age" else 0)
    slug = "other" if alteration == "site" else "main"
    key = links.link(file, DIALOG, slug, SECRET, issued).partition("key=")[2]
    if alteration == "dialog":
        key = key.replace(DIALOG.hex, other.hex)
    if alteration == "until":
        key = key.replace(str(links.read_key(key).until), "9999999999")  # type: ignore[union-attr]
    claimed = links.read_key(key)
    assert claimed is not None
    opened = other if alteration == "file" else file
    return links.opens(claimed, opened, "another secret" if slug == "other" else SECRET, NOW.timestamp())


def _link(attachment: str, _dialog: UUID) -> str:
    return f"/files/{attachment}?key=signed"


def _fact(frame: dict[str, Any]) -> dict[str, Any]:
    said = parse.parse(json.dumps(frame))
    assert isinstance(said, Said)
    return _envelope(said, 1)


def _envelope(said: Said, seq: int) -> dict[str, Any]:
    name = message_id("webchat", "main", "v1", said.cid, NOW)
    body: dict[str, Any] = {}
    if said.files:
        body["files"] = [UPLOADS[str(one)] | {"id": str(one)} for one in said.files]
    if said.sticker is not None:
        body["sticker"] = {"emoji": said.sticker}
    if said.quote is not None:
        body["quote"] = render.quote_of(_entry(seq=said.quote, author="operator", text="ours"))
    entry = _entry(seq=seq, author="client", text=said.text, cid=said.cid, message_id=name, body=body or None)
    visitor = facts.visitor_at("main", "v1", DIALOG, "ru")
    row = facts.heard_message(visitor, entry, traceparent="", visit=None, received_at=NOW)
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
    entry = {"author": append.author, "name": append.name, "text": append.text, "cid": append.cid}
    return {"entry": entry | {"body": append.body}}


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
