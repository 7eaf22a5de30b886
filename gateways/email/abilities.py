"""What a mail can carry, and what it cannot."""

from __future__ import annotations

from typing import Final

from gateways.email import render
from shared.contract.capabilities import Capabilities

ABILITIES: Final = Capabilities(
    text_length=render.TEXT_LENGTH,
    images=True,
    files=True,
    image_bytes=render.FILE_BYTES,
    file_bytes=render.FILE_BYTES,
    files_per_message=render.FILES,
    message_bytes=render.FILE_BYTES,
    write_first=True,
    addresses="email",
    threads=True,
    transfer_needs_acceptance=False,
    note="An answer goes into the client's thread, with the last mail quoted below. Receipts come only where "
    "somebody's program sends one unasked.",
)
