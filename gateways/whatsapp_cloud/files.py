"""As what Meta takes a file of ours: by its kind, its type and its size. Pure.

A picture, video or recording that is of another type or larger than Meta takes as such goes as a document.
Source: Meta's reference of media, supported types and sizes (2026-05).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from gateways.kit.voice import MIME_TYPE as VOICE_TYPE
from shared.contract.content import Content, File, Part

IMAGE_BYTES: Final = 5 * 1024 * 1024
SOUND_BYTES: Final = 16 * 1024 * 1024
STICKER_BYTES: Final = 500 * 1024
FILE_BYTES: Final = 100 * 1024 * 1024

IMAGES: Final = ("image/jpeg", "image/png")
STICKERS: Final = ("image/webp",)
VIDEOS: Final = ("video/mp4", "video/3gpp")
SOUNDS: Final = ("audio/aac", "audio/mp4", "audio/mpeg", "audio/amr", "audio/ogg")

_LIMITS: Final[Mapping[str, tuple[str, tuple[str, ...], int]]] = MappingProxyType(
    {
        "image": ("image", IMAGES, IMAGE_BYTES),
        "sticker": ("sticker", STICKERS, STICKER_BYTES),
        "video": ("video", VIDEOS, SOUND_BYTES),
        "audio": ("audio", SOUNDS, SOUND_BYTES),
    }
)
"""Our kind → Meta's, the types and the bytes that it takes of it."""


@dataclass(frozen=True, slots=True)
class Form:
    """`kind` is Meta's; `spoken`: a recording, converted to what WhatsApp plays."""

    kind: str
    mime_type: str
    spoken: bool = False


def attached(content: Content) -> list[tuple[Part, File]]:
    """The parts that have files, with those."""
    found = ((part, getattr(part, "file", None)) for part in content.parts)
    return [(part, file) for part, file in found if isinstance(file, File)]


def form_of(part: Part, file: File) -> Form:
    """How a part with a file is sent."""
    mime_type = plain_type(file.mime_type)
    if part.kind == "voice":
        return Form("audio", VOICE_TYPE, spoken=True)
    kind, types, most = _LIMITS.get(part.kind, ("document", (), 0))
    if mime_type in types and (file.size_bytes or 0) <= most:
        return Form(kind, mime_type)
    return Form("document", mime_type)


def plain_type(mime_type: str) -> str:
    """`audio/ogg` of `audio/ogg; codecs=opus`."""
    return mime_type.partition(";")[0].strip().lower() or "application/octet-stream"
