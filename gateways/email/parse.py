"""A mail that was read and placed, as our facts. Pure.

    Mail(kind="message", sender=…, text=…) in the thread "a1@mail.example" → inbound.message.v1
    Mail(kind="bounce", reports=(Report(message_id="sb.0198…@shop.example", outcome="failed"),))
                                                                          → inbound.delivery.v1, failed

What is longer than a message may be is cut and marked so; the mail is whole in its raw file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

from gateways.email.keeping import Kept
from gateways.email.mail import Mail, Report
from gateways.email.thread import Arrived, Placed
from gateways.kit.intake import heard
from gateways.kit.media import Wanted
from gateways.kit.spool import SpoolRow
from gateways.kit.text import clean_line, clean_text
from shared.contract.content import Address, Content, Document, Image, Letter, LetterMark, Part, Text
from shared.contract.ids import dialog_id, fact_id, message_id
from shared.contract.inbound import DeliveryReported, DeliveryState, MessageHeard
from shared.contract.people import DialogRef, Identity
from shared.db.types import from_micros
from shared.trace import new_trace

CHANNEL: Final = "email"
UNREADABLE: Final = "unreadable"
"""The thread of what nobody could read."""
LIES_HERE: Final = "in the blobs"
"""Where the bytes of a picture are when its message is told: only its small one is wanted."""
TEXT_BYTES: Final = 64_000
QUOTED_BYTES: Final = 48_000
SIGNATURE_BYTES: Final = 4_000
PEOPLE_BYTES: Final = 12_000
"""Of each of the lists of recipients; who stands behind that stands in the raw mail."""

STATES: Final[dict[str, DeliveryState]] = {"failed": "failed", "delivered": "delivered", "read": "read"}
"""The outcome of a report → what becomes of our message; of a delay nothing."""


@dataclass(frozen=True, slots=True)
class Coming:
    """Where and how a mail came in. `technical`: it opens nothing and stops no timer."""

    account: str
    received_at: datetime
    backfill: bool = False
    technical: bool = False


def identity_of(mail: Mail, name: str | None) -> str:
    """The external id: the Message-ID, which somebody may use twice, and a hash of what was said."""
    said = [
        mail.sender.address.lower() if mail.sender else "",
        mail.subject,
        mail.date.isoformat() if mail.date else "",
        mail.text,
        *(sha256(one.content).hexdigest() for one in mail.attachments),
    ]
    digest = sha256(json.dumps(said).encode()).hexdigest()[:32]
    return f"{name} {digest}" if name else f"sha256:{digest}"


def unreadable_identity(raw: bytes) -> str:
    """The external id of a mail that says nothing of itself."""
    return f"sha256:{sha256(raw).hexdigest()[:32]}"


def message(arrived: Arrived, placed: Placed, kept: Kept, coming: Coming) -> SpoolRow:
    """The fact of a mail."""
    mail, chat = arrived.mail, placed.thread.chat
    sent_at = from_micros(arrived.at)
    identity = message_id(CHANNEL, coming.account, chat, arrived.identity, mail.date)
    said = MessageHeard(
        dialog=dialog(coming.account, chat),
        message_id=identity,
        external_id=arrived.identity,
        sender=person(arrived),
        origin="external" if arrived.outside else "client",
        content=content(mail, kept, placed.marks, technical=coming.technical),
        sent_at=sent_at,
        received_at=coming.received_at,
        backfill=coming.backfill,
        dialog_title=clean_line(mail.subject, 200) or None,
    )
    pictures = [part.file for part in kept.parts if isinstance(part, Image)]
    files = tuple(Wanted(identity, file, LIES_HERE) for file in pictures)
    return heard(said, identity=identity, time=coming.received_at, traceparent=new_trace(), files=files)


def unreadable(raw_file: Kept, identity: str, words: str, at: int, coming: Coming) -> SpoolRow:
    """The fact of a mail that nobody could read: its raw file, and why."""
    own = message_id(CHANNEL, coming.account, UNREADABLE, identity)
    said = MessageHeard(
        dialog=dialog(coming.account, UNREADABLE),
        message_id=own,
        external_id=identity,
        sender=Identity(channel=CHANNEL, address=f"{UNREADABLE}:{coming.account}"),
        content=Content(
            parts=(Text(text=words), Document(file=raw_file.raw)),
            letter=Letter(kind="unreadable", raw=raw_file.raw),
        ),
        sent_at=from_micros(at),
        received_at=coming.received_at,
        backfill=coming.backfill,
    )
    return heard(said, identity=own, time=coming.received_at, traceparent=new_trace())


def delivery(report: Report, ours: UUID, chat: str, coming: Coming) -> SpoolRow | None:
    """What a server or a reader's program says of a message of ours; none where it changes nothing."""
    state = STATES.get(report.outcome)
    if state is None:
        return None
    words = clean_line(report.words or "", 500)
    told = DeliveryReported(
        dialog=dialog(coming.account, chat),
        message_id=ours,
        external_id=report.message_id,
        state=state,
        code=clean_line(report.status or "bounced", 40) if state == "failed" else None,
        words=_bounced(report, words) if state == "failed" else None,
        at=coming.received_at,
    )
    identity = fact_id("receipt", str(ours), state)
    return heard(told, identity=identity, time=coming.received_at, traceparent=new_trace())


def content(mail: Mail, kept: Kept, marks: Sequence[LetterMark], *, technical: bool) -> Content:
    """What the mail says, as parts; the quoted words stand beside them."""
    new = bool(mail.reply_text.strip())  # where nothing is new, nothing is folded away
    text, cut = cut_to((mail.reply_text if new else mail.text).strip("\n"), TEXT_BYTES)
    quoted, quoted_cut = cut_to(mail.quoted_text if new else "", QUOTED_BYTES)
    signature, _ = cut_to(mail.signature if new else "", SIGNATURE_BYTES)
    parts: list[Part] = [Text(text=text)] if text.strip() else []
    own = _own_marks(mail, cut=cut or quoted_cut or not kept.all_files)
    return Content(
        parts=(*parts, *kept.parts),
        technical=technical,
        subject=clean_line(mail.subject, 500) or None,
        cc=people(mail.cc),
        html=kept.html,
        letter=Letter(
            kind=mail.kind,
            to=people(mail.to),
            reply_to=people(mail.reply_to),
            quoted=quoted or None,
            signature=signature or None,
            raw=kept.raw,
            marks=(*marks, *own),
        ),
    )


def cut_to(text: str, most: int) -> tuple[str, bool]:
    """A text that takes at most so many bytes as JSON, and whether something was cut off."""
    clean = clean_text(text)
    if len(clean) * 6 <= most or len(json.dumps(clean, ensure_ascii=False).encode()) <= most:
        return clean, False
    low, high = 0, min(len(clean), most)
    while low < high:
        middle = (low + high + 1) // 2
        fits = len(json.dumps(clean[:middle], ensure_ascii=False).encode()) <= most
        low, high = (middle, high) if fits else (low, middle - 1)
    return clean[:low], True


def people(addresses: Sequence[Address]) -> tuple[Address, ...]:
    """As many of them as a message may name."""
    taken: list[Address] = []
    left = PEOPLE_BYTES
    for one in addresses:
        clean = Address(address=clean_line(one.address, 320), name=clean_line(one.name or "", 200) or None)
        left -= len(clean.model_dump_json().encode())
        if left < 0:
            break
        taken.append(clean)
    return tuple(taken)


def person(arrived: Arrived) -> Identity:
    """Who wrote: proven only where the receiving server says so."""
    mail, address = arrived.mail, clean_line(arrived.sender, 320)
    named = clean_line(mail.sender.name or "", 200) if mail.sender else ""
    email = address if mail.sender else None
    verified = mail.dmarc == "pass"
    return Identity(channel=CHANNEL, address=address, name=named or None, email=email, verified=verified)


def dialog(account: str, chat: str) -> DialogRef:
    identity = dialog_id(CHANNEL, account, chat)
    return DialogRef(dialog_id=identity, channel=CHANNEL, account=account, chat=chat)


def _own_marks(mail: Mail, *, cut: bool) -> Iterator[LetterMark]:
    if mail.remote_content:
        yield "remote_content"
    if mail.protection is not None:
        yield mail.protection
    if mail.invitation is not None:
        yield "invitation"
    if cut:
        yield "cut"


def _bounced(report: Report, words: str) -> str:
    recipient = clean_line(report.recipient or "", 200)
    return f"{recipient}: {words}".strip(": ") or "The mail came back."
