"""What a file is, by its content; what its sender calls it is not asked.

    sniff(b"\\x89PNG\\r\\n\\x1a\\n…") → "image/png"      sniff(b"<svg onload=…>") → "application/xml"

Marks are those of the formats' own specifications. Markup is never an image: SVG is `application/xml`. A name
only refines what the content leaves open (a ZIP that is called .docx), from a short table.
"""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias

from shared.files.names import suffix_of

Kind: TypeAlias = Literal["image", "video", "audio", "file"]

HEAD_BYTES: Final = 4096
"""How much of the beginning `sniff` wants to see."""

UNKNOWN: Final = "application/octet-stream"
_ZIP: Final = "application/zip"
_OLD_OFFICE: Final = "application/x-ole-storage"
_PLAIN: Final = "text/plain"

IMAGES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""What browsers show and we can draw smaller; other pictures are files."""

_MARKS: Final[tuple[tuple[int, bytes, str], ...]] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (0, b"\0\0\1\0", "image/x-icon"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"PK\x03\x04", _ZIP),
    (0, b"PK\x05\x06", _ZIP),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"\xfd7zXZ\0", "application/x-xz"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OLD_OFFICE),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"\x7fELF", "application/x-executable"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"#!AMR", "audio/amr"),
    (257, b"ustar", "application/x-tar"),
)
_RIFF: Final = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_BRANDS: Final = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"hevc": "image/heic",
    b"mif1": "image/heif",
    b"msf1": "image/heif",
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"qt  ": "video/quicktime",
}
_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
_OPEN: Final = "application/vnd.oasis.opendocument."
_REFINED: Final[dict[str, dict[str, str]]] = {
    _ZIP: {
        "docx": _OFFICE + "wordprocessingml.document",
        "xlsx": _OFFICE + "spreadsheetml.sheet",
        "pptx": _OFFICE + "presentationml.presentation",
        "odt": _OPEN + "text",
        "ods": _OPEN + "spreadsheet",
        "odp": _OPEN + "presentation",
        "epub": "application/epub+zip",
        "apk": "application/vnd.android.package-archive",
    },
    _OLD_OFFICE: {
        "doc": "application/msword",
        "xls": "application/vnd.ms-excel",
        "ppt": "application/vnd.ms-powerpoint",
        "msg": "application/vnd.ms-outlook",
    },
    _PLAIN: {
        "csv": "text/csv",
        "md": "text/markdown",
        "json": "application/json",
        "vcf": "text/vcard",
        "ics": "text/calendar",
    },
}
_BINARY: Final = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_XML: Final = re.compile(r"<(\?xml|svg|math|!doctype\s+(?!html)|!entity|[a-z][\w.-]*:)", re.IGNORECASE)
_MARKUP: Final = re.compile(r"<[!?/a-z]", re.IGNORECASE)
_WIDE: Final = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


def sniff(head: bytes, name: str = "") -> str:
    """The MIME type of a file that begins with `head` (HEAD_BYTES of it are enough)."""
    head = head[:HEAD_BYTES]
    found = _container(head) or _marked(head) or _executable(head) or _sound(head) or _text(head)
    return _REFINED.get(found, {}).get(suffix_of(name), found)


def kind_of(mime_type: str) -> Kind:
    """The part of a message that a file of this type becomes; whether audio is a voice, its sender says."""
    if mime_type in IMAGES:
        return "image"
    if mime_type.startswith("video/"):
        return "video"
    return "audio" if mime_type.startswith("audio/") else "file"


def _marked(head: bytes) -> str | None:
    for at, mark, mime_type in _MARKS:
        if head.startswith(mark, at):
            return mime_type
    if head.startswith(b"BM") and head[6:10] == b"\0\0\0\0":
        return "image/bmp"
    return None


def _container(head: bytes) -> str | None:
    """Formats whose first mark says only how the rest is packed."""
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _mp4(head)
    if head.startswith(b"OggS"):
        return "video/ogg" if b"\x80theora" in head else "audio/ogg"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        if b"webm" not in head[:64]:
            return "video/x-matroska"
        return "audio/webm" if b"A_OPUS" in head and b"V_" not in head else "video/webm"
    return None


def _mp4(head: bytes) -> str:
    """By its brand. A recorder of voices writes its tracks first, all of them within the head."""
    brand = head[8:12]
    if brand in _BRANDS:
        return _BRANDS[brand]
    if brand.startswith(b"3gp"):
        return "video/3gpp"
    second = int.from_bytes(head[:4], "big")
    length = int.from_bytes(head[second : second + 4], "big")
    whole = head[second + 4 : second + 8] == b"moov" and second + length <= len(head)
    only_sound = whole and b"soun" in head and b"vide" not in head
    return "audio/mp4" if only_sound else "video/mp4"


def _executable(head: bytes) -> str | None:
    return "application/x-dosexec" if head.startswith(b"MZ") and b"\0" in head else None


def _sound(head: bytes) -> str | None:
    """MPEG audio without a tag in front: a frame header with a possible layer, bit rate and sample rate."""
    if len(head) < 4 or head[0] != 0xFF:
        return None
    if head[1] & 0xF6 == 0xF0:
        return "audio/aac"
    is_layer_3 = head[1] & 0xE6 == 0xE2
    return "audio/mpeg" if is_layer_3 and head[2] >> 4 != 0xF and head[2] >> 2 & 3 != 3 else None


def _text(head: bytes) -> str:
    """Text, or markup. Browsers skip a mark of byte order and blanks before it, and so do we."""
    encoding = _WIDE.get(head[:2])
    if not head or (encoding is None and _BINARY.search(head)):
        return UNKNOWN
    text = head.removeprefix(b"\xef\xbb\xbf").decode(encoding or "latin-1", errors="replace")
    text = text.lstrip("\ufeff \t\r\n\f")
    if _XML.match(text):
        return "application/xml"
    return "text/html" if _MARKUP.match(text) else _PLAIN
