"""The files of a message: what Telegram calls them, and what they become here. Pure.

"photo": [{"file_id": "A", "file_unique_id": "u", "width": 90, "height": 90, "file_size": 1200}, …]: the last
is the largest. A reference is Telegram's `file_id`, which opens nothing without the bot's token.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeAlias
from uuid import UUID

from aiogram.types import Message, PhotoSize
from aiogram.types import Sticker as TelegramSticker

from gateways.kit.media import Wanted
from shared.contract.content import Audio, Document, File, Image, Part, Sticker, Video, Voice
from shared.contract.ids import AttachmentId, fact_id
from shared.files.names import safe_name

_FilePart: TypeAlias = type[Audio] | type[Document] | type[Image] | type[Video] | type[Voice]


@dataclass(frozen=True, slots=True)
class Found:
    """A file that a message names; `told` has Telegram's `file_id` and `file_unique_id`."""

    part: _FilePart
    told: Any
    name: str
    mime_type: str


def attachment_id(message: UUID, told: Any) -> AttachmentId:
    """The same in every delivery and every edit of the message, while the file is the same one."""
    return AttachmentId(fact_id("attachment", str(message), told.file_unique_id or told.file_id))


def _photo(message: Message) -> Sequence[Found]:
    return _largest(message.photo)


def _live_photo(message: Message) -> Sequence[Found]:
    told = message.live_photo
    if told is None:
        return ()
    return (*_largest(told.photo), Found(Video, told, "live_photo.mp4", told.mime_type or "video/mp4"))


def _largest(sizes: Sequence[PhotoSize] | None) -> Sequence[Found]:
    largest = max(sizes or (), key=lambda size: size.width * size.height, default=None)
    return () if largest is None else (Found(Image, largest, "photo.jpg", "image/jpeg"),)


def _animation(message: Message) -> Sequence[Found]:
    told = message.animation
    return _one(Video, told, "animation.mp4", "video/mp4")


def _video(message: Message) -> Sequence[Found]:
    return _one(Video, message.video, "video.mp4", "video/mp4")


def _video_note(message: Message) -> Sequence[Found]:
    return _one(Video, message.video_note, "video_note.mp4", "video/mp4")


def _voice(message: Message) -> Sequence[Found]:
    return _one(Voice, message.voice, "voice.ogg", "audio/ogg")


def _audio(message: Message) -> Sequence[Found]:
    told = message.audio
    if told is None:
        return ()
    name = " - ".join(filter(None, (told.performer, told.title)))
    return _one(Audio, told, f"{name or 'audio'}.mp3", "audio/mpeg")


def _document(message: Message) -> Sequence[Found]:
    """An animation comes as a document too, for programs that do not know animations."""
    return () if message.animation else _one(Document, message.document, "", "application/octet-stream")


def _one(part: _FilePart, told: Any, name: str, mime_type: str) -> Sequence[Found]:
    if told is None:
        return ()
    said = getattr(told, "file_name", None) or name
    return (Found(part, told, said, getattr(told, "mime_type", None) or mime_type),)


READERS: Final[Mapping[str, Callable[[Message], Sequence[Found]]]] = MappingProxyType(
    {
        "photo": _photo,
        "live_photo": _live_photo,
        "animation": _animation,
        "video": _video,
        "video_note": _video_note,
        "voice": _voice,
        "audio": _audio,
        "document": _document,
    }
)
"""The field of a message → its files."""


def parts(found: Sequence[Found], message: UUID) -> list[tuple[Part, Wanted]]:
    """Each file as a part, and as what is to be fetched."""
    return [_part(one, message) for one in found]


def _part(found: Found, message: UUID) -> tuple[Part, Wanted]:
    file = _file(found.told, found.name, found.mime_type, message)
    return found.part(file=file), Wanted(message, file, found.told.file_id)


def sticker(told: TelegramSticker, message: UUID) -> tuple[Part, Wanted]:
    """A still one is WebP, a drawn one Lottie in gzip, a filmed one WebM."""
    name, mime_type = "sticker.webp", "image/webp"
    if told.is_animated:
        name, mime_type = "sticker.tgs", "application/x-tgsticker"
    elif told.is_video:
        name, mime_type = "sticker.webm", "video/webm"
    file = _file(told, name, mime_type, message)
    return Sticker(file=file, emoji=told.emoji, external_id=told.file_id), Wanted(message, file, told.file_id)


def _file(told: Any, name: str, mime_type: str, message: UUID) -> File:
    side = getattr(told, "length", None)
    duration = getattr(told, "duration", None)
    size = told.file_size
    return File(
        attachment_id=attachment_id(message, told),
        name=safe_name(name),
        mime_type=mime_type[:100],
        size_bytes=size if size is not None and size >= 0 else None,
        width=getattr(told, "width", side) or None,
        height=getattr(told, "height", side) or None,
        duration_seconds=None
        if duration is None
        else float(getattr(duration, "total_seconds", lambda: duration)()),
    )
