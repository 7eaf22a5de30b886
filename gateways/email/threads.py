"""Which thread a mail belongs to, and what an operator is told about that. Pure.

our token behind a plus           joins
it answers a Message-ID of ours   joins: nobody guesses one
it answers another one            joins if its sender belongs to that thread
an answer by its subject alone    joins its own sender's thread of the last 14 days, unless the sender is
                                  forged; never a thread of somebody else
else                              begins a thread, whose name is its Message-ID

Who writes into a thread for the first time from an address that did not begin it is marked `other_sender`.
The answer of an operator goes to whoever wrote last.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from gateways.email import names, subjects
from gateways.email.mail import Mail
from gateways.email.thread import (
    REFERENCES,
    Arrived,
    Filed,
    Known,
    Last,
    Mailbox,
    Placed,
    Thread,
    chained,
    named,
)
from shared.contract.content import LetterMark

DAY: Final = 86_400_000_000
SAME_SUBJECT: Final = 14 * DAY
OLD: Final = 30 * DAY
QUOTED: Final = 8_000
"""Characters of the last mail that are kept for quoting."""
PARTICIPANTS: Final = 50


def place(arrived: Arrived, known: Known, box: Mailbox) -> Placed:
    """The thread of a mail that is not known yet; `known` learns it."""
    chat = _joins(arrived, known, box)
    joined = chat is not None
    thread = known.threads[chat] if chat is not None else _begun(arrived, known, box)
    marks = tuple(_marks(arrived, known, thread, joined=joined))
    if arrived.name is not None:
        known.file(arrived.name, Filed(thread.chat))
    for name in _ends(arrived.mail):
        known.file(names.bounded(name), Filed(thread.chat))
    if arrived.by_person or not joined:
        _take_part(arrived, known, thread.chat, box)
    thread = _after(arrived, thread)
    known.change(thread)
    return Placed(thread, joined, marks)


def asked_names(arrived: Arrived) -> Iterator[str]:
    """The Message-IDs that placing it asks for, as keys."""
    if arrived.name is not None:
        yield arrived.name
    for name in answered(arrived.mail):
        yield names.bounded(name)


def answered(mail: Mail) -> Iterator[str]:
    """What it is about, the surest first: reports, In-Reply-To, References from the last."""
    yield from (report.message_id for report in mail.reports if report.message_id)
    yield from mail.in_reply_to[:REFERENCES]
    yield from reversed(mail.references[-REFERENCES:])


def tokens(arrived: Arrived, box: Mailbox) -> list[str]:
    mail = arrived.mail
    addresses = [*mail.delivered_to, *(one.address for one in (*mail.to, *mail.cc))]
    return names.tokens_in(box.address, addresses)


def _joins(arrived: Arrived, known: Known, box: Mailbox) -> str | None:
    by_token = {thread.token: thread.chat for thread in known.threads.values()}
    for token in tokens(arrived, box):
        if token in by_token:
            return by_token[token]
    for name in answered(arrived.mail):
        filed = known.mails.get(names.bounded(name))
        if filed and (filed.ours or arrived.outside or (filed.chat, arrived.sender) in known.participants):
            return filed.chat
    filed = known.mails.get(arrived.name or "")
    if filed and (filed.chat, arrived.sender) in known.participants and not filed.ours:
        return filed.chat
    return _by_subject(arrived, known)


def _by_subject(arrived: Arrived, known: Known) -> str | None:
    """A thread of its own sender's, for an answer whose references somebody lost."""
    mail = arrived.mail
    bare = subjects.bare(mail.subject)
    if not arrived.by_person or mail.dmarc == "fail" or not bare or not _looks_like_answer(mail):
        return None
    same = [
        thread
        for thread in known.threads.values()
        if (thread.client, thread.bare_subject) == (arrived.sender, bare)
        and abs(arrived.at - thread.last_at) < SAME_SUBJECT
    ]
    return max(same, key=lambda thread: thread.last_at).chat if same else None


def _looks_like_answer(mail: Mail) -> bool:
    return subjects.answers(mail.subject) or bool(mail.in_reply_to or mail.references)


def _begun(arrived: Arrived, known: Known, box: Mailbox) -> Thread:
    mail, name = arrived.mail, arrived.name
    chat = name if name and name not in known.mails and name not in known.threads else arrived.identity
    client = arrived.sender
    if arrived.outside:
        client = next((one.address.lower()[:320] for one in mail.to), client)
    return Thread(
        chat,
        names.token_of(box.key, chat),
        client,
        mail.subject[:400],
        subjects.bare(mail.subject),
        arrived.at,
        Last(answer_to=client, subject=mail.subject[:400], address=client),
    )


def _marks(arrived: Arrived, known: Known, thread: Thread, *, joined: bool) -> Iterator[LetterMark]:
    mail = arrived.mail
    if mail.dmarc == "fail":
        yield "forged_sender"
    if not joined or not arrived.by_person or arrived.outside:
        return
    sender = arrived.sender
    if sender != thread.client and not known.participants.get((thread.chat, sender)):
        yield "other_sender"
    if subjects.bare(mail.subject) not in ("", thread.bare_subject):
        yield "new_subject"
    if arrived.at - thread.last_at > OLD:
        yield "old_conversation"


def _take_part(arrived: Arrived, known: Known, chat: str, box: Mailbox) -> None:
    """Who wrote belongs to the thread, and whom they wrote to."""
    if not arrived.outside:
        known.join(chat, arrived.sender, wrote=True)
    others = [one.address.lower()[:320] for one in (*arrived.mail.to, *arrived.mail.cc)]
    for address in others[:PARTICIPANTS]:
        if not names.is_ours(box.address, address):
            known.join(chat, address, wrote=False)


def _ends(mail: Mail) -> Iterator[str]:
    """What a mail names beside itself and is filed with it: what it answers, and where the thread began."""
    yield from mail.in_reply_to[:1]
    yield from mail.references[:1]
    yield from mail.references[-1:]


def _after(arrived: Arrived, thread: Thread) -> Thread:
    """The thread with this mail as its last."""
    mail, last = arrived.mail, thread.last
    if not arrived.by_person:
        return thread
    at = max(thread.last_at, arrived.at)
    references = _chain(mail.references, mail.message_id)
    if arrived.outside:
        new = replace(last, references=references, name=last.name or named(mail.message_id))
        return replace(thread, last_at=at, last=new)
    bare = subjects.bare(mail.subject)
    subject = mail.subject[:400] or thread.subject
    new = Last(
        name=named(mail.message_id),
        references=references,
        address=arrived.sender,
        person=mail.sender.name if mail.sender else None,
        at=arrived.at,
        text=mail.text[:QUOTED],
        cc=_others(mail),
        answer_to=_answer_to(arrived),
        subject=subject,
    )
    return replace(thread, last_at=at, last=new, subject=subject, bare_subject=bare or thread.bare_subject)


def _chain(references: tuple[str, ...], name: str | None) -> tuple[str, ...]:
    chain: tuple[str, ...] = ()
    for one in (*references, name):
        chain = chained(chain, named(one))
    return chain


def _answer_to(arrived: Arrived) -> str:
    reply_to = arrived.mail.reply_to
    return (reply_to[0].address if reply_to else arrived.sender)[:320]


def _others(mail: Mail) -> tuple[tuple[str, str | None], ...]:
    """Who else got it."""
    return tuple((one.address[:320], one.name) for one in (*mail.to, *mail.cc)[:PARTICIPANTS])
