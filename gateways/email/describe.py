"""E-mail's translations by themselves: a raw mail as a summary and as facts, and our message as a mail.

There is no database here: every mail begins a thread, and every answer of ours goes to Anna, who wrote once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from gateways.email import mime, names, parse, render, subjects
from gateways.email.accounts import EmailAccount
from gateways.email.keeping import kept
from gateways.email.loops import by_program
from gateways.email.mail import UnreadableMail
from gateways.email.mime import Loaded
from gateways.email.parse import Coming
from gateways.email.thread import Arrived, Known, Last, Mailbox, Thread
from gateways.email.threads import place
from gateways.email.verdicts import judged
from gateways.kit.http import Answer
from gateways.kit.spool import SpoolRow
from gateways.kit.translation import Translation
from shared.contract.content import File
from shared.contract.envelope import Data, Envelope
from shared.contract.outbound import SendMessage
from shared.db.types import to_micros
from shared.failure import Rejected

ADDRESS: Final = "support@shop.example"
CLIENT: Final = "anna@mail.example"
_KEY: Final = bytes(32)


def account_named(slug: str) -> EmailAccount:
    """An account as the command line takes it for granted."""
    return EmailAccount(
        slug=slug, name="Shop", address=ADDRESS, imap_host="imap.shop.example", smtp_host="smtp.shop.example"
    )


def summary(raw: bytes) -> Mapping[str, Any]:
    """What a raw mail says, field by field."""
    from gateways.email.reading.reader import read  # noqa: PLC0415  # its libraries are installed for e-mail alone
    from gateways.email.reading.summary import summary as summed_up  # noqa: PLC0415  # as above

    try:
        return summed_up(read(raw))
    except UnreadableMail as error:
        return {"kind": "unreadable", "reason": error.reason, "words": str(error)}


def parse_payload(raw: bytes, account: str, at: datetime) -> Sequence[SpoolRow]:
    """The facts of one raw mail that came to a mailbox without any threads."""
    from gateways.email.reading.reader import read  # noqa: PLC0415  # as above

    coming = Coming(account, at)
    try:
        mail = read(raw, believed=("mx.shop.example",))
    except UnreadableMail as error:
        identity = parse.unreadable_identity(raw)
        nothing = kept(account, identity, raw, None)
        return [parse.unreadable(nothing, identity, str(error), to_micros(at), coming)]
    name = names.bounded(mail.message_id) if mail.message_id else None
    identity = parse.identity_of(mail, name)
    arrived = Arrived(mail, identity, name, to_micros(mail.date or at))
    ours = ((report, names.message_of(_KEY, report.message_id or "")) for report in mail.reports)
    reports = [parse.delivery(report, message, "told", coming) for report, message in ours if message]
    if told := [row for row in reports if row is not None]:
        return told
    placed = place(arrived, Known(), Mailbox(account, ADDRESS, _KEY))
    technical = Coming(account, at, technical=by_program(mail, account_named("main")))
    return [parse.message(arrived, placed, kept(account, identity, raw, mail), technical)]


def render_message(act: Envelope[Data]) -> Sequence[Mapping[str, Any]]:
    """The mail that an act becomes, as plain data, and its bytes once its files are empty."""
    message = act.data
    if not isinstance(message, SendMessage):
        raise Rejected("not_possible", f"A mail has no {act.type}.")
    account = account_named("main")
    name = names.own_id(_KEY, message.message_id, account.domain)
    composed = render.compose(message, account, _thread(message), name)
    mime.mail_of(composed, _empty(composed.pictures), _empty(composed.files))
    return [composed.shown()]


def judge(answer: Answer) -> tuple[str, ...]:
    """What an SMTP server's answer means: its code as status, its words as body."""
    words = answer.body.decode("utf-8", "replace")
    if 200 <= answer.status < 300:
        return (ours(UUID(int=7)),)
    raise judged(answer.status, words)


def _thread(message: SendMessage) -> Thread:
    """Anna's, who asked what something costs; or a new one, where the message says whom it goes to."""
    chat, at = message.dialog.chat, to_micros(message.created_at)
    if message.content.letter is not None and message.content.letter.to:
        last, subject = Last(answer_to=message.content.letter.to[0].address), message.content.subject or ""
    else:
        subject = "A question"
        last = Last(
            name="q1@mail.example", references=("q1@mail.example",), address=CLIENT, person="Anna", at=at,
            text="How much is it?", answer_to=CLIENT, subject=subject,
        )  # fmt: skip
    return Thread(chat, names.token_of(_KEY, chat), last.answer_to, subject, subjects.bare(subject), at, last)


def _empty(files: Sequence[File]) -> list[Loaded]:
    return [Loaded(file, b"") for file in files]


def ours(message: UUID) -> str:
    """The Message-ID that a message of ours has here."""
    return names.own_id(_KEY, message, "shop.example")


TRANSLATION: Final = Translation(parse_payload, render_message, judge, summary=summary)
