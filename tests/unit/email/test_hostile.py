"""Mails that want to break whoever reads them: each is refused for its reason or read, and soon."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateways.email.mail import Mail, UnreadableMail
from gateways.email.reading.prescan import REFUSALS
from gateways.email.reading.reader import read
from tests.support.letters import letter, letter_of, multipart, part

pytestmark = pytest.mark.feature("CH11")

SECONDS = 1.5
"""Of the processor; most take a hundredth of it."""


def nested_multiparts(depth: int) -> bytes:
    head, tail = b"", b""
    for level in range(depth):
        mark = b"b%d" % level
        head += b'Content-Type: multipart/mixed; boundary="' + mark + b'"\r\n\r\n--' + mark + b"\r\n"
        tail = b"\r\n--" + mark + b"--\r\n" + tail
    return b"From: a@example.org\r\n" + head + b"Content-Type: text/plain\r\n\r\nhello" + tail


def nested_mails(depth: int) -> bytes:
    return b"Subject: deep\r\nContent-Type: message/rfc822\r\n\r\n" * depth + b"Subject: last\r\n\r\nhello"


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "1000 multiparts in one another": (lambda: nested_multiparts(1000), "depth"),
    "51 multiparts in one another": (lambda: nested_multiparts(51), "depth"),
    "50,000 parts": (lambda: letter_of("mixed", *[b"\r\nx"] * 50_000), "parts"),
    "20,000 encoded words": (
        lambda: letter(headers={"Subject": b"\r\n ".join([b"=?utf-8?b?0L/RgNC4?="] * 20_000)}),
        "headers",
    ),
    "1,500 encoded words": (
        lambda: letter(headers={"Subject": b" ".join([b"=?utf-8?q?a?="] * 1500)}),
        "words",
    ),
    "20,000 recipients": (
        lambda: letter(headers={"To": b", ".join(b"a%d@example.org" % n for n in range(20_000))}),
        "headers",
    ),
    "10 MB in one line of the headers": (lambda: b"Subject: " + b"a" * 10_000_000, "headers"),
    "5,000 fields": (lambda: b"X: y\r\n" * 5000 + b"\r\nhello", "fields"),
    "endless headers of a part": (lambda: letter_of("mixed", b"A: " + b"b\r\n " * 50_000), "headers"),
    "nothing": (lambda: b"", "empty"),
    "only blanks and NULs": (lambda: b"\r\n \x00\r\n" * 1000, "empty"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_bombs_are_refused_for_their_reason(name: str) -> None:
    build, reason = REFUSED[name]
    raw = build()
    started = time.process_time()
    with pytest.raises(UnreadableMail) as refused:
        read(raw)
    assert refused.value.reason == reason
    assert str(refused.value) == REFUSALS[reason][0]
    assert time.process_time() - started < SECONDS


READ: dict[str, Callable[[], bytes]] = {
    "50 multiparts in one another": lambda: nested_multiparts(49),
    "1000 mails in one another": lambda: nested_mails(1000),
    "500 parts": lambda: letter_of("mixed", *[part("x")] * 499),
    "900 encoded words": lambda: letter(headers={"Subject": b"\r\n ".join([b"=?utf-8?b?0L/RgNC4?="] * 900)}),
    "2,000 recipients in groups": lambda: letter(headers={"To": b"g: a@b, c@d; " * 1000}),
    "open quotes": lambda: letter(headers={"To": b'"' * 30_000, "Cc": b'"a\\' * 9000}),
    "open comments": lambda: letter(headers={"To": b"(" * 50_000}),
    "a long name without an end": lambda: letter(headers={"To": b"a" * 60_000 + b" @"}),
    "blanks before a dot": lambda: letter(headers={"To": b"a@b" + b" " * 60_000 + b"x"}),
    "blanks in HTML": lambda: letter("&nbsp;" * 90_000 + "x", content_type="text/html"),
    "more blanks in HTML": lambda: letter("&nbsp;" * 150_000 + "x", content_type="text/html"),
    "stars": lambda: letter("*" * 20_000 + "x\nFrom: a\nSent: b\nTo: c\n"),
    "signs of addresses": lambda: letter(
        "qmail-send program\n<" + "@" * 200_000, headers={"From": "MAILER-DAEMON@x"}
    ),
    "open brackets": lambda: letter(headers={"To": b"<" * 50_000}),
    "semicolons": lambda: letter(content_type="text/plain" + ";" * 50_000),
    "1,000 parameters": lambda: letter(content_type="text/plain" + "; a*1*=b" * 6000),
    "blanks in parameters": lambda: letter(content_type="text/plain; a" + " " * 60_000 + "= b"),
    "equal signs in words": lambda: letter(headers={"Subject": b"=?" * 30_000}),
    "a word without an end": lambda: letter(headers={"Subject": b"=?utf-8?q?" + b"a" * 60_000}),
    "references": lambda: letter(headers={"References": b"<a@b>" * 11_000}),
    "a long id": lambda: letter(headers={"Message-ID": b"<" + b"a" * 60_000}),
    "dates": lambda: letter(headers={"Date": b"1 " * 30_000}),
    "no boundary": lambda: letter("hello", content_type="multipart/mixed"),
    "an empty boundary": lambda: letter(
        "--\r\n\r\nhello\r\n----", content_type='multipart/mixed; boundary=""'
    ),
    "a boundary of one letter": lambda: letter(b"\r\n--a" * 400, content_type="multipart/mixed; boundary=a"),
    "lines that almost are boundaries": lambda: letter(
        b"\r\n--ab" * 200_000, content_type="multipart/mixed; boundary=a"
    ),
    "NULs": lambda: letter(b"a\x00b" * 1000, headers={"Subject": b"a\x00b", "From": b"\x00<\x00@x>"}),
    "broken base64": lambda: letter("====!!!====A" * 10_000, encoding="base64"),
    "padding everywhere": lambda: letter("QQ==\r\n" * 100_000, encoding="base64"),
    "broken quoted-printable": lambda: letter("=" * 100_000 + "=Z", encoding="quoted-printable"),
    "uuencode": lambda: letter("begin 644 a\r\n" + "#86%A\r\n" * 50_000, encoding="x-uuencode"),
    "broken uuencode": lambda: letter("begin 644 a\r\n" + "M~~~\r\n" * 50_000, encoding="x-uuencode"),
    "punycode": lambda: letter("a-" * 50_000, content_type="text/plain; charset=punycode"),
    "a codec that is no charset": lambda: letter("x" * 100_000, content_type="text/plain; charset=bz2"),
    "UTF-16 of odd length": lambda: letter(b"\xff\xfea\x00b", content_type="text/plain; charset=utf-16"),
    "random bytes": lambda: letter(bytes(range(128, 256)) * 8000, content_type="text/plain"),
    "200,000 lines": lambda: letter(b"word and word\r\n" * 200_000),
    "50,000 attributions": lambda: letter("On 1/1/2026 10:10, a wrote:\n" * 50_000),
    "50,000 headers of mails": lambda: letter("From: a\nSent: b\n" * 25_000),
    "50,000 marks": lambda: letter("> a\nb\n" * 25_000),
    "colons": lambda: letter(("1.1.2026 " * 40 + ":\n") * 3000),
    "one line of a megabyte": lambda: letter("On 10:10 a@b " * 80_000 + "wrote:"),
    "100,000 open elements": lambda: letter("<div>" * 100_000, content_type="text/html"),
    "formatting that nobody closes": lambda: letter(
        "".join(f"<font color={n}>" for n in range(900)) + "<p>x" * 20_000, content_type="text/html"
    ),
    "200,000 entities": lambda: letter("&amp;" * 200_000, content_type="text/html"),
    "100,000 paragraphs": lambda: letter("<p>x" * 100_000, content_type="text/html"),
    "comments": lambda: letter("<!--" * 100_000, content_type="text/html"),
    "open tags": lambda: letter('<a "' * 100_000, content_type="text/html"),
    "tables": lambda: letter("<table><tr><td>" * 300 + "x", content_type="text/html"),
    "attributes": lambda: letter("<a " + "b=c " * 100_000 + ">", content_type="text/html"),
    "quotes in one another": lambda: letter("<blockquote>" * 900 + "x", content_type="text/html"),
    "an endless calendar": lambda: letter(
        "BEGIN:VCALENDAR\n" + "BEGIN:VEVENT\n" * 500, content_type="text/calendar; method=REQUEST"
    ),
    "a report of 20,000 recipients": lambda: letter_of(
        "report",
        part("x"),
        part("Final-Recipient: rfc822; a@b\nAction: failed\n\n" * 20_000, "message/delivery-status"),
        parameters="; report-type=delivery-status",
    ),
    "winmail of tiny objects": lambda: letter_of(
        "mixed", part(b"\x78\x9f\x3e\x22\x01\x00" + b"\x01" + b"\x00" * 11 * 200_000, "application/ms-tnef")
    ),
}


@pytest.mark.parametrize("name", READ)
def test_what_looks_worse_is_read(name: str) -> None:
    raw = READ[name]()
    started = time.process_time()
    assert isinstance(read(raw), Mail)
    assert time.process_time() - started < SECONDS


def test_every_refusal_has_words_in_both_languages() -> None:
    for english, russian in REFUSALS.values():
        assert english.isascii()
        assert any("а" <= letter <= "я" for letter in russian)


PIECES = [
    b"\r\n",
    b"\n",
    b"\r",
    b"--b",
    b"--b--",
    b"From: a@b",
    b"To: \xcf\xf0\xe8 <x@y>, g:;",
    b"Subject: =?koi8-r?B?8NLJ?=",
    b"Date: Sat, 21 Nov 2026 99:12:00 +9999",
    b"Message-ID: <",
    b"References: <a@b> c",
    b"Content-Type: multipart/mixed; boundary=b",
    b"Content-Type: multipart/alternative; boundary=b",
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=b",
    b"Content-Type: message/delivery-status",
    b"Content-Type: message/rfc822",
    b"Content-Type: text/html; charset=utf-16",
    b"Content-Type: text/calendar",
    b"Content-Type: application/ms-tnef",
    b"Content-Type: text/plain; charset=\"x-user\"; name*0*=''%",
    b'Content-Disposition: attachment; filename="=?utf-8?q?"',
    b"Content-Transfer-Encoding: base64",
    b"Content-Transfer-Encoding: x-uuencode",
    b"Auto-Submitted: auto-replied",
    b"Action: failed",
    b"<div class=gmail_quote><blockquote><img src=data:image/png;base64,AA",
    b"> On 1/1/2026 10:10, a@b wrote:",
    b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:x",
    b"\x78\x9f\x3e\x22\x01\x00",
    b"\x00",
    b"\xff\xfe",
    b"\x1b$B",
    b"aGVsbG8=",
]


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.lists(st.sampled_from(PIECES), max_size=25).map(b"\r\n".join),
        st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=8)), max_size=30).map(b"".join),
    )
)
def test_any_bytes_are_a_mail_or_unreadable(raw: bytes) -> None:
    try:
        mail = read(raw)
    except UnreadableMail as error:
        assert error.reason in REFUSALS  # noqa: PT017  either may be
        assert error.reason != "bug", error.__cause__  # noqa: PT017  ours would be hidden otherwise
        return
    for words in (
        mail.subject,
        mail.text,
        mail.reply_text,
        mail.quoted_text,
        mail.signature,
        mail.html or "",
    ):
        assert "\x00" not in words
        words.encode()
    assert all(file.name for file in mail.attachments)
    assert mail.date is None or mail.date.tzinfo is not None


def test_a_boundary_inside_another_ends_the_inner_part() -> None:
    """Nobody closed the inner multipart; its parent goes on all the same."""
    inner = b"Content-Type: multipart/mixed; boundary=inner\r\n\r\n--inner\r\n\r\none\r\n"
    content_type, body = multipart("mixed", inner, part("two"))
    mail = read(letter(body, content_type=content_type))
    assert mail.text.split() == ["one", "two"]
    assert "a boundary is missing" in mail.defects
