"""What a channel can do (CH16): one declared, frozen value per channel.

The router refuses by it before anything is sent, the workplace shows it, the documentation is printed
from it. Nobody writes `if channel == "vk"`.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from shared.contract.wire import Wire


class Capabilities(Wire):
    """Each false one is a refusal with a code of its own; sizes in bytes, lengths in characters."""

    text_length: int = 4000
    files: bool = False
    images: bool = False
    voice: bool = False
    video: bool = False
    audio: bool = False
    stickers: bool = False
    locations: bool = False
    contact_cards: bool = False
    templates: bool = False
    buttons: bool = False
    quote: bool = False
    edit: bool = False
    delete: bool = False
    reactions: bool = False
    receipts: Literal["none", "delivered", "read"] = "none"
    typing_in: bool = False
    typing_out: bool = False
    mark_read: bool = False
    closes: bool = False
    """The client is shown that the conversation was closed."""
    write_first: bool = False
    """An operator may begin (MS12), by an address of the kind that `addresses` names."""
    addresses: Literal["none", "phone", "email", "id"] = "none"
    """What a person is written to by: a phone in E.164, an address of mail, the provider's own id."""
    threads: bool = False
    """A dialog is a thread with a subject, recipients and copies, as in mail; a first message begins one."""
    find_by_phone: bool = False
    scheduled: bool = False
    groups: bool = False
    resume_closed: bool = True
    """An operator may resume a closed conversation (LC7)."""
    transfer_needs_presence: bool = False
    """Handed over only to one who is online (RT6)."""
    transfer_needs_acceptance: bool = True
    """Handed over when the receiver accepts; else at once (RT6)."""
    file_bytes: int = 0
    image_bytes: int = 0
    files_per_message: int = 0
    message_bytes: int = 0
    file_types: tuple[str, ...] = ()
    """MIME types or `type/*` that may be sent; empty: any."""
    reply_window_hours: int | None = None
    """After the client's last message; later only a template goes (MS7)."""
    messages_per_second: float | None = Field(default=None, gt=0)
    """How fast the provider takes what an account sends; absent: as fast as it answers."""
    burst: int = Field(default=1, ge=1)
    """How many at once after a rest."""
    deduplicates: bool = False
    """The provider drops a repeat of the same id, so a crash while sending may be repeated."""
    note: str | None = None
    """Why the real provider allows less than the product promises."""
