"""What an attachment is called where its sender did not say, or said it badly."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from gateways.email.reading.encoded_words import decode_field
from gateways.email.reading.fields import header_block
from gateways.kit.text import clean_line

LONGEST_NAME: Final = 1000
_NAMES: Final = MappingProxyType(
    {
        "message/delivery-status": "delivery-status.txt",
        "message/global-delivery-status": "delivery-status.txt",
        "message/disposition-notification": "disposition-notification.txt",
        "text/rfc822-headers": "headers.txt",
        "message/rfc822-headers": "headers.txt",
        "text/plain": "text.txt",
        "text/html": "message.html",
        "text/calendar": "invite.ics",
        "text/vcard": "contact.vcf",
        "text/x-vcard": "contact.vcf",
        "text/csv": "table.csv",
        "application/pdf": "document.pdf",
        "application/zip": "archive.zip",
        "application/json": "data.json",
        "application/ms-tnef": "winmail.dat",
        "application/pgp-signature": "signature.asc",
        "application/pgp-encrypted": "version.asc",
        "application/pgp-keys": "key.asc",
        "application/pkcs7-signature": "smime.p7s",
        "application/x-pkcs7-signature": "smime.p7s",
        "application/pkcs7-mime": "smime.p7m",
        "application/x-pkcs7-mime": "smime.p7m",
        "image/jpeg": "image.jpg",
        "image/pjpeg": "image.jpg",
        "image/svg+xml": "image.svg",
        "audio/mpeg": "audio.mp3",
        "audio/ogg": "audio.ogg",
        "video/mp4": "video.mp4",
        "video/quicktime": "video.mov",
    }
)


def name_of(kind: str, written: str, content: bytes) -> str:
    """The sender's name for it, or one by its kind; a mail is called by its subject."""
    if written.strip():
        return clean_line(written, LONGEST_NAME)
    if kind in {"message/rfc822", "message/global"}:
        subject = _subject(content)
        return f"{subject or 'message'}.eml"
    if kind in _NAMES:
        return _NAMES[kind]
    main, _, sub = kind.partition("/")
    if main in {"image", "audio", "video"} and sub.isalnum():
        return f"{main}.{sub}"
    return "file"


def _subject(content: bytes) -> str:
    fields, _ = header_block(content[: 64 * 1024], top=True)
    return clean_line(decode_field(fields.raw("subject")), 80).replace("/", "_").replace("\\", "_")
