"""The mails that we make: headers, two texts, quoted words, files; and nothing that looks like a header."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import pytest

from gateways.email import mime, names, render
from gateways.email.describe import account_named
from gateways.email.mail import MARK
from gateways.email.mime import Loaded
from gateways.email.thread import Last, Thread
from shared.clock import SystemClock
from shared.contract.content import Address, Content, Document, File, Image, Letter, Text
from shared.contract.ids import dialog_id
from shared.contract.outbound import SendMessage
from shared.contract.people import DialogRef
from shared.failure import Rejected

pytestmark = pytest.mark.feature("MS1")

KEY = b"k" * 32
NAME = names.own_id(KEY, UUID(int=7), "shop.example")
LAST = Last(
    name="q1@mail.example", references=("q0@mail.example", "q1@mail.example"), address="anna@mail.example",
    person="Анна", at=1_795_255_920_000_000, text="How much?\n> before\n", answer_to="anna@mail.example",
    cc=(("boris@mail.example", "Boris"), ("support+t-x@shop.example", None), ("bad address", None)),
    subject="A question",
)  # fmt: skip
THREAD = Thread("q0", "t" * 24, "anna@mail.example", "A question", "a question", 0, LAST)
ACCOUNT = account_named("main")


def message(content: Content | str = "Ten", **known: Any) -> SendMessage:
    said = Content(parts=(Text(text=content),)) if isinstance(content, str) else content
    ref = DialogRef(dialog_id=dialog_id("email", "main", "q0"), channel="email", account="main", chat="q0")
    now = SystemClock().now()
    blank = {
        "dialog": ref, "not_after": now, "message_id": UUID(int=7), "content": said, "created_at": now,
        "author_name": "Olga",
    }  # fmt: skip
    return SendMessage.model_validate(blank | known)


def made(sent: SendMessage, thread: Thread = THREAD, **account: Any) -> EmailMessage:
    composed = render.compose(sent, ACCOUNT.model_copy(update=account), thread, NAME)
    pictures = [Loaded(file, b"picture") for file in composed.pictures]
    files = [Loaded(file, b"file") for file in composed.files]
    raw = mime.mail_of(composed, pictures, files).raw
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    return message_from_bytes(raw, policy=policy.default)


def texts(mail: EmailMessage) -> tuple[str, str]:
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    return str(plain.get_content()).replace("\r\n", "\n"), str(html.get_content())


def test_the_headers_of_an_answer() -> None:
    mail = made(message())
    assert mail["From"] == '"Olga, Shop" <support@shop.example>'
    assert mail["To"] == "Анна <anna@mail.example>"
    assert mail["Cc"] == "Boris <boris@mail.example>"
    assert mail["Subject"] == "Re: A question"
    assert mail["Message-ID"] == f"<{NAME}>"
    assert mail["In-Reply-To"] == "<q1@mail.example>"
    assert mail["References"].split() == ["<q0@mail.example>", "<q1@mail.example>"]
    assert mail["Reply-To"] is None
    assert mail["Auto-Submitted"] is None


def test_long_names_stand_in_headers_as_they_are() -> None:
    """The library makes encoded words of what does not fit into a line."""
    long = [f"{'x' * 200}{number}@mail.example" for number in range(20)]
    last = Last(name=long[-1], references=tuple(long), address="a@b.example", answer_to="a@b.example")
    mail = made(message(), Thread("c", "t" * 24, "a@b.example", "", "", 0, last))
    assert mail["References"].split() == [f"<{one}>" for one in long]
    assert mail["In-Reply-To"] == f"<{long[-1]}>"


def test_two_texts_the_signature_and_the_quoted_words() -> None:
    plain, html = texts(
        made(
            message(Content(parts=(Text(text="Ten *roubles* <b>", format="marks"),))),
            signature="{name}\nShop",
        )
    )
    assert plain.startswith("Ten roubles <b>\n\n-- \nOlga\nShop\n\nOn Sat, Nov 21, 2026 at ")
    assert "Анна <anna@mail.example> wrote:\n> How much?\n>> before\n" in plain
    assert "Ten <b>roubles</b> &lt;b&gt;" in html
    assert '<blockquote class="gmail_quote"' in html
    plain, _ = texts(made(message(), language="ru", time_zone="Europe/Moscow"))
    assert "сб, 21 нояб. 2026 г. в 13:12, Анна <anna@mail.example>:\n> How much?" in plain


def test_files_and_pictures() -> None:
    picture = Image(file=File(attachment_id=UUID(int=1), name="кот.png", mime_type="image/png"))
    bill = Document(file=File(attachment_id=UUID(int=2), name="счёт.pdf", mime_type="application/pdf"))
    odd = Document(file=File(attachment_id=UUID(int=3), name="x.eml", mime_type="message/rfc822"))
    mail = made(message(Content(parts=(Text(text="Here"), picture, bill, odd))))
    attached = list(mail.iter_attachments())
    assert [one.get_filename() for one in attached] == ["счёт.pdf", "x.eml"]
    assert [one.get_content_type() for one in attached] == ["application/pdf", "application/octet-stream"]
    (shown,) = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    assert shown["Content-ID"] == f"<{UUID(int=1)}@picture>"
    assert shown.get_content_disposition() == "inline"
    assert f'src="cid:{UUID(int=1)}@picture"' in texts(mail)[1]


def test_a_mail_of_a_program_says_so() -> None:
    mail = made(message(origin="bot"))
    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"], mail[MARK]) == (
        "auto-replied",
        "All",
        "yes",
    )
    first = Thread("c", "t" * 24, "a@b.example", "", "", 0, Last(answer_to="a@b.example"))
    assert made(message(origin="system"), first)["Auto-Submitted"] == "auto-generated"


def test_the_address_by_which_answers_are_known() -> None:
    assert made(message(), plus_addressing=True)["Reply-To"] == f"support+t-{'t' * 24}@shop.example"


def test_copies_are_kept_by_setting_and_named_by_the_operator() -> None:
    assert made(message(), keep_cc=False)["Cc"] is None
    named = Content(parts=(Text(text="x"),), cc=(Address(address="c@d.example"),))
    assert made(message(named))["Cc"] == "c@d.example"


def test_what_a_clients_program_wrote_is_made_clean() -> None:
    last = Last(
        name="q1@mail.example", address="anna@mail.example", person="Anna\r\nBcc: x@y.example",
        answer_to="anna@mail.example", subject="Hello\r\nBcc: x@y.example\x00", text="x",
    )  # fmt: skip
    mail = made(message(), Thread("c", "t" * 24, "anna@mail.example", "", "", 0, last))
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Re: Hello Bcc: x@y.example\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (Content(parts=(Text(text="x" * 50_001),)), "text_too_long"),
        (Content(parts=(Text(text="x"),), subject="a\nb"), "bad_subject"),
        (Content(parts=(Text(text="x"),), cc=(Address(address="nobody"),)), "bad_address"),
        (
            Content(letter=Letter(to=tuple(Address(address=f"a{n}@b.example") for n in range(60)))),
            "too_many_recipients",
        ),
        (
            Content(parts=(Document(file=File(attachment_id=UUID(int=1), size_bytes=19 * 1024 * 1024)),)),
            "too_big",
        ),
    ],
)
def test_what_cannot_be_sent_is_said_before(content: Content, code: str) -> None:
    with pytest.raises(Rejected) as refused:
        render.compose(message(content), ACCOUNT, THREAD, NAME)
    assert refused.value.code == code


def test_an_answer_to_an_address_that_is_none() -> None:
    nobody = Thread("c", "t" * 24, "x", "", "", 0, Last(answer_to="unknown:12"))
    with pytest.raises(Rejected) as refused:
        render.compose(message(), ACCOUNT, nobody, NAME)
    assert refused.value.code == "no_recipient"
