"""The kinds of attachments, as parts of ours. Pure.

    {"type": "photo", "photo": {"id": 4, "owner_id": 7, "sizes": [{"type": "x", "url": "https://…", …}]}}
    {"type": "doc", "doc": {"id": 5, "owner_id": 7, "title": "a.pdf", "size": 9, "ext": "pdf", "url": "…"}}

VK gives communities no bytes of videos and songs: they are shown as what they are, with where to see them.
Whatever has no part of ours is `Unsupported`, in words and with all that came.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeAlias
from uuid import UUID

from gateways.kit.media import Wanted, attachment_id
from gateways.kit.payload import Malformed
from gateways.kit.text import clean_line
from gateways.vk.values import Object, inner, inner_list, number, required, words
from shared.contract.content import (
    Audio,
    Document,
    File,
    Image,
    Location,
    Part,
    Sticker,
    Unsupported,
    Video,
    Voice,
)
from shared.files.names import safe_name

NO_FILE_WORDS: Final = "VK gives no file of it to communities: {where}"
_SIZES: Final = "smopqrxyzw"
"""Letters of the sizes of a picture, small to large, where it does not say its width."""


class Parts:
    """The parts of one message as they come, each file with its place in this version of it."""

    def __init__(self, message: UUID, version: UUID) -> None:
        self.parts: list[Part] = []
        self.wanted: list[Wanted] = []
        self._message = message
        self._version = version
        self._files = 0

    def add(self, attachment: Object) -> None:
        """One attachment."""
        kind = words(attachment, "type")
        body, read = inner(attachment, kind), READERS.get(kind)
        if read is None or not body:
            self.parts.append(Unsupported(raw=dict(attachment), words=_described(kind, body)))
            return
        try:
            self.parts.append(read(body, self))
        except Malformed:
            self.parts.append(Unsupported(raw=dict(attachment), words=_described(kind, body)))

    def place(self, geo: Object) -> None:
        """The place that a message is sent from."""
        where = inner(geo, "coordinates")
        latitude, longitude = _degrees(where, "latitude", 90), _degrees(where, "longitude", 180)
        if latitude is None or longitude is None:
            self.parts.append(Unsupported(raw=dict(geo), words="a place"))
            return
        at = inner(geo, "place")
        address = ", ".join(filter(None, (words(at, "country"), words(at, "city"), words(at, "address"))))
        title = words(at, "title")
        self.parts.append(
            Location(latitude=latitude, longitude=longitude, title=title or None, address=address or None)
        )

    def file(self, name: str, address: str, where: str, **known: Any) -> File:
        """A file whose bytes are behind `address`; without one it cannot be had, and `where` is told."""
        identity = attachment_id(self._version, self._files)
        self._files += 1
        mime = known.pop("mime_type", None) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        file = File(attachment_id=identity, name=safe_name(name), mime_type=mime, **known)
        if not address.startswith(("https://", "http://")):
            return file.model_copy(update={"state": "failed", "words": NO_FILE_WORDS.format(where=where)})
        self.wanted.append(Wanted(self._message, file, address, "provider"))
        return file


Reader: TypeAlias = Callable[[Object, Parts], Part]


def _photo(photo: Object, parts: Parts) -> Part:
    largest = _largest([*inner_list(photo, "sizes"), inner(photo, "orig_photo")])
    name = f"photo{photo.get('owner_id', '')}_{photo.get('id', '')}.jpg"
    return Image(file=_pictured(parts, name, largest, _link("photo", photo)))


def _graffiti(graffiti: Object, parts: Parts) -> Part:
    return Image(file=_pictured(parts, f"graffiti_{graffiti.get('id', '')}.png", graffiti, "VK"))


def _sticker(sticker: Object, parts: Parts) -> Part:
    number_ = str(required(sticker, "sticker_id"))
    largest = _largest(inner_list(sticker, "images") or inner_list(sticker, "images_with_background"))
    file = _pictured(parts, f"sticker{number_}.png", largest, "VK") if largest else None
    return Sticker(file=file, external_id=number_)


def _document(document: Object, parts: Parts) -> Part:
    name, ending = words(document, "title"), words(document, "ext")
    if ending and not name.lower().endswith(f".{ending.lower()}"):
        name = f"{name}.{ending}"
    address, where = words(document, "url"), _link("doc", document)
    return Document(file=parts.file(name, address, where, size_bytes=_size(document)))


def _voice(voice: Object, parts: Parts) -> Part:
    address = words(voice, "link_ogg") or words(voice, "link_mp3")
    ogg = bool(words(voice, "link_ogg"))
    name = f"voice_{voice.get('id', '')}.{'ogg' if ogg else 'mp3'}"
    mime = "audio/ogg" if ogg else "audio/mpeg"
    return Voice(
        file=parts.file(name, address, "VK", mime_type=mime, duration_seconds=number(voice, "duration"))
    )


def _video(video: Object, parts: Parts) -> Part:
    files = {name: address for name, address in inner(video, "files").items() if name.startswith("mp4_")}
    best = max(files, key=lambda name: (len(name), name), default="")
    file = parts.file(
        f"{words(video, 'title') or 'video'}.mp4",
        str(files.get(best, "")),
        _link("video", video),
        mime_type="video/mp4",
        duration_seconds=number(video, "duration"),
        width=number(video, "width"),
        height=number(video, "height"),
    )
    return Video(file=file)


def _song(song: Object, parts: Parts) -> Part:
    name = " - ".join(filter(None, (words(song, "artist"), words(song, "title")))) or "audio"
    address = words(song, "url")
    if "audio_api_unavailable" in address:  # a recording that says so
        address = ""
    where = _link("audio", song)
    return Audio(
        file=parts.file(
            f"{name}.mp3", address, where, mime_type="audio/mpeg", duration_seconds=number(song, "duration")
        )
    )


READERS: Final[Mapping[str, Reader]] = MappingProxyType(
    {
        "photo": _photo,
        "graffiti": _graffiti,
        "sticker": _sticker,
        "doc": _document,
        "audio_message": _voice,
        "video": _video,
        "audio": _song,
    }
)
"""VK's word for a kind → the part that it becomes."""

_NOUNS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "link": "a link",
        "market": "a product",
        "market_album": "a collection of products",
        "wall": "a post",
        "wall_reply": "a comment",
        "gift": "a gift",
        "poll": "a poll",
        "story": "a story",
        "narrative": "a collection of stories",
        "article": "an article",
        "podcast": "a podcast",
        "podcasts": "a podcast",
        "call": "a call",
        "group_call_in_progress": "a call of several",
        "event": "an event",
        "album": "an album of photos",
        "pretty_cards": "cards",
        "note": "a note",
        "page": "a wiki page",
        "mini_app": "an app",
        "app": "an app",
        "app_action": "an app",
        "artist": "a musician",
        "audio_playlist": "a list of songs",
        "curator": "a music curator",
        "money_transfer": "a money transfer",
        "money_request": "a request for money",
        "donut_link": "a subscription",
        "textlive": "a live report",
        "situational_theme": "a theme",
        "video_playlist": "a list of videos",
        "widget": "a widget",
        "file": "a file",
        "photo": "a photo",
        "video": "a video",
        "audio": "a song",
        "doc": "a document",
        "sticker": "a sticker",
        "graffiti": "a drawing",
        "audio_message": "a voice message",
    }
)
_LINKED: Final = {"wall", "market", "poll", "story", "article", "album", "podcast", "note", "page"}


def _described(kind: str, body: Object) -> str:
    """What an attachment is, in words: "a product: Lamp, https://vk.com/market-1_2"."""
    noun = _NOUNS.get(
        kind, f"an attachment of the kind {clean_line(kind, 40)!r}" if kind else "an attachment"
    )
    titles = (words(body, name) for name in ("title", "question", "name", "text"))
    title = clean_line(next(filter(None, titles), ""), 200)
    address = words(body, "url") or words(body, "view_url")
    if not address and kind in _LINKED:
        address = _link(kind, body)
    details = ", ".join(filter(None, (title, clean_line(address, 500))))
    return f"{noun}: {details}" if details else noun


def _link(kind: str, body: Object) -> str:
    """Where it is to be seen; `vk.com` alone where it does not say."""
    owner = number(body, "owner_id") or number(body, "from_id") or number(body, "to_id")
    own = number(body, "id")
    return f"https://vk.com/{kind}{owner}_{own}" if owner and own else "https://vk.com"


def _pictured(parts: Parts, name: str, picture: Object, where: str) -> File:
    mime = "image/png" if name.endswith(".png") else "image/jpeg"
    return parts.file(
        name,
        words(picture, "url") or words(picture, "src"),
        where,
        mime_type=mime,
        width=number(picture, "width"),
        height=number(picture, "height"),
    )


def _largest(sizes: list[Object]) -> Object:
    """Of the same picture in several sizes."""
    there = [one for one in sizes if words(one, "url") or words(one, "src")]
    return max(there, key=_area, default={})


def _area(size: Object) -> tuple[int, int]:
    return (number(size, "width") or 0) * (number(size, "height") or 0), _SIZES.find(words(size, "type"))


def _size(document: Object) -> int | None:
    size = number(document, "size")
    return size if size is not None and size > 0 else None


def _degrees(where: Object, name: str, most: int) -> float | None:
    found = where.get(name)
    told = isinstance(found, int | float) and not isinstance(found, bool) and -most <= found <= most
    return float(found) if told and found is not None else None
