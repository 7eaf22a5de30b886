"""A composed mail as the bytes that are handed over (RFC 5322, 2045 to 2049, 3834). Pure.

multipart/mixed ─┬─ multipart/alternative ─┬─ text/plain
                 │                         └─ multipart/related ─┬─ text/html
                 └─ files                                        └─ pictures
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from email import policy
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

from gateways.email.mail import MARK
from gateways.email.render import MAIL_BYTES, Composition, content_id
from shared.contract.content import Address, File
from shared.failure import Rejected
from shared.files.names import safe_name

_ASCII: Final = policy.SMTP.clone(cte_type="7bit")
_UTF8: Final = policy.SMTPUTF8.clone(cte_type="7bit")
_WHOLE: Final = frozenset({"multipart", "message"})
"""Types that are no plain bytes."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A file with its bytes."""

    file: File
    content: bytes


@dataclass(frozen=True, slots=True)
class Ready:
    """A mail to be handed over; `utf8`: an address needs a server that knows other letters."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    utf8: bool


def mail_of(composed: Composition, pictures: Sequence[Loaded], files: Sequence[Loaded]) -> Ready:
    """The mail; raises `Rejected` for one that is too big, or that has an address nobody can spell."""
    try:
        people = [
            one.model_copy(update={"address": _spelled(one.address)}) for one in (*composed.to, *composed.cc)
        ]
        to, cc = people[: len(composed.to)], people[len(composed.to) :]
        utf8 = not all(one.address.isascii() for one in people)
        mail = EmailMessage(policy=_UTF8 if utf8 else _ASCII)
        _head(mail, composed, to, cc)
    except (ValueError, UnicodeError):
        raise Rejected("bad_address", "An address of this mail cannot be written down.") from None
    _bodies(mail, composed, pictures)
    for one in files:
        _attach(mail, one)
    raw = _threading(composed) + mail.as_bytes()
    if len(raw) > MAIL_BYTES:
        raise Rejected("too_big", f"The mail is larger than {MAIL_BYTES // 1024 // 1024} MB.")
    recipients = tuple(dict.fromkeys(one.address for one in people))
    return Ready(composed.sender.address, recipients, raw, utf8)


def _head(mail: EmailMessage, composed: Composition, to: Sequence[Address], cc: Sequence[Address]) -> None:
    mail["From"] = _header(composed.sender)
    mail["To"] = tuple(_header(one) for one in to)
    if cc:
        mail["Cc"] = tuple(_header(one) for one in cc)
    if composed.reply_to is not None:
        mail["Reply-To"] = HeaderAddress(addr_spec=composed.reply_to)
    mail["Subject"] = composed.subject
    mail["Date"] = format_datetime(composed.at)
    if composed.automatic:
        mail["Auto-Submitted"] = "auto-replied" if composed.answers else "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"
        mail[MARK] = "yes"


def _bodies(mail: EmailMessage, composed: Composition, pictures: Sequence[Loaded]) -> None:
    mail.set_content(composed.text)
    mail.add_alternative(composed.html, subtype="html")
    _, shown = mail.iter_parts()
    for one in pictures:
        main, sub = _type_of(one.file.mime_type)
        shown.add_related(
            one.content,
            maintype=main,
            subtype=sub,
            cid=f"<{content_id(one.file)}>",
            filename=safe_name(one.file.name),
            disposition="inline",
        )


def _attach(mail: EmailMessage, loaded: Loaded) -> None:
    main, sub = _type_of(loaded.file.mime_type)
    mail.add_attachment(loaded.content, maintype=main, subtype=sub, filename=safe_name(loaded.file.name))


def _threading(composed: Composition) -> bytes:
    """The headers that hold Message-IDs, one a line: the library would encode long ones as words."""
    lines = [f"Message-ID: <{composed.name}>"]
    if composed.in_reply_to is not None:
        lines.append(f"In-Reply-To: <{composed.in_reply_to}>")
    if composed.references:
        lines.append("References: " + "\r\n ".join(f"<{one}>" for one in composed.references))
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def _header(address: Address) -> HeaderAddress:
    local, _, domain = address.address.rpartition("@")
    name = "".join(one for one in address.name or "" if one.isprintable())
    return HeaderAddress(name, local, domain)


def _spelled(address: str) -> str:
    """With its domain in the letters of the wire."""
    local, _, domain = address.rpartition("@")
    return address if domain.isascii() else f"{local}@{domain.encode('idna').decode()}"


def _type_of(mime_type: str) -> tuple[str, str]:
    main, _, sub = mime_type.partition("/")
    known = main.isascii() and main.isalnum() and sub and sub.isascii() and sub.isprintable()
    if not known or main in _WHOLE or set(sub) & set(' ;"/\\'):
        return "application", "octet-stream"
    return main, sub
