"""What servers and programs say of mails of ours: delivery status (RFC 3464), dispositions (RFC 8098).

Servers that follow no rule (qmail, Exim, old sendmail) say it in words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from gateways.email.mail import Report
from gateways.email.reading.correspondents import correspondents
from gateways.email.reading.fields import Fields, header_block
from gateways.email.reading.headers import message_id, message_ids
from gateways.kit.text import clean_line

Outcome: TypeAlias = Literal["failed", "delayed", "delivered", "read"]

_MOST: Final = 200
_LONGEST_WORDS: Final = 1000
_LONGEST_TEXT: Final = 100_000
_OUTCOMES: Final[MappingProxyType[str, Outcome]] = MappingProxyType(
    {
        "failed": "failed",
        "failure": "failed",
        "delayed": "delayed",
        "delivered": "delivered",
        "relayed": "delivered",
        "expanded": "delivered",
    }
)
_READ: Final = frozenset({"displayed", "dispatched", "processed"})
_STATUS: Final = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_TYPED: Final = re.compile(r"^[a-z0-9-]+\s*;\s*", re.IGNORECASE)
_RETURNED_ID: Final = re.compile(rb"^message-id:[ \t\r\n]*<([^<>\r\n]{1,998})>", re.IGNORECASE | re.MULTILINE)
_RETURNED_KINDS: Final = frozenset(
    {"message/rfc822", "text/rfc822-headers", "message/global", "message/rfc822-headers"}
)

_QMAIL: Final = re.compile(
    r"this is the qmail-send program|i'm afraid i wasn't able to deliver your message|"
    r"^--- (?:below this line is|enclosed are) a copy of",
    re.IGNORECASE | re.MULTILINE,
)
_QMAIL_RECIPIENT: Final = re.compile(
    r"^<([^<>\s]{1,64}@[^<>\s]{1,250})>:?[ \t]*\n((?:[^\n]+\n?){1,12})", re.MULTILINE
)
_PERMANENT: Final = re.compile(
    r"permanent(?:ly)? (?:fatal )?(?:error|fail)|could not be delivered|delivery (?:has )?failed|"
    r"undeliverable|was not delivered|unable to deliver|did not reach|user unknown|"
    r"mailbox (?:unavailable|not found|full)|unrouteable address|no such user|unknown user|"
    r"returned to sender|не (?:было |может быть |удалось )?доставлен|не удалось доставить|"
    r"получатель не существует|ящик (?:не существует|переполнен|заблокирован)",
    re.IGNORECASE,
)
_DELAYED: Final = re.compile(
    r"has not (?:yet )?been delivered|will (?:keep|continue) trying|still trying|"
    r"delivery (?:is |has been )?delayed|message delayed|could not send message for past|"
    r"you do not need to resend|warning message only|"
    r"доставка (?:\w+ )?(?:задерж|отлож)|попытки доставки будут продолж",
    re.IGNORECASE,
)
_ADDRESS: Final = re.compile(r"[^\s<>()\[\]\"';:,]{1,64}@[^\s<>()\[\]\"';:,]{1,200}[^\s<>()\[\]\"';:,.]")


def reports(found: Sequence[tuple[str, bytes]]) -> tuple[Report, ...]:
    """Of the report parts of a mail; the mail that they speak of is looked for in the others."""
    returned = returned_id(found)
    told: list[Report] = []
    for kind, content in found:
        if kind.endswith("delivery-status"):
            told += _delivery(content, returned)
        elif kind == "message/disposition-notification":
            told += _disposition(content, returned)
    return tuple(told[:_MOST])


def returned_id(found: Sequence[tuple[str, bytes]]) -> str | None:
    """The Message-ID of the mail that came back, or of its headers."""
    for kind, content in found:
        if kind in _RETURNED_KINDS:
            fields, _ = header_block(content[: 64 * 1024], top=True)
            identity = message_id(fields)
            if identity:
                return identity
    return None


def _delivery(content: bytes, returned: str | None) -> list[Report]:
    """Groups of fields between blank lines: the first is of the whole mail, each other of one recipient."""
    told: list[Report] = []
    groups = re.split(rb"\r?\n[ \t]*\r?\n", content.strip(b"\r\n"))
    for group in groups[: _MOST + 1]:
        fields, _ = header_block(group)
        action = fields.text("action").lower().split(" ")[0].strip(";,.")
        status = _STATUS.search(fields.text("status"))
        outcome = _OUTCOMES.get(action) or _of_status(status[1] if status and not action else "")
        if outcome is None:
            continue
        told.append(
            Report(
                message_id=returned,
                recipient=_recipient(fields),
                outcome=outcome,
                status=status[1] if status else None,
                words=_words(fields),
            )
        )
    return told


def _of_status(status: str) -> Outcome | None:
    return {"5": "failed", "4": "delayed", "2": "delivered"}.get(status[:1])  # type: ignore[return-value]


def _recipient(fields: Fields) -> str | None:
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        written = _TYPED.sub("", fields.text(name)).strip(" <>")
        people = correspondents([written.encode("utf-8", "replace")])
        if people:
            return people[0].address
    return None


def _words(fields: Fields) -> str | None:
    written = fields.text("diagnostic-code") or fields.text("x-display-name") or fields.text("status")
    return clean_line(_TYPED.sub("", written), _LONGEST_WORDS) or None


def _disposition(content: bytes, returned: str | None) -> list[Report]:
    fields, _ = header_block(content.strip(b"\r\n"))
    disposition = fields.text("disposition").lower().partition(";")[2].strip()
    if disposition.partition("/")[0].strip() not in _READ:
        return []
    named = message_ids([fields.raw("original-message-id")])
    return [Report(named[0] if named else returned, _recipient(fields), "read", None, None)]


def plain_reports(text: str, fields: Fields, found: Sequence[tuple[str, bytes]]) -> tuple[Report, ...]:
    """Of a server that writes no delivery status: what it says in words. Ask only where a server wrote it."""
    text = text[:_LONGEST_TEXT]
    outcome: Outcome | None = (
        "delayed" if _DELAYED.search(text) else "failed" if _PERMANENT.search(text) else None
    )
    named = [person.address for person in correspondents(fields.every("x-failed-recipients"))]
    qmail = _QMAIL_RECIPIENT.findall(text) if _QMAIL.search(text) else []
    if named or qmail:
        outcome = outcome or "failed"
    if outcome is None:
        return ()
    mail = returned_id(found) or _id_in(text)
    if qmail:
        return tuple(_report(mail, address, outcome, words) for address, words in qmail[:_MOST])
    people = named or _ADDRESS.findall(text[:4000])[:1]
    about = _PERMANENT.search(text) or _DELAYED.search(text)
    words = text[max(0, about.start() - 200) : about.end() + 500] if about else text[:600]
    return tuple(_report(mail, address, outcome, words) for address in people[:_MOST] or [None])


def _report(mail: str | None, address: str | None, outcome: Outcome, words: str) -> Report:
    status = _STATUS.search(words)
    return Report(
        mail, address, outcome, status[1] if status else None, clean_line(words, _LONGEST_WORDS) or None
    )


def _id_in(text: str) -> str | None:
    """The Message-ID in a copy of our mail below the server's words."""
    found = _RETURNED_ID.search(text.encode("utf-8", "replace"))
    return found[1].decode("utf-8", "replace") if found else None
