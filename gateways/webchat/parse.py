"""What a visitor's browser says, as our facts. Pure.

    {"t": "hello", "site": "KEY", "token": "v1.…", "last_seq": 41, "lang": "ru-RU", "tz": "Europe/Moscow",
     "page": {"url": "https://shop.example/", "title": "Shop", "referrer": "", "utm": {"utm_source": "ad"}}}
    {"t": "msg", "cid": "3f0d…", "text": "Добрый день"}
    {"t": "ping"}

A frame that is none of these is refused by its name and never an exception. What the page says of itself is
hostile: every field is cleaned, shortened, or left out.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from gateways.kit.intake import heard
from gateways.kit.spool import SpoolRow
from gateways.kit.text import clean_line, clean_text
from gateways.webchat.mailbox import CHANNEL, Entry
from gateways.webchat.words import Code
from shared.contract.content import Content, Text
from shared.contract.inbound import MessageHeard
from shared.contract.people import DialogRef, Identity, Visit
from shared.db.types import from_micros

TEXT_LENGTH: Final = 4000
FRAME_BYTES: Final = 64 * 1024
_ADDRESS_LENGTH: Final = 2000
_UTM_MARKS: Final = 20

_CID: Final = re.compile(r"[A-Za-z0-9_-]{16,64}")
_TRACEPARENT: Final = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


class BadFrame(Exception):
    """A frame that is refused; `cid` where it names one, so that the widget knows which message it was."""

    def __init__(self, code: Code, cid: str | None = None) -> None:
        super().__init__(code)
        self.code: Code = code
        self.cid = cid


@dataclass(frozen=True, slots=True)
class Hello:
    site: str
    token: str | None
    last_seq: int | None
    language: str | None
    visit: Visit | None


@dataclass(frozen=True, slots=True)
class Said:
    """A message of the visitor; `cid` is the browser's own id of it."""

    cid: str
    text: str
    traceparent: str | None


@dataclass(frozen=True, slots=True)
class Ping:
    pass


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where a visitor's chat is; made once for each socket."""

    ref: DialogRef
    identity: Identity

    @property
    def dialog_id(self) -> UUID:
        return self.ref.dialog_id


def parse(raw: str) -> Hello | Said | Ping:
    """The frame in `raw`; raises `BadFrame`."""
    try:
        frame = json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise BadFrame("unknown_frame") from None
    kind = frame.get("t") if isinstance(frame, dict) else None
    if kind == "msg":
        return _said(frame)
    if kind == "ping":
        return Ping()
    if kind == "hello":
        return _hello(frame)
    raise BadFrame("unknown_frame")


def heard_message(
    visitor: Visitor, entry: Entry, *, traceparent: str, visit: Visit | None, received_at: datetime
) -> SpoolRow:
    """The fact that this entry of the mailbox is: its number is its order, its time never changes."""
    at = from_micros(entry.at)
    fact = MessageHeard.model_construct(
        dialog=visitor.ref,
        provider={},
        message_id=entry.message_id,
        external_id=str(entry.cid),
        sender=visitor.identity,
        origin="client",
        content=Content.model_construct(
            parts=(Text.model_construct(kind="text", text=entry.text, format="plain"),),
            quote=None,
            forwarded_from=None,
            buttons=(),
            pressed=None,
            technical=False,
            album_id=None,
            subject=None,
            cc=(),
            html=None,
        ),
        sent_at=at,
        received_at=received_at,
        sequence=entry.seq,
        backfill=False,
        visit=visit,
        dialog_title=None,
    )
    return heard(fact, identity=entry.message_id, time=received_at, traceparent=traceparent)


def visitor_at(account: str, visitor: str, dialog: UUID, language: str | None) -> Visitor:
    """The visitor's dialog and identity; nothing that a page claims about a person is believed here."""
    ref = DialogRef(dialog_id=dialog, channel=CHANNEL, account=account, chat=visitor)
    return Visitor(ref, Identity(channel=CHANNEL, address=visitor, language=language))


def _said(frame: dict[str, Any]) -> Said:
    cid, text, trace = frame.get("cid"), frame.get("text"), frame.get("traceparent")
    if not isinstance(cid, str) or not _CID.fullmatch(cid):
        raise BadFrame("unknown_frame")
    if not isinstance(text, str):
        raise BadFrame("unknown_frame", cid)
    if len(text) > TEXT_LENGTH:
        raise BadFrame("too_long", cid)
    if not text.strip():
        raise BadFrame("empty", cid)
    valid = isinstance(trace, str) and _TRACEPARENT.fullmatch(trace) is not None
    return Said(cid, clean_text(text), trace if valid else None)


def _hello(frame: dict[str, Any]) -> Hello:
    site, token, last_seq = frame.get("site"), frame.get("token"), frame.get("last_seq")
    if not isinstance(site, str):
        raise BadFrame("unknown_site")
    if isinstance(last_seq, bool) or not isinstance(last_seq, int) or not 0 <= last_seq < 1 << 53:
        last_seq = None
    language = _line(frame.get("lang"), 35)
    return Hello(site, token if isinstance(token, str) else None, last_seq, language, _visit(frame, language))


def _visit(frame: dict[str, Any], language: str | None) -> Visit | None:
    page = frame.get("page")
    page = page if isinstance(page, dict) else {}
    marks = page.get("utm")
    utm = (
        {
            clean_line(name, 40): clean_line(value, 200)
            for name, value in list(marks.items())[:_UTM_MARKS]
            if isinstance(value, str)
        }
        if isinstance(marks, dict)
        else {}
    )
    visit = Visit(
        url=_address(page.get("url")),
        title=_line(page.get("title"), 300),
        referrer=_address(page.get("referrer")),
        utm=utm,
        language=language,
        time_zone=_line(frame.get("tz"), 64),
    )
    return visit if any((visit.url, visit.title, visit.referrer, visit.utm, visit.time_zone)) else None


def _address(value: object) -> str | None:
    """An http address; what would run when an operator clicks it is left out."""
    address = _line(value, _ADDRESS_LENGTH)
    return address if address is not None and address.lower().startswith(("http://", "https://")) else None


def _line(value: object, longest: int) -> str | None:
    return clean_line(value, longest) or None if isinstance(value, str) else None


def _no_constant(name: str) -> None:
    raise ValueError(name)
