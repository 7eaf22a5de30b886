"""A mail as plain data, for whoever wants to see what reading makes of it."""

from __future__ import annotations

from dataclasses import asdict
from hashlib import sha256
from typing import Any

from gateways.email.mail import Attached, Mail
from shared.contract.content import Address


def summary(mail: Mail) -> dict[str, Any]:
    """JSON-able; times in ISO 8601, files by size and hash."""
    return {
        "sender": _person(mail.sender),
        "reply_to": _people(mail.reply_to),
        "to": _people(mail.to),
        "cc": _people(mail.cc),
        "subject": mail.subject,
        "date": mail.date.isoformat() if mail.date else None,
        "message_id": mail.message_id,
        "in_reply_to": list(mail.in_reply_to),
        "references": list(mail.references),
        "text": mail.text,
        "html": mail.html,
        "reply_text": mail.reply_text,
        "quoted_text": mail.quoted_text,
        "signature": mail.signature,
        "kind": mail.kind,
        "attachments": [_file(file) for file in mail.attachments],
        "reports": [asdict(report) for report in mail.reports],
        "invitation": asdict(mail.invitation) if mail.invitation else None,
        "protection": mail.protection,
        "list_id": mail.list_id,
        "looped": mail.looped,
        "delivered_to": list(mail.delivered_to),
        "dmarc": mail.dmarc,
        "remote_content": mail.remote_content,
        "defects": list(mail.defects),
    }


def _people(people: tuple[Address, ...]) -> list[dict[str, str | None] | None]:
    return [_person(person) for person in people]


def _person(person: Address | None) -> dict[str, str | None] | None:
    return {"name": person.name, "address": person.address} if person else None


def _file(file: Attached) -> dict[str, Any]:
    """`name` is as the sender wrote it; `saved_as` as every system may save it."""
    return {
        "name": file.written_name or file.name,
        "saved_as": file.name,
        "type": file.mime_type,
        "size": len(file.content),
        "sha256": sha256(file.content).hexdigest(),
        "inline": file.inline,
        "content_id": file.content_id,
    }
