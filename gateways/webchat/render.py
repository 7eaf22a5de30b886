"""Our message as an entry of the mailbox, and entries and answers as frames for the widget. Pure.

{"t": "msg", "seq": 7, "id": "…", "from": "operator", "name": "Anna", "text": "Hello",
 "files": [{"id": "…", "name": "bill.pdf", "mime": "application/pdf", "size": 9, "kind": "file",
            "preview": false, "url": "/files/…"}],
 "quote": {"seq": 6, "text": "How much?"}, "at": "2026-01-31T10:00:00.000Z"}
{"t": "edit", "seq": 8, "of": 7, "text": "Hello!", "at": "…"}  {"t": "delete", "seq": 9, "of": 7, "at": "…"}
{"t": "seen", "seq": 10, "up_to": 6}
{"t": "closed", "seq": 11, "by": "client", "at": "…"}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from json import JSONEncoder
from typing import Any, Final
from uuid import UUID

from gateways.kit import formatting
from gateways.kit.text import clean_text
from gateways.webchat.entries import Append, Author, Body, Entry, Standing
from gateways.webchat.files import attached
from gateways.webchat.words import Code, Language, words
from shared.contract.content import Content, Sticker, Text
from shared.contract.outbound import SendMessage
from shared.db.types import from_micros, to_micros
from shared.failure import Rejected

_AUTHORS: Final[dict[str, Author]] = {"operator": "operator", "bot": "bot", "system": "system"}
QUOTED: Final = 200
"""Characters of a quoted message that go with the one that quotes it."""

_encode: Final = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

PONG: Final = '{"t":"pong"}'

Link = Callable[[str, UUID], str]
"""The address of a file, by its id and its dialog."""


def appended(message: SendMessage, traceparent: str | None, quoted: Entry | None = None) -> Append:
    """The entry that a message of ours becomes; raises `Rejected` for what the widget cannot show."""
    return Append(
        dialog_id=message.dialog.dialog_id,
        account=message.dialog.account,
        visitor=message.dialog.chat,
        author=_AUTHORS.get(message.origin, "operator"),
        text=words_of(message.content),
        message_id=message.message_id,
        name=message.author_name,
        traceparent=traceparent,
        body=_body(message, quoted),
    )


def words_of(content: Content) -> str:
    """What a content says, as the plain words that the widget shows."""
    part = next((part for part in content.parts if isinstance(part, Text)), None)
    if part is None:
        return ""
    text = formatting.plain(formatting.parse(part.text)) if part.format == "marks" else part.text
    return clean_text(text)


def quote_of(quoted: Entry) -> Body:
    """A message as the one that quotes it shows it; `of` is how the rest of the house names it."""
    quote: Body = {"seq": quoted.seq, "text": quoted.text[:QUOTED], "of": quoted.external_id}
    return quote | ({"name": quoted.name} if quoted.name else {})


def _body(message: SendMessage, quoted: Entry | None) -> Body | None:
    body: Body = {}
    at = to_micros(message.created_at)
    files: list[Mapping[str, Any]] = []
    for part in message.content.parts:
        file = attached(part, message.dialog.dialog_id, message.dialog.account, at)
        if file is not None:
            files.append(file.shown)
        elif isinstance(part, Sticker) and part.emoji:
            body["sticker"] = {"emoji": part.emoji}
        elif not isinstance(part, Text):
            raise Rejected("not_possible", f"The chat on the site cannot show this ({part.kind}).")
    if files:
        body["files"] = files
    if quoted is not None:
        body["quote"] = quote_of(quoted)
    elif message.content.quote is not None and message.content.quote.text:
        body["quote"] = {"text": clean_text(message.content.quote.text)[:QUOTED]}
    if message.author_avatar_id is not None:
        body["avatar"] = str(message.author_avatar_id)
    if not body and not message.content.text.strip():
        raise Rejected("not_possible", "There is nothing in the message.")
    return body or None


def welcome(
    visitor: str,
    token: str,
    standing: Standing,
    history: Sequence[Entry],
    limits: Mapping[str, Any],
    site: Mapping[str, Any],
    link: Link,
) -> str:
    """The answer to hello: who the visitor is, where the chat stands, and what has happened since."""
    return _encode(
        {
            "t": "welcome",
            "visitor": visitor,
            "token": token,
            "seq": standing.last_seq,
            "history": [shown(entry, link) for entry in history],
            "limits": limits,
            "site": site,
            "state": {"read": standing.seen_seq, "got": standing.handed_seq},
            "closed": standing.closed,
        }
    )


def got(up_to: int) -> str:
    """The visitor's messages up to this number are with the company."""
    return _encode({"t": "got", "up_to": up_to})


def row(entry: Entry, link: Link) -> str:
    """An entry as a frame."""
    return _encode(shown(entry, link))


def shown(entry: Entry, link: Link) -> dict[str, Any]:
    """An entry as plain data."""
    if entry.kind == "msg":
        return _message(entry, link)
    row: dict[str, Any] = {"t": entry.kind, "seq": entry.seq, **(entry.body or {}), "at": _time(entry.at)}
    if entry.kind == "edit":
        row["text"] = entry.text
    elif entry.kind == "closed":
        row["by"] = "client" if entry.author == "client" else "operator"
    return row


def ack(entry: Entry) -> str:
    """The visitor's message is safe; `seq` is its place."""
    where = f'"seq":{entry.seq},"at":"{_time(entry.at)}"'
    return f'{{"t":"ack","cid":"{entry.cid}","id":"{entry.message_id}",{where}}}'


def typing(name: str | None, *, on: bool) -> str:
    """An operator writes, or stopped."""
    return _encode({"t": "typing", "on": on} | ({"name": name} if name else {}))


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


def _message(entry: Entry, link: Link) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "t": "msg",
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
    return shown if entry.body is None else shown | _beside(entry.body, entry.dialog_id, link)


def _beside(body: Body, dialog: UUID, link: Link) -> Body:
    """What a message has beside words, with addresses that this visitor may open."""
    beside: Body = {name: body[name] for name in ("sticker", "buttons") if name in body}
    if "files" in body:
        beside["files"] = [file | {"url": link(file["id"], dialog)} for file in body["files"]]
    if "quote" in body:
        beside["quote"] = {name: value for name, value in body["quote"].items() if name != "of"}
    if "avatar" in body:
        beside["avatar"] = f"{link(body['avatar'], dialog)}&preview=1"
    return beside


def _time(at: int) -> str:
    return from_micros(at).isoformat(timespec="milliseconds").replace("+00:00", "Z")
