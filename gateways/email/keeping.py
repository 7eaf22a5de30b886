"""What of a mail lies in the blobs: the raw mail, its HTML, its files. Pure: which bytes under which ids.

The ids come from the mail's own identity, so that a mail that is fetched twice has the same. In the HTML that
is kept, pictures of the mail itself are named by the ids of their attachments: `cid:0198…`. A picture is told
as `pending` though its bytes are there: the kit draws its small one and tells when that is done.
"""

from __future__ import annotations

import html as web
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote
from uuid import UUID

from gateways.email.mail import Attached, Mail
from shared.contract.content import Audio, Document, File, Html, Image, Part, Video
from shared.contract.ids import fact_id
from shared.files.kinds import kind_of
from shared.files.names import safe_name

MOST_FILES: Final = 100
"""More than that lie in the raw mail alone."""
RAW, HTML, FIRST_FILE = 0, 1, 2
_CID: Final = re.compile(r"cid:([^\"'\s>)]{1,500})", re.IGNORECASE)
_PARTS: Final = {"image": Image, "video": Video, "audio": Audio, "file": Document}


@dataclass(frozen=True, slots=True)
class Blob:
    attachment_id: UUID
    content: bytes

    @property
    def name(self) -> str:
        return str(self.attachment_id)


@dataclass(frozen=True, slots=True)
class Kept:
    """The files of a mail as its message names them, and the bytes behind them."""

    raw: File
    html: Html | None
    parts: tuple[Part, ...]
    blobs: tuple[Blob, ...]
    all_files: bool = True


def kept(account: str, identity: str, raw: bytes, mail: Mail | None) -> Kept:
    """What is kept of a mail; of one that nobody could read the raw bytes alone."""

    def blob(place: int, content: bytes) -> Blob:
        return Blob(fact_id("attachment", f"email {account} {identity}", str(place)), content)

    whole = blob(RAW, raw)
    named = File(
        attachment_id=whole.attachment_id,
        name="mail.eml",
        mime_type="message/rfc822",
        size_bytes=len(raw),
        state="stored",
    )
    if mail is None:
        return Kept(named, None, (), (whole,))
    shown = mail.attachments[:MOST_FILES]
    files = [(one, blob(FIRST_FILE + place, one.content)) for place, one in enumerate(shown)]
    blobs = [whole, *(lying for _, lying in files)]
    html = None
    if mail.html is not None:
        ids = {one.content_id: lying.attachment_id for one, lying in files if one.content_id}
        lying = blob(HTML, placed_pictures(mail.html, ids).encode("utf-8", "replace"))
        html = Html(attachment_id=lying.attachment_id, size_bytes=len(lying.content))
        blobs.append(lying)
    parts = tuple(_part(one, lying) for one, lying in files)
    return Kept(named, html, parts, tuple(blobs), len(shown) == len(mail.attachments))


def placed_pictures(html: str, ids: Mapping[str, UUID]) -> str:
    """The HTML with the ids of attachments in the place of the mail's own names for its pictures."""

    def placed(found: re.Match[str]) -> str:
        name = unquote(web.unescape(found[1])).strip("<>")
        return f"cid:{ids[name]}" if name in ids else found[0]

    return _CID.sub(placed, html)


def _part(attached: Attached, blob: Blob) -> Part:
    kind = kind_of(attached.mime_type)
    file = File(
        attachment_id=blob.attachment_id,
        name=safe_name(attached.name),
        mime_type=attached.mime_type[:100],
        size_bytes=len(attached.content),
        state="pending" if kind == "image" else "stored",
    )
    part: Part = _PARTS[kind](file=file)
    return part
