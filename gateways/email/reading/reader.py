"""Raw bytes of a mail to a `Mail`: pure, and without any other failure than `UnreadableMail`.

    prescan ──▶ structure ──▶ parts ─┬─▶ words: new, quoted, signature
                                     ├─▶ HTML to show, files, invitation
                   headers ──────────┴─▶ who, when, why: kind, reports, verdict

Whoever reads mails of strangers does it in a `ReadingRoom`: a bug here, or in a library, takes a process.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection

from gateways.email.mail import MARK, Attached, Mail, Report, UnreadableMail
from gateways.email.reading import automatic, headers
from gateways.email.reading.alignment import informed
from gateways.email.reading.correspondents import correspondents
from gateways.email.reading.fields import Fields
from gateways.email.reading.html import as_html
from gateways.email.reading.html_words import Line
from gateways.email.reading.invitations import invitation
from gateways.email.reading.parts import Contents, Piece
from gateways.email.reading.prescan import prescan, refusal
from gateways.email.reading.quoted import split
from gateways.email.reading.reports import plain_reports, reports
from gateways.email.reading.structure import structure
from shared.contract.content import Address, LetterKind

__all__ = ["UnreadableMail", "read"]


def read(raw: bytes, *, believed: Collection[str] = ()) -> Mail:
    """`believed`: the servers (authserv-ids) whose Authentication-Results count."""
    try:
        return _read(raw, believed)
    except UnreadableMail:
        raise
    except MemoryError:
        raise refusal("memory") from None
    except Exception as error:  # our bug: the operator gets the raw mail, and the log says where
        raise refusal("bug") from error


def _read(raw: bytes, believed: Collection[str]) -> Mail:
    prescan(raw)
    root = structure(raw)
    contents = Contents()
    contents.take(root, top=True)
    fields = root.fields
    subject = headers.subject(fields)
    sender = _sender(fields)
    lines = _lines(contents.pieces)
    text = "\n".join(line.text for line in lines)
    told, kind = _kind(contents, fields, sender, subject, root.content_type.token("report-type"), text)
    parted = split(lines, subject)
    return Mail(
        kind=kind,
        sender=sender,
        reply_to=correspondents(fields.every("reply-to")),
        to=correspondents(fields.every("to")),
        cc=correspondents(fields.every("cc")),
        subject=subject,
        date=headers.date(fields),
        message_id=headers.message_id(fields),
        in_reply_to=headers.message_ids(fields.every("in-reply-to")),
        references=headers.message_ids(fields.every("references")),
        text=text,
        html=_html(contents),
        remote_content=contents.remote_content,
        reply_text=parted.reply,
        quoted_text=parted.quoted,
        signature=parted.signature,
        attachments=_attachments(contents),
        reports=told,
        invitation=invitation(contents.calendars) if contents.calendars else None,
        protection=contents.protection,
        list_id=headers.list_id(fields),
        looped=fields.has(MARK.lower()),
        delivered_to=headers.delivered_to(fields),
        dmarc=headers.dmarc(fields, believed),
        defects=_defects(contents, fields),
    )


def _sender(fields: Fields) -> Address | None:
    for name in ("from", "sender", "reply-to"):
        people = correspondents(fields.every(name))
        if people:
            return people[0]
    return None


def _lines(pieces: list[Piece]) -> list[Line]:
    """With the roles that the HTML knows, and a blank line between two pieces."""
    lines: list[Line] = []
    for piece in pieces:
        if lines and not piece.blank:
            lines.append(Line(""))
        lines += informed(piece.lines, piece.html_lines) if piece.html_lines else piece.lines
    return lines


def _kind(
    contents: Contents, fields: Fields, sender: Address | None, subject: str, report_type: str, text: str
) -> tuple[tuple[Report, ...], LetterKind]:
    told = reports(contents.reports)
    if (
        not told
        and report_type != "disposition-notification"
        and automatic.may_be_bounce(fields, sender, subject)
    ):
        told = plain_reports(text, fields, contents.reports)
    return told, automatic.kind_of(fields, sender, subject, told, report_type)


def _html(contents: Contents) -> str | None:
    """None where nothing of the mail is HTML; plain words between HTML keep their place."""
    if all(piece.html is None for piece in contents.pieces):
        return None
    shown = [
        piece.html if piece.html is not None else as_html("\n".join(line.text for line in piece.lines))
        for piece in contents.pieces
    ]
    return "\n".join(markup for markup in shown if markup)


def _attachments(contents: Contents) -> tuple[Attached, ...]:
    """In place are those that the HTML shows, each content id once."""
    seen: set[str] = set()
    files: list[Attached] = []
    for file in contents.files:
        identity = file.content_id
        inline = identity is not None and identity in contents.content_ids and identity not in seen
        if inline and identity is not None:
            seen.add(identity)
        files.append(dataclasses.replace(file, inline=inline))
    return tuple(files)


def _defects(contents: Contents, fields: Fields) -> tuple[str, ...]:
    found = list(contents.defects)
    if not fields.rows:
        found.append("no headers")
    if fields.has("date") and headers.date(fields) is None:
        found.append("its date cannot be read")
    if fields.has("from") and not correspondents(fields.every("from")):
        found.append("its sender has no address")
    return tuple(dict.fromkeys(found))[:20]
