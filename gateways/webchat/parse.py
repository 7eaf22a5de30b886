"""What a visitor's browser says, as frames of ours. Pure.

    {"t": "hello", "site": "KEY", "token": "v1.…", "last_seq": 41, "lang": "ru-RU", "tz": "Europe/Moscow",
     "page": {"url": "https://shop.example/", "title": "Shop", "referrer": "", "utm": {"utm_source": "ad"}},
     "user": {"id": "42", "hash": "9f…", "name": "Anna"}}
    {"t": "msg", "cid": "3f0d…", "text": "Добрый день", "files": ["<upload id>"], "quote": 7, "sticker": "🦔"}
    {"t": "contact", "name": "Anna", "phone": "+7…", "email": "…", "consent": true}
    {"t": "page", "page": {…}}  {"t": "fields", "fields": {"cart": "3"}}
    {"t": "event", "name": "order", "data": {…}}
    {"t": "typing", "on": true}  {"t": "read", "seq": 7}  {"t": "got", "seq": 7}  {"t": "close"}
    {"t": "ping"}

A frame that is none of these is refused by its name and never an exception.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from gateways.kit.text import clean_text
from gateways.webchat.claims import claim_of, contact_of, event_of, fields_of, line, visit_of
from gateways.webchat.frames import BadFrame, Closing, Frame, Hello, Page, Ping, Receipt, Said, Writes

TEXT_LENGTH: Final = 4000
FRAME_BYTES: Final = 64 * 1024
FILES: Final = 5
"""Files of one message."""

_CID: Final = re.compile(r"[A-Za-z0-9_-]{16,64}")
_TRACEPARENT: Final = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_STICKER: Final = re.compile(r"[^\x00-\x7f\ud800-\udfff]{1,16}")


def parse(raw: str) -> Frame:
    """The frame in `raw`; raises `BadFrame`."""
    try:
        frame = json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise BadFrame("unknown_frame") from None
    kind = frame.get("t") if isinstance(frame, dict) else None
    read = _FRAMES.get(kind) if isinstance(kind, str) else None
    if read is None:
        raise BadFrame("unknown_frame")
    try:
        return read(frame)
    except RecursionError:  # so deep that it could just be read, and not written again
        raise BadFrame("unknown_frame") from None


def _said(frame: dict[str, Any]) -> Said:
    cid, text, trace = frame.get("cid"), frame.get("text"), frame.get("traceparent")
    if not isinstance(cid, str) or not _CID.fullmatch(cid):
        raise BadFrame("unknown_frame")
    files, sticker = _files(frame.get("files"), cid), frame.get("sticker")
    if sticker is not None and not (isinstance(sticker, str) and _STICKER.fullmatch(sticker)):
        raise BadFrame("unknown_frame", cid)
    if text is None and (files or sticker):
        text = ""
    if not isinstance(text, str):
        raise BadFrame("unknown_frame", cid)
    if len(text) > TEXT_LENGTH:
        raise BadFrame("too_long", cid)
    if not text.strip():
        if not files and not sticker:
            raise BadFrame("empty", cid)
        text = ""
    valid = isinstance(trace, str) and _TRACEPARENT.fullmatch(trace) is not None
    return Said(cid, clean_text(text), trace if valid else None, files, _number(frame.get("quote")), sticker)


def _files(value: object, cid: str) -> tuple[UUID, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise BadFrame("unknown_frame", cid)
    if len(value) > FILES:
        raise BadFrame("too_many_files", cid)
    try:
        return tuple(dict.fromkeys(UUID(one) for one in value))
    except (ValueError, TypeError, AttributeError):
        raise BadFrame("no_file", cid) from None


def _hello(frame: dict[str, Any]) -> Hello:
    site, token = frame.get("site"), frame.get("token")
    if not isinstance(site, str):
        raise BadFrame("unknown_site")
    language = line(frame.get("lang"), 35)
    return Hello(
        site,
        token if isinstance(token, str) else None,
        _number(frame.get("last_seq")),
        language,
        visit_of(frame, language),
        claim_of(frame.get("user")),
    )


def _page(frame: dict[str, Any]) -> Page:
    visit = visit_of(frame, None)
    if visit is None:
        raise BadFrame("unknown_frame")
    return Page(visit)


def _event(frame: dict[str, Any]) -> Frame:
    event = event_of(frame)
    if event is None:
        raise BadFrame("unknown_frame")
    return event


def _delivered(frame: dict[str, Any]) -> Receipt:
    return Receipt("delivered", _number(frame.get("seq")) or 0)


def _read(frame: dict[str, Any]) -> Receipt:
    return Receipt("read", _number(frame.get("seq")) or 0)


_FRAMES: Final[dict[str, Callable[[dict[str, Any]], Frame]]] = {
    "msg": _said,
    "ping": lambda _frame: Ping(),
    "hello": _hello,
    "read": _read,
    "got": _delivered,
    "typing": lambda frame: Writes(frame.get("on") is not False),
    "page": _page,
    "contact": contact_of,
    "fields": lambda frame: fields_of(frame.get("fields")),
    "event": _event,
    "close": lambda _frame: Closing(),
}


def _number(value: object) -> int | None:
    """A place in the mailbox, or none."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 53:
        return None
    return value


def _no_constant(name: str) -> None:
    raise ValueError(name)
