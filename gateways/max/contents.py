"""The body of a message → content, and the files to be fetched for it. Pure.

{"mid": "mid.1a", "seq": 116000000000000001, "text": "Смотрите", "markup": […], "attachments": [
    {"type": "image", "payload": {"photo_id": 1, "token": "t", "url": "https://…"}},
    {"type": "video", "payload": {"token": "t", "url": "https://…"}, "width": 1, "height": 1, "duration": 3},
    {"type": "audio", "payload": {"token": "t", "url": "https://…"}, "transcription": "…"},
    {"type": "file", "payload": {"token": "t", "url": "https://…"}, "filename": "a.pdf", "size": 68},
    {"type": "sticker", "payload": {"code": "c", "url": "https://…"}, "width": 1, "height": 1},
    {"type": "contact", "payload": {"vcf_info": "BEGIN:VCARD…", "max_info": {…}}},
    {"type": "location", "latitude": 55.7, "longitude": 37.6},
    {"type": "share", "payload": {"url": "https://…"}, "title": "…"}, {"type": "inline_keyboard", …}]}
beside it: "link": {"type": "reply" | "forward", "sender": {…}, "chat_id": -1, "message": {a body}}
"""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, TypeAlias
from uuid import UUID

from gateways.kit.media import Wanted, Way, attachment_id
from gateways.kit.text import clean_line
from gateways.max.keyboard import KEYBOARD, buttons
from gateways.max.markup import marked
from gateways.max.people import full_name, number
from gateways.max.vcard import card
from shared.contract.content import (
    Button,
    Content,
    Document,
    File,
    Forwarded,
    Image,
    Location,
    Part,
    Quote,
    Sticker,
    Text,
    Unsupported,
    Video,
    Voice,
)
from shared.files.names import safe_name

VIDEO: Final = "video:"
"""Before the token of a video: its addresses are asked for when it is fetched."""
UNKNOWN: Final = "application/octet-stream"

Told: TypeAlias = Mapping[str, Any]


@dataclass
class _Reading:
    """What has been read of one message; files are counted over its body and what it forwards, and named by
    the `edition` of the message that holds them."""

    message: UUID
    edition: UUID
    parts: list[Part] = field(default_factory=list)
    buttons: tuple[Button, ...] = ()
    wanted: list[Wanted] = field(default_factory=list)
    shared: list[Told] = field(default_factory=list)

    def file(self, told: Told, payload: Told, name: str, reference: str, way: Way) -> File:
        """Its bytes are fetched once the message is safe."""
        size, duration = number(told.get("size")), number(told.get("duration"))
        safe = safe_name(name) if name else ""
        made = File(
            attachment_id=attachment_id(self.edition, len(self.wanted)),
            name=safe,
            mime_type=mimetypes.guess_type(safe)[0] or UNKNOWN,
            size_bytes=size if size is not None and size >= 0 else None,
            width=_size(told.get("width")),
            height=_size(told.get("height")),
            duration_seconds=duration if duration is not None and duration >= 0 else None,
        )
        self.wanted.append(Wanted(self.message, made, reference or _address(payload), way))
        return made


def _address(payload: Told) -> str:
    """Raises `ValueError`: there is nothing to fetch."""
    address = payload.get("url")
    if not isinstance(address, str) or not address:
        raise ValueError("no address")
    return address


def _size(value: Any) -> int | None:
    pixels = number(value)
    return pixels if pixels is not None and pixels > 0 else None


def _at_provider(reading: _Reading, told: Told, name: str) -> File:
    payload = told["payload"]
    return reading.file(told, payload, name, _address(payload), "provider")


def _image(reading: _Reading, told: Told) -> Part:
    return Image(file=_at_provider(reading, told, ""))


def _voice(reading: _Reading, told: Told) -> Part:
    return Voice(file=_at_provider(reading, told, ""))


def _document(reading: _Reading, told: Told) -> Part:
    return Document(file=_at_provider(reading, told, str(told.get("filename") or "file")))


def _video(reading: _Reading, told: Told) -> Part:
    """Its `url` may be a page that plays it, so the file's address is asked for by the token."""
    token = told["payload"].get("token")
    if not isinstance(token, str) or not token:
        return Video(file=_at_provider(reading, told, ""))
    return Video(file=reading.file(told, told["payload"], "", VIDEO + token, "channel"))


def _sticker(reading: _Reading, told: Told) -> Part:
    code = told["payload"].get("code")
    return Sticker(
        file=_at_provider(reading, told, ""),
        external_id=clean_line(code, 200) if isinstance(code, str) else None,
    )


def _contact(_reading: _Reading, told: Told) -> Part:
    payload = told["payload"]
    vcf = payload.get("vcf_info")
    name = full_name(payload.get("max_info")) or clean_line(str(payload.get("name") or ""), 100)
    if not vcf and not name:
        raise ValueError("an empty card")
    return card(vcf if isinstance(vcf, str) else "", name)


def _location(_reading: _Reading, told: Told) -> Part:
    return Location(latitude=float(told["latitude"]), longitude=float(told["longitude"]))


_READ: Final[Mapping[str, Callable[[_Reading, Told], Part]]] = MappingProxyType(
    {
        "image": _image,
        "video": _video,
        "audio": _voice,
        "file": _document,
        "sticker": _sticker,
        "contact": _contact,
        "location": _location,
    }
)
"""MAX's word for an attachment → the part that it becomes. It has one word for recordings and music."""


def content(message: Told, identity: UUID, edition: UUID | None = None) -> tuple[Content, tuple[Wanted, ...]]:
    """What a message says, and what is to be fetched for it; the files of an `edition` are fetched anew."""
    body = mapping(message.get("body"))
    link = mapping(message.get("link"))
    reading = _Reading(identity, edition or identity)
    _attachments(reading, body)
    text, form = _text(body)
    quote, forwarded = None, None
    if link.get("type") == "forward":
        forwarded = _forwarded(link)
        original = mapping(link.get("message"))
        _attachments(reading, original)
        said, said_in = _text(original)
        if text and said:
            quote = Quote(author=forwarded.author, text=said)
        else:
            text, form = (text, form) if text else (said, said_in)
    elif link:
        quote = _quote(link)
    parts = [*_shares(reading, text), *reading.parts]
    if text:
        parts = [Text(text=text, format=form), *parts]
    made = Content(parts=tuple(parts), quote=quote, forwarded_from=forwarded, buttons=reading.buttons)
    return made, tuple(reading.wanted)


def _text(body: Told) -> tuple[str, Any]:
    said = body.get("text")
    return marked(said, body.get("markup")) if isinstance(said, str) and said else ("", "plain")


def _attachments(reading: _Reading, body: Told) -> None:
    listed = body.get("attachments")
    for told in listed if isinstance(listed, list) else ():
        kind = str(told.get("type")) if isinstance(told, dict) else ""
        if kind == KEYBOARD:
            reading.buttons += buttons(told)
        elif kind == "share":
            reading.shared.append(told)
        else:
            reading.parts.append(_part(reading, kind, told))


def _part(reading: _Reading, kind: str, told: Any) -> Part:
    try:
        return _READ[kind](reading, told)
    except (KeyError, TypeError, ValueError, AttributeError):
        words = f"an attachment of MAX: {clean_line(kind, 40)}" if kind else "an attachment of MAX"
        return Unsupported(raw=told, words=words)


def _shares(reading: _Reading, text: str) -> Iterator[Part]:
    """Links that are shared: their preview adds nothing where the words hold the address already."""
    for told in reading.shared:
        address = mapping(told.get("payload")).get("url")
        if isinstance(address, str) and (bare := _bare(address)) and bare in _bare(text):
            continue
        shown = (told.get("title"), told.get("description"), address)
        words = " · ".join(clean_line(str(one), 300) for one in shown if one)
        yield Unsupported(raw=dict(told), words=f"a shared link: {words}" if words else "a shared link")


def _bare(address: str) -> str:
    """Without what people leave out when they write an address."""
    return address.casefold().removeprefix("https://").removeprefix("http://").rstrip("/")


def _forwarded(link: Told) -> Forwarded:
    mid = mapping(link.get("message")).get("mid")
    return Forwarded(author=full_name(link.get("sender")), external_id=mid if isinstance(mid, str) else None)


def _quote(link: Told) -> Quote:
    """The message that is answered; its own words stand where it has some."""
    original = mapping(link.get("message"))
    mid, said = original.get("mid"), original.get("text")
    return Quote(
        external_id=mid if isinstance(mid, str) else None,
        author=full_name(link.get("sender")),
        text=said if isinstance(said, str) and said else None,
    )


def transcriptions(message: Told) -> list[str]:
    """What MAX heard in the recordings of a message."""
    listed = mapping(message.get("body")).get("attachments")
    said = (
        [one.get("transcription") for one in listed or () if isinstance(one, dict)]
        if isinstance(listed, list)
        else []
    )
    return [one for one in said if isinstance(one, str) and one]


def shared_phone(message: Told) -> str | None:
    """The sender's own number, where a card is that of the sender."""
    sender = number(mapping(message.get("sender")).get("user_id"))
    listed = mapping(message.get("body")).get("attachments")
    for told in listed if isinstance(listed, list) else ():
        payload = mapping(mapping(told).get("payload"))
        owner = number(mapping(payload.get("max_info")).get("user_id"))
        vcf = payload.get("vcf_info")
        if sender is not None and owner == sender and isinstance(vcf, str):
            return next((one for one in card(vcf, "").phones if one.startswith("+")), None)
    return None


def mapping(value: Any) -> Told:
    return value if isinstance(value, dict) else {}
