"""People and programs: what may be answered, what is an answer of a machine, what came back."""

import pytest

from gateways.email.mail import Mail, Report
from gateways.email.reading.reader import read
from shared.contract.content import LetterKind
from tests.support.letters import letter, letter_of, part

pytestmark = pytest.mark.feature("CH11", "MS9")

KINDS: dict[str, tuple[dict[str, str | bytes], LetterKind]] = {
    "a person": ({}, "message"),
    "a person who answers": ({"In-Reply-To": "<1@x>", "Subject": "Re: Заказ"}, "message"),
    "a person who is out": ({"Subject": "Out of office supplies"}, "message"),
    "a person with an automatic subject": ({"Subject": "Автоответ: не приходит"}, "message"),
    "auto-replied": ({"Auto-Submitted": "auto-replied (vacation)"}, "auto_reply"),
    "auto-submitted: no": ({"Auto-Submitted": "no"}, "message"),
    "generated": ({"Auto-Submitted": "auto-generated"}, "bulk"),
    "generated in answer": ({"Auto-Submitted": "auto-generated", "In-Reply-To": "<1@x>"}, "auto_reply"),
    "exchange": (
        {"X-Auto-Response-Suppress": "All", "Subject": "Автоматический ответ: Заказ"},
        "auto_reply",
    ),
    "suppressed": ({"X-Auto-Response-Suppress": "DR, RN, OOF, AutoReply"}, "bulk"),
    "autoreply": ({"X-Autoreply": "yes"}, "auto_reply"),
    "autorespond": ({"X-Autorespond": "Re: a"}, "auto_reply"),
    "autoreply: no": ({"X-Autoreply": "no"}, "message"),
    "precedence": ({"Precedence": "Bulk"}, "bulk"),
    "precedence of an answer": ({"Precedence": "auto_reply"}, "auto_reply"),
    "old vacation": ({"Precedence": "bulk", "Subject": "Out of Office: Re: Order"}, "auto_reply"),
    "list": ({"List-Id": "News <news.example.org>"}, "bulk"),
    "list that lets go": ({"List-Unsubscribe": "<mailto:off@example.org>"}, "bulk"),
    "list with an automatic subject": ({"List-Id": "<a.b>", "Subject": "Automatic reply"}, "bulk"),
    "no return": ({"Return-Path": "<>"}, "auto_reply"),
    "return": ({"Return-Path": "<anna@example.org>"}, "message"),
}


@pytest.mark.parametrize("name", KINDS)
def test_kinds(name: str) -> None:
    headers, kind = KINDS[name]
    assert read(letter(headers=headers)).kind == kind


def test_a_mail_with_our_mark_has_come_round() -> None:
    assert read(letter(headers={"x-switchboard-AUTO": "1"})).looped
    assert not read(letter()).looped


def test_the_list_is_named() -> None:
    assert read(letter(headers={"List-Id": "Новости <news.example.org>"})).list_id == "news.example.org"


RETURNED = b"Message-ID: <ours-1@example.com>\r\nSubject: Order\r\n\r\nhello"
STATUS = """Reporting-MTA: dns; mx.example.org

Original-Recipient: rfc822;anna@example.org
Final-Recipient: rfc822;anna@mail.example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 no such
 user
"""


def delivery(action: str, status: str, *, returned: bytes = RETURNED, kind: str = "message/rfc822") -> Mail:
    return read(
        letter_of(
            "report",
            part("Не доставлено"),
            part(STATUS.format(action=action, status=status), "message/delivery-status"),
            part(returned, kind),
            headers={"From": "MAILER-DAEMON@mx.example.org", "Return-Path": "<>"},
            parameters="; report-type=delivery-status",
        )
    )


@pytest.mark.parametrize(
    ("action", "status", "kind", "outcome"),
    [
        ("failed", "5.1.1", "bounce", "failed"),
        ("FAILED (no mailbox)", "5.1.1", "bounce", "failed"),
        ("delayed", "4.4.1", "delay", "delayed"),
        ("delivered", "2.0.0", "delivery_receipt", "delivered"),
        ("relayed", "2.0.0", "delivery_receipt", "delivered"),
        ("", "5.0.0", "bounce", "failed"),
        ("", "4.0.0", "delay", "delayed"),
    ],
)
def test_delivery_reports(action: str, status: str, kind: str, outcome: str) -> None:
    mail = delivery(action, status)
    assert mail.kind == kind
    (report,) = mail.reports
    assert (report.message_id, report.recipient, report.outcome, report.status, report.words) == (
        "ours-1@example.com",
        "anna@example.org",
        outcome,
        status,
        "550 5.1.1 no such user",
    )
    assert mail.text.strip() == "Не доставлено"
    assert len(mail.attachments) == 2


def test_only_the_headers_came_back() -> None:
    (report,) = delivery(
        "failed", "5.1.1", returned=RETURNED.partition(b"\r\n\r\n")[0], kind="text/rfc822-headers"
    ).reports
    assert report.message_id == "ours-1@example.com"


def test_one_mail_several_recipients() -> None:
    first = "Final-Recipient: rfc822; a@x\nAction: delivered\n"
    second = "Final-Recipient: rfc822; b@x\nAction: failed\n"
    status = f"Reporting-MTA: dns; x\n\n{first}\n{second}"
    mail = read(
        letter_of(
            "report",
            part("x"),
            part(status, "message/delivery-status"),
            parameters="; report-type=delivery-status",
        )
    )
    assert mail.kind == "bounce"
    assert [(report.recipient, report.outcome) for report in mail.reports] == [
        ("a@x", "delivered"),
        ("b@x", "failed"),
    ]


def receipt(disposition: str) -> Mail:
    status = (
        "Final-Recipient: rfc822;anna@example.org\nOriginal-Message-ID: <ours-2@example.com>\n"
        f"Disposition: {disposition}\n"
    )
    return read(
        letter_of(
            "report",
            part("Прочитано"),
            part(status, "message/disposition-notification"),
            parameters="; report-type=disposition-notification",
        )
    )


def test_read_receipts() -> None:
    mail = receipt("manual-action/MDN-sent-manually; displayed")
    assert mail.kind == "read_receipt"
    assert mail.reports == (Report("ours-2@example.com", "anna@example.org", "read"),)
    deleted = receipt("automatic-action/MDN-sent-automatically; deleted")
    assert (deleted.kind, deleted.reports) == ("read_receipt", ())


QMAIL = """Hi. This is the qmail-send program at example.org.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<anna@example.org>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Return-Path: <desk@example.com>
Message-ID: <ours-3@example.com>
Subject: Order
"""
EXIM = """This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its recipients.

  anna@example.org
    host mx.example.org: 550 5.1.1 user unknown

------ This is a copy of the message, including all the headers. ------

Message-ID: <ours-4@example.com>
"""
DELAY = """THIS IS A WARNING MESSAGE ONLY.  YOU DO NOT NEED TO RESEND YOUR MESSAGE.
anna@example.org... Deferred: Connection timed out
"""
RUSSIAN = """Ваше сообщение не может быть доставлено.
<anna@example.org>: 550 5.1.1 ящик не существует
"""


@pytest.mark.parametrize(
    ("text", "headers", "kind", "message_id"),
    [
        (QMAIL, {"From": "MAILER-DAEMON@example.org"}, "bounce", "ours-3@example.com"),
        (EXIM, {"From": "system@x", "X-Failed-Recipients": "anna@example.org"}, "bounce",
         "ours-4@example.com"),
        (DELAY, {"From": "Mail Delivery Subsystem <MAILER-DAEMON@x>"}, "delay", None),
        (RUSSIAN, {"From": "MAILER-DAEMON (Mail Delivery System)"}, "bounce", None),
        (RUSSIAN, {"From": "no-reply@x", "Return-Path": "<>", "Subject": "Недоставленное"}, "bounce", None),
    ],
)  # fmt: skip
def test_bounces_that_follow_no_rule(
    text: str, headers: dict[str, str | bytes], kind: str, message_id: str | None
) -> None:
    mail = read(letter(text, headers=headers))
    assert mail.kind == kind
    (report,) = mail.reports
    assert (report.recipient, report.message_id) == ("anna@example.org", message_id)
    if kind == "bounce":
        assert report.status == "5.1.1"


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("Моё письмо вам не доставлено? Delivery failed, user unknown.", "Delivery failure"),
        (QMAIL, "Undelivered mail"),
        ("> could not be delivered\nЧто это значит?", "Re: Returned mail"),
    ],
)
def test_a_person_may_speak_of_bounces(text: str, subject: str) -> None:
    mail = read(letter(text, headers={"Subject": subject}))
    assert (mail.kind, mail.reports) == ("message", ())


def test_words_of_a_server_that_nobody_understands_are_a_bounce() -> None:
    headers: dict[str, str | bytes] = {
        "From": "Mailer-Daemon@x",
        "Subject": "Delivery Status Notification (Failure)",
    }
    mail = read(letter("Ei onnistunut.", headers=headers))
    assert (mail.kind, mail.reports) == ("bounce", ())


def test_a_report_that_nobody_reads_is_a_bounce_without_words() -> None:
    mail = read(
        letter_of(
            "report",
            part("x"),
            part("garbage", "message/delivery-status"),
            parameters="; report-type=delivery-status",
        )
    )
    assert (mail.kind, mail.reports) == ("bounce", ())
