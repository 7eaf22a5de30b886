"""The web chat's translations by themselves: frames of the browser, one a line; entries as frames back. Pure.

A frame does not say who the visitor is, where the mailbox stands and what was uploaded: here it is one
visitor with an empty mailbox, so the first row has the number 1, and of a file only its id is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from gateways.kit.spool import SpoolRow
from gateways.kit.translation import BadPayload, Translation
from gateways.webchat import render
from gateways.webchat.entries import Append, Body, Entry, Kind
from gateways.webchat.facts import Visitor, closed_chat, heard_message, receipt, visited, visitor_at
from gateways.webchat.frames import BadFrame, Closing, Contact, Fields, Frame, Hello, Page, Receipt, Said
from gateways.webchat.mailbox import CHANNEL
from gateways.webchat.parse import parse
from gateways.webchat.words import words
from shared.contract.envelope import Data, Envelope
from shared.contract.ids import dialog_id, message_id
from shared.contract.outbound import Act, CloseChat, DeleteMessage, EditMessage, MarkRead, SendMessage
from shared.contract.people import Visit
from shared.db.types import to_micros
from shared.failure import Rejected
from shared.trace import new_trace

VISITOR: Final = "0123456789abcdef0123456789abcdef"
FRAMES: Final = "write frames as JSON objects, one a line, as gateways/webchat/parse.py shows"


def parse_payload(raw: bytes, account: str, at: datetime) -> Sequence[SpoolRow]:
    """The facts of these frames; a hello lends its page to the first message behind it, as in the chat."""
    told = _Told(account, at)
    for number, line in enumerate(raw.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            told.take(parse(line.decode("utf-8")))
        except UnicodeDecodeError:
            raise BadPayload(number, "the frame is not UTF-8", "save it in UTF-8") from None
        except BadFrame as refused:
            said = words(refused.code, "en")
            raise BadPayload(number, f"the frame is refused as {refused.code} ({said})", FRAMES) from None
    return told.rows


def render_message(act: Envelope[Data]) -> Sequence[Mapping[str, Any]]:
    """The frames that the visitor's sockets get."""
    return [render.shown(_row(act), lambda file, _dialog: f"/files/{file}")]


TRANSLATION: Final = Translation(parse_payload, render_message)


class _Told:
    """What one visitor has told so far, and the facts of it."""

    def __init__(self, account: str, at: datetime) -> None:
        self._account = account
        self._at = at
        self._visitor = self._known(None)
        self._visit: Visit | None = None
        self._seq = 0
        self.rows: list[SpoolRow] = []

    def take(self, frame: Frame) -> None:
        if isinstance(frame, Hello):
            self._visitor, self._visit = self._known(frame.language), frame.visit
        elif (row := self._fact(frame)) is not None:
            self.rows.append(row)

    def _fact(self, frame: Frame) -> SpoolRow | None:
        visitor, at, trace = self._visitor, self._at, new_trace()
        match frame:
            case Said():
                visit, self._visit = self._visit, None
                trace, entry = frame.traceparent or trace, self._entry(frame)
                return heard_message(visitor, entry, traceparent=trace, visit=visit, received_at=at)
            case Closing():
                return closed_chat(visitor, self._entry(frame), traceparent=trace)
            case Page(visit=visit):
                return visited(visitor, at=at, traceparent=trace, visit=visit)
            case Contact():
                return visited(visitor, at=at, traceparent=trace, contact=frame)
            case Fields(fields=fields):
                return visited(visitor, at=at, traceparent=trace, fields=fields)
            case Receipt(state=state, seq=seq):
                return receipt(visitor, state, seq, at=at, traceparent=trace)
        return None  # typing and pings

    def _known(self, language: str | None) -> Visitor:
        return visitor_at(self._account, VISITOR, dialog_id(CHANNEL, self._account, VISITOR), language)

    def _entry(self, frame: Said | Closing) -> Entry:
        """The row of the mailbox that the frame would become."""
        self._seq += 1
        dialog, micros = self._visitor.dialog_id, to_micros(self._at) + self._seq - 1
        if isinstance(frame, Closing):
            identity = message_id(CHANNEL, self._account, VISITOR, f"closed {self._seq}", self._at)
            return Entry(dialog, self._seq, None, identity, "client", None, "", micros, None, "closed")
        identity = message_id(CHANNEL, self._account, VISITOR, frame.cid, self._at)
        said, body = frame.text, _beside(frame)
        return Entry(dialog, self._seq, frame.cid, identity, "client", None, said, micros, None, "msg", body)


def _beside(said: Said) -> Body | None:
    """What a message has beside words; what an upload was called is not known here."""
    body: Body = {}
    if said.files:
        unknown = {"name": "", "mime": "application/octet-stream", "size": None, "kind": "file"}
        body["files"] = [{"id": str(one), **unknown} for one in said.files]
    if said.sticker is not None:
        body["sticker"] = {"emoji": said.sticker}
    if said.quote is not None:
        body["quote"] = {"seq": said.quote, "of": str(said.quote)}
    return body or None


def _row(act: Envelope[Data]) -> Entry:
    """The row of the mailbox that an act becomes; what it is about stands at the number that it names."""
    match act.data:
        case SendMessage() as message:
            sent = render.appended(message, act.traceparent)
            return _numbered(sent, message.message_id, to_micros(message.created_at))
        case EditMessage() as edit:
            at, text = _place(edit.external_ids), render.words_of(edit.content)
            return _changed(act, edit, "edit", edit.message_id, {"of": at}, text)
        case DeleteMessage() as deletion:
            at = _place(deletion.external_ids)
            return _changed(act, deletion, "delete", deletion.message_id, {"of": at})
        case MarkRead() as read:
            return _changed(act, read, "seen", act.id, {"up_to": _place((read.external_id,))})
        case CloseChat() as close:
            return _changed(act, close, "closed", close.conversation_id, None)
    raise Rejected("not_possible", f"The chat on the site has no {act.type}.")


def _changed(
    act: Envelope[Data], data: Act, kind: Kind, identity: UUID, body: Body | None, text: str = ""
) -> Entry:
    where = data.dialog
    append = Append(where.dialog_id, where.account, where.chat, "operator", text, kind=kind, body=body)
    return _numbered(append, identity, to_micros(act.time))


def _numbered(append: Append, identity: UUID, at: int) -> Entry:
    return Entry(
        append.dialog_id,
        1,
        None,
        identity,
        append.author,
        append.name,
        append.text,
        at,
        append.traceparent,
        append.kind,
        append.body,
    )


def _place(names: Sequence[str]) -> int:
    """The number that a name is; ids of the browser are looked up in the mailbox, here they are 1."""
    name = names[0] if names else ""
    return int(name) if name.isascii() and name.isdigit() and len(name) < 16 else 1
