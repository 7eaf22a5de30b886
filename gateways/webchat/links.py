"""Addresses of files that a visitor's browser may open: signed, for a day at most, and for one dialog.

    /files/0198…?key=main.0b51….1769857200.kP3…       and &preview=1 for the small picture

The key says the site, the dialog and until when, and proves it with the site's secret.
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Final
from uuid import UUID

DAY_HOURS: Final = 24
_HOUR: Final = 3600
_KEY: Final = re.compile(r"([a-z0-9_]{1,40})\.([0-9a-f]{32})\.([0-9]{1,12})\.([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Key:
    """What a key claims, before its proof is looked at."""

    slug: str
    dialog_id: UUID
    until: int
    proof: str


def link(attachment: UUID | str, dialog: UUID, slug: str, secret: str, now: float) -> str:
    """The address of a file; the same one for an hour, so that browsers keep what they have fetched."""
    until = (int(now) // _HOUR + DAY_HOURS) * _HOUR
    proof = _proof(str(attachment), slug, dialog.hex, until, secret)
    return f"/files/{attachment}?key={slug}.{dialog.hex}.{until}.{proof}"


def read_key(key: str) -> Key | None:
    """What `key` claims, or none when it is no key at all."""
    match = _KEY.fullmatch(key) if len(key) <= 200 else None
    return None if match is None else Key(match[1], UUID(match[2]), int(match[3]), match[4])


def opens(key: Key, attachment: UUID, secret: str, now: float) -> bool:
    """Whether the key is ours, for this file, and not too old."""
    proof = _proof(str(attachment), key.slug, key.dialog_id.hex, key.until, secret)
    return hmac.compare_digest(proof, key.proof) and now <= key.until <= now + DAY_HOURS * _HOUR


def _proof(attachment: str, slug: str, dialog: str, until: int, secret: str) -> str:
    said = f"file.{attachment}.{slug}.{dialog}.{until}".encode()
    return urlsafe_b64encode(hmac.digest(secret.encode(), said, "sha256")).rstrip(b"=").decode()
