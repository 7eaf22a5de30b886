"""How a file of ours is shown by Telegram, and which of them stand together in an album. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from shared.contract.content import Audio, Document, File, Image, Part, Video, Voice
from shared.failure import Rejected

Way: TypeAlias = Literal["photo", "video", "audio", "document", "voice", "animation"]
FilePart: TypeAlias = Image | Document | Voice | Video | Audio
FILE_PARTS: Final = (Image, Document, Voice, Video, Audio)

MEGABYTE: Final = 1024 * 1024
PHOTO_BYTES: Final = 10 * MEGABYTE
FILE_BYTES: Final = 50 * MEGABYTE
LOCAL_FILE_BYTES: Final = 2000 * MEGABYTE
"""What a Bot API server of one's own takes."""
MOST_IN_ALBUM: Final = 10
_SIDES: Final = 10_000
"""Width and height of a picture together."""
_RATIO: Final = 20

_PHOTOS: Final = frozenset({"image/jpeg", "image/png", "image/webp"})
_VIDEOS: Final = frozenset({"video/mp4", "video/quicktime"})
_MUSIC: Final = frozenset({"audio/mpeg", "audio/mp4", "audio/x-m4a", "audio/aac"})
_ALBUMS: Final[dict[Way, str]] = {"photo": "seen", "video": "seen", "audio": "heard", "document": "files"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A file and the way in which it is shown."""

    way: Way
    file: File


def shown(part: FilePart, most_bytes: int) -> Shown:
    """The way of a file; what Telegram would not show so goes as a document. Raises `Rejected`."""
    size = part.file.size_bytes or 0
    if size > most_bytes:
        raise Rejected("too_large", f"Telegram takes files of up to {most_bytes // MEGABYTE} MB from bots.")
    return Shown(_way(part), part.file)


def _way(part: FilePart) -> Way:
    mime_type = part.file.mime_type.partition(";")[0].strip().lower()
    match part:
        case Voice():
            return "voice"
        case Image() if mime_type == "image/gif":
            return "animation"
        case Image() if mime_type in _PHOTOS and _fits(part.file):
            return "photo"
        case Video() if mime_type in _VIDEOS:
            return "video"
        case Audio() if mime_type in _MUSIC:
            return "audio"
    return "document"


def _fits(file: File) -> bool:
    width, height = file.width or 1, file.height or 1
    in_shape = width + height <= _SIDES and max(width, height) <= _RATIO * min(width, height)
    return (file.size_bytes or 0) <= PHOTO_BYTES and (in_shape or not (file.width and file.height))


def blocks(parts: Sequence[Part], most_bytes: int) -> list[Part | tuple[Shown, ...]]:
    """The parts but the words, in order: files that stand together as one block."""
    found: list[Part | tuple[Shown, ...]] = []
    for part in parts:
        if not isinstance(part, FILE_PARTS):
            if part.kind != "text":
                found.append(part)
            continue
        one = shown(part, most_bytes)
        before = found[-1] if found else None
        if isinstance(before, tuple) and len(before) < MOST_IN_ALBUM and _together(before[0], one):
            found[-1] = (*before, one)
        else:
            found.append((one,))
    return found


def _together(first: Shown, second: Shown) -> bool:
    album = _ALBUMS.get(first.way)
    return album is not None and album == _ALBUMS.get(second.way)
