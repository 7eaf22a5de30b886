"""Our message as a mail: whom it goes to, what its headers and its two texts are. Pure.

    SendMessage in a thread → Composition → the bytes that are handed over (gateways/email/mime.py)

What an operator wrote that cannot stand in a header is refused; what a client's program wrote is made clean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from gateways.email import names, subjects
from gateways.email.accounts import EmailAccount
from gateways.email.quoting import as_html, as_text, signature_of
from gateways.email.thread import Last, Thread
from gateways.kit import formatting
from gateways.kit.attachments import files_of
from gateways.kit.text import clean_line, clean_text
from shared.contract.addresses import is_mail_address
from shared.contract.content import Address, Content, File, Image, Text
from shared.contract.outbound import SendMessage
from shared.failure import Rejected

TEXT_LENGTH: Final = 50_000
MAIL_BYTES: Final = 25 * 1024 * 1024
"""Of a whole mail, its files in base64."""
FILE_BYTES: Final = 18 * 1024 * 1024
"""Of all files of a mail, so that base64 stays below that."""
FILES: Final = 20
RECIPIENTS: Final = 50
_POSSIBLE: Final = frozenset({"text", "image", "file", "voice", "video", "audio"})
_AUTOMATIC: Final = frozenset({"bot", "system"})


@dataclass(frozen=True, slots=True)
class Composition:
    """A mail before it is bytes; `pictures` are shown in its text, `files` hang on it."""

    sender: Address
    reply_to: str | None
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    subject: str
    name: str
    in_reply_to: str | None
    references: tuple[str, ...]
    at: datetime
    text: str
    html: str
    automatic: bool
    answers: bool
    pictures: tuple[File, ...] = ()
    files: tuple[File, ...] = ()

    @property
    def recipients(self) -> tuple[str, ...]:
        """Each once; the client first."""
        return tuple(dict.fromkeys(one.address for one in (*self.to, *self.cc)))

    def shown(self) -> dict[str, Any]:
        """As plain data, for people and cases."""
        shown: dict[str, Any] = {
            "from": _shown(self.sender),
            "to": [_shown(one) for one in self.to],
            "cc": [_shown(one) for one in self.cc],
            "subject": self.subject,
            "message_id": self.name,
            "in_reply_to": self.in_reply_to,
            "references": list(self.references),
            "text": self.text,
            "html": self.html,
            "automatic": self.automatic,
            "pictures": [file.name for file in self.pictures],
            "files": [file.name for file in self.files],
        }
        return shown | ({"reply_to": self.reply_to} if self.reply_to else {})


def require_possible(message: SendMessage) -> None:
    """Returns when a mail can say it; raises `Rejected`."""
    content = message.content
    if not all(part.kind in _POSSIBLE for part in content.parts):
        raise Rejected("not_possible", "A mail takes text and files only.")
    if len(content.text) > TEXT_LENGTH:
        raise Rejected("text_too_long", f"A mail takes at most {TEXT_LENGTH} characters.")
    files = files_of(content)
    if len(files) > FILES or sum(file.size_bytes or 0 for file in files) > FILE_BYTES:
        raise Rejected(
            "too_big", f"A mail takes at most {FILES} files of {FILE_BYTES // 1024 // 1024} MB in all."
        )
    if content.subject is not None and not content.subject.isprintable():
        raise Rejected("bad_subject", "The subject has to be one line of words.")
    for one in _named(content):
        if not is_mail_address(one.address):
            raise Rejected("bad_address", f"This is no address: {clean_line(one.address, 80)}")
    if len(_named(content)) > RECIPIENTS:
        raise Rejected("too_many_recipients", f"A mail goes to at most {RECIPIENTS} addresses.")


def is_automatic(message: SendMessage) -> bool:
    """Whether no person wrote it."""
    return message.origin in _AUTOMATIC


def compose(message: SendMessage, account: EmailAccount, thread: Thread, name: str) -> Composition:
    """The mail; `name` is its Message-ID. Raises `Rejected`."""
    require_possible(message)
    content, last = message.content, thread.last
    answers = last.name is not None
    to = _to(content, last)
    signature = signature_of(account, message.author_name)
    quoted = last if answers and last.text.strip() else None
    plain, html = _words(content)
    pictures = tuple(part.file for part in content.parts if isinstance(part, Image))
    sender = clean_line(message.author_name or "", 100), clean_line(account.sender_name or account.name, 100)
    return Composition(
        sender=Address(address=account.address, name=_line(", ".join(filter(None, sender)))),
        reply_to=names.plus_address(account.address, thread.token) if account.plus_addressing else None,
        to=to,
        cc=_cc(content, last, account, {one.address.lower() for one in to}),
        subject=_subject(content, last, answers=answers),
        name=name,
        in_reply_to=last.name,
        references=last.references,
        at=message.created_at,
        text=as_text(plain, signature, quoted, account),
        html=as_html(html + _shown_pictures(pictures), signature, quoted, account),
        automatic=is_automatic(message),
        answers=answers,
        pictures=pictures,
        files=tuple(file for file in files_of(content) if file not in pictures),
    )


def content_id(file: File) -> str:
    """The name of a picture within the mail."""
    return f"{file.attachment_id}@picture"


def _to(content: Content, last: Last) -> tuple[Address, ...]:
    if content.letter is not None and content.letter.to:
        return content.letter.to
    if not is_mail_address(last.answer_to):
        raise Rejected("no_recipient", "Nobody knows an address to which this could go.")
    person = last.person if last.address == last.answer_to.lower() else None
    return (Address(address=last.answer_to, name=person),)


def _cc(content: Content, last: Last, account: EmailAccount, to: set[str]) -> tuple[Address, ...]:
    """Who was named; else, where the account keeps them, who got the client's mail too; never ourselves.

    A content with a letter of its own says all of its recipients: no copies there are none.
    """
    said = content.cc
    if not said and content.letter is None and account.keep_cc:
        said = tuple(Address(address=address, name=name) for address, name in last.cc)
    each = {one.address.lower(): one for one in said}
    return tuple(
        one
        for low, one in each.items()
        if low not in to and is_mail_address(low) and not names.is_ours(account.address, low)
    )[:RECIPIENTS]


def _subject(content: Content, last: Last, *, answers: bool) -> str:
    if content.subject is not None:
        return content.subject
    kept = _line(clean_line(last.subject, 400)) or ""
    return subjects.of_answer(kept) if answers else kept


def _words(content: Content) -> tuple[str, str]:
    """What it says, plain and as HTML."""
    part = next((part for part in content.parts if isinstance(part, Text)), None)
    if part is None:
        return "", ""
    text = clean_text(part.text).replace("\r\n", "\n").replace("\r", "\n")
    tree = formatting.parse(text) if part.format == "marks" else (formatting.Words(text),)
    return formatting.plain(tree), formatting.html(tree)


def _shown_pictures(pictures: Sequence[File]) -> str:
    return "".join(f'<br><img src="cid:{content_id(file)}" style="max-width:100%">' for file in pictures)


def _named(content: Content) -> tuple[Address, ...]:
    return (*(content.letter.to if content.letter else ()), *content.cc)


def _line(text: str) -> str | None:
    """Without what no header can hold."""
    return "".join(one for one in text if one.isprintable()) or None


def _shown(address: Address) -> str:
    return f"{address.name} <{address.address}>" if address.name else address.address
