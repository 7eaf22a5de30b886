"""The same fields by Python's `email` alone, as its documentation reads a mail: the measure beside ours."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses, parsedate_to_datetime
from hashlib import sha256
from typing import Any, Final


def plain_summary(raw: bytes) -> dict[str, Any]:
    """A field where it raises is not there."""
    found: dict[str, Any] = {}
    for name, answer in FIELDS.items():
        with suppress(Exception):  # that it raises is what is counted
            mail = message_from_bytes(raw, policy=default)
            assert isinstance(mail, EmailMessage)
            found[name] = answer(mail)
    return found


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain", "html"))
    return str(body.get_content()) if body else ""


def _people(mail: EmailMessage, name: str) -> list[dict[str, str] | None]:
    found = getaddresses([str(value) for value in mail.get_all(name, [])])
    return [{"name": words, "address": address} for words, address in found if address]


def _date(mail: EmailMessage) -> str | None:
    return parsedate_to_datetime(str(mail["date"])).isoformat() if mail["date"] else None


def _identity(written: object) -> str:
    return str(written or "").strip().strip("<>")


def _file(part: Any) -> dict[str, Any]:
    content = part.get_payload(decode=True) or b""
    return {"name": part.get_filename(), "size": len(content), "sha256": sha256(content).hexdigest()}


FIELDS: Final[dict[str, Callable[[EmailMessage], Any]]] = {
    "sender": lambda mail: (_people(mail, "from") or [None])[0],
    "to": lambda mail: _people(mail, "to"),
    "cc": lambda mail: _people(mail, "cc"),
    "reply_to": lambda mail: _people(mail, "reply-to"),
    "subject": lambda mail: str(mail["subject"] or ""),
    "date": _date,
    "text": _text,
    "message_id": lambda mail: _identity(mail["message-id"]),
    "in_reply_to": lambda mail: [_identity(word) for word in str(mail["in-reply-to"] or "").split()],
    "references": lambda mail: [_identity(word) for word in str(mail["references"] or "").split()],
    "attachments": lambda mail: [_file(part) for part in mail.walk() if part.get_filename()],
}
