"""Our message as an entry of the mailbox, and entries and answers as frames for the widget. Pure.

{"t": "msg", "seq": 7, "id": "…", "from": "operator", "name": "Anna", "text": "Hello",
 "at": "2026-01-31T10:00:00.000Z"}
"""

from __future__ import annotations

from collections.abc import Sequence
from json import JSONEncoder
from typing import Any, Final

from gateways.kit.text import clean_text
from gateways.webchat.mailbox import Append, Author, Entry
from gateways.webchat.parse import FRAME_BYTES, TEXT_LENGTH
from gateways.webchat.words import Code, Language, words
from shared.contract.outbound import SendMessage
from shared.db.types import from_micros
from shared.failure import Rejected

_AUTHORS: Final[dict[str, Author]] = {"operator": "operator", "bot": "bot", "system": "system"}

_encode: Final = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

PONG: Final = '{"t":"pong"}'


def appended(message: SendMessage, traceparent: str | None) -> Append:
    """The entry that a message of ours becomes; raises `Rejected` for what the widget cannot show."""
    parts = message.content.parts
    if len(parts) != 1 or parts[0].kind != "text":
        raise Rejected("not_possible", "The chat on the site shows text only.")
    return Append(
        dialog_id=message.dialog.dialog_id,
        account=message.dialog.account,
        visitor=message.dialog.chat,
        author=_AUTHORS.get(message.origin, "operator"),
        text=clean_text(message.content.text),
        message_id=message.message_id,
        name=message.author_name,
        traceparent=traceparent,
    )


def welcome(visitor: str, token: str, head: int, history: Sequence[Entry], rate: tuple[int, float]) -> str:
    """The answer to hello: who the visitor is, where the mailbox stands, and what has happened since."""
    return _encode(
        {
            "t": "welcome",
            "visitor": visitor,
            "token": token,
            "seq": head,
            "history": [_shown(entry) for entry in history],
            "limits": {"text": TEXT_LENGTH, "frame": FRAME_BYTES, "messages": rate[0], "seconds": rate[1]},
        }
    )


def message(entry: Entry) -> str:
    """An entry as a frame."""
    return _encode({"t": "msg", **_shown(entry)})


def ack(entry: Entry) -> str:
    """The visitor's message is safe; `seq` is its place."""
    where = f'"seq":{entry.seq},"at":"{_time(entry.at)}"'
    return f'{{"t":"ack","cid":"{entry.cid}","id":"{entry.message_id}",{where}}}'


def error(
    code: Code,
    language: Language,
    *,
    cid: str | None = None,
    retry_after: float | None = None,
    **values: object,
) -> str:
    """A refusal in words; with `retry_after`, the same message may be sent again after so many seconds."""
    frame: dict[str, Any] = {"t": "err", "code": code, "words": words(code, language, **values)}
    if cid is not None:
        frame["cid"] = cid
    if retry_after is not None:
        frame["retry_after"] = round(retry_after, 2)
    return _encode(frame)


def bye(retry_after: float) -> str:
    """This replica ends; the widget comes back after so many seconds."""
    return _encode({"t": "bye", "retry_after": round(retry_after, 2)})


def _shown(entry: Entry) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "seq": entry.seq,
        "id": str(entry.message_id),
        "from": entry.author,
        "text": entry.text,
        "at": _time(entry.at),
    }
    if entry.name:
        shown["name"] = entry.name
    if entry.cid is not None:
        shown["cid"] = entry.cid
    if entry.traceparent:
        shown["traceparent"] = entry.traceparent
    return shown


def _time(at: int) -> str:
    return from_micros(at).isoformat(timespec="milliseconds").replace("+00:00", "Z")
