"""What a visitor may send, told in the welcome before anything is sent."""

from __future__ import annotations

from typing import Any, Final

from gateways.webchat.parse import FILES, FRAME_BYTES, TEXT_LENGTH

FILE_BYTES: Final = 30_000_000

LIMITS: Final[dict[str, Any]] = {
    "text": TEXT_LENGTH,
    "frame": FRAME_BYTES,
    "file_bytes": FILE_BYTES,
    "files": FILES,
    "types": [],
}
