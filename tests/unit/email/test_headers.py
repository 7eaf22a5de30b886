"""Who, when, about what and in answer to what, however it is written."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from gateways.email.mail import Mail
from gateways.email.reading.reader import read
from tests.support.letters import letter

pytestmark = pytest.mark.feature("CH11")


def of(**headers: str | bytes) -> Mail:
    return read(letter(headers={name.replace("_", "-"): value for name, value in headers.items()}))


PEOPLE: dict[str, tuple[str | bytes, list[tuple[str | None, str]]]] = {
    "plain": ("Anna <a@example.org>", [("Anna", "a@example.org")]),
    "bare": ("a@example.org", [(None, "a@example.org")]),
    "comma in quotes": ('"Берг, Анна" <a@example.org>', [("Берг, Анна", "a@example.org")]),
    "comma without quotes": ("Berg, Anna <a@example.org>", [("Berg, Anna", "a@example.org")]),
    "comma encoded": ("=?utf-8?b?0JHQtdGA0LMsINCQ?= <a@example.org>", [("Берг, А", "a@example.org")]),
    "word in quotes": ('"=?koi8-r?B?4c7OwQ==?=" <a@example.org>', [("Анна", "a@example.org")]),
    "raw CP1251": ("Анна Берг <a@example.org>".encode("cp1251"), [("Анна Берг", "a@example.org")]),
    "raw KOI8-R": ("Анна Берг <a@example.org>".encode("koi8-r"), [("Анна Берг", "a@example.org")]),
    "raw UTF-8": ("Анна Берг <a@example.org>", [("Анна Берг", "a@example.org")]),
    "letter cut in two": ("=?utf-8?q?=D0=90=D0?=\r\n =?utf-8?q?=BD?= <a@b.org>", [("Ан", "a@b.org")]),
    "two charsets": ("=?koi8-r?B?4Q==?= =?utf-8?q?b?= <a@example.org>", [("Аb", "a@example.org")]),
    "comment": ("a@example.org (Анна)", [("Анна", "a@example.org")]),
    "name is the address": ("'a@example.org' <a@example.org>", [("a@example.org", "a@example.org")]),
    "group": ("Стол: a@example.org, Б <b@example.org>;, c@example.org", [
        (None, "a@example.org"), ("Б", "b@example.org"), (None, "c@example.org"),
    ]),
    "nobody": ("undisclosed-recipients:;", []),
    "empty": ("<>", []),
    "semicolons": ("a@example.org; b@example.org", [(None, "a@example.org"), (None, "b@example.org")]),
    "route": ("<@x.example,@y.example:a@example.org>", [(None, "a@example.org")]),
    "folded address": ("Anna <a@\r\n example.org>", [("Anna", "a@example.org")]),
    "without brackets": ("Anna Berg a@example.org", [("Anna Berg", "a@example.org")]),
    "Cyrillic domain": ("Анна <а@почта.рф>", [("Анна", "а@почта.рф")]),
    "no address": ("Anna", []),
    "line breaks in a name": ('"An\r\n na" <a@example.org>', [("An na", "a@example.org")]),
    "an encoded line break": ("=?utf-8?q?a=0D=0ABcc=3A?= <a@example.org>", [("a Bcc:", "a@example.org")]),
}  # fmt: skip


@pytest.mark.parametrize("name", PEOPLE)
def test_people(name: str) -> None:
    written, people = PEOPLE[name]
    assert [(person.name, person.address) for person in of(To=written).to] == people


def test_the_sender_is_the_first_of_from_else_of_sender() -> None:
    assert getattr(of(From="a@example.org, b@example.org").sender, "address", None) == "a@example.org"
    assert getattr(of(From="", Sender="s@example.org").sender, "address", None) == "s@example.org"
    assert of(From="").sender is None
    nameless = of(From="Anna")
    assert nameless.sender is None
    assert "its sender has no address" in nameless.defects


SUBJECTS: dict[str, tuple[str | bytes, str]] = {
    "plain": ("Re: order", "Re: order"),
    "encoded": ("=?UTF-8?B?0JfQsNC60LDQtw==?=", "Заказ"),
    "small letters": ("=?utf-8?q?=d0=97?=", "З"),
    "underscores": ("=?utf-8?q?a_b=5Fc?=", "a b_c"),
    "blanks in a word": ("=?utf-8?q?a b?=", "a b"),
    "between words": ("=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"),
    "glued to letters": ("Re:=?utf-8?q?a?=", "Re:a"),
    "language": ("=?utf-8*ru?q?=D0=97?=", "З"),
    "without padding": ("=?utf-8?b?0JfQsNC60LDQtw?=", "Заказ"),
    "unknown charset": (b"=?x-unknown?b?x+Dq4Of7?=", "Заказы"),
    "CP1251 called KOI8-R": ("=?koi8-r?b?x+Dq4Oc=?=", "Заказ"),
    "raw CP1251": ("Заказ №5".encode("cp1251"), "Заказ №5"),
    "raw KOI8-R": ("Срочный заказ".encode("koi8-r"), "Срочный заказ"),
    "broken word": ("=?utf-8?q?abc", "=?utf-8?q?abc"),
    "folded": ("a\r\n\tb", "a b"),
    "blank continuation": ("a\r\n \r\n\tb", "a b"),
    "NUL": (b"a\x00b", "a\ufffdb"),
    "Japanese": (b"=?iso-2022-jp?B?GyRCJDMbKEI=?=", "こ"),
    "raw Japanese": (b"\x1b$B$3\x1b(B", "こ"),
}


@pytest.mark.parametrize("name", SUBJECTS)
def test_subjects(name: str) -> None:
    written, subject = SUBJECTS[name]
    assert of(Subject=written).subject == subject


MOSCOW = timezone(timedelta(hours=3))
DATES = {
    "usual": ("Sat, 21 Nov 2026 10:12:00 +0300", datetime(2026, 11, 21, 10, 12, tzinfo=MOSCOW)),
    "with a comment": (
        "Sat, 21 Nov 2026 10:12:00 +0300 (MSK)",
        datetime(2026, 11, 21, 10, 12, tzinfo=MOSCOW),
    ),
    "no weekday": ("21 Nov 2026 10:12 +0300", datetime(2026, 11, 21, 10, 12, tzinfo=MOSCOW)),
    "no zone": ("Sat, 21 Nov 2026 10:12:00", datetime(2026, 11, 21, 10, 12, tzinfo=UTC)),
    "unknown zone": ("Sat, 21 Nov 2026 10:12:00 -0000", datetime(2026, 11, 21, 10, 12, tzinfo=UTC)),
    "ISO": ("2026-11-21 10:12:00 +03:00", datetime(2026, 11, 21, 10, 12, tzinfo=MOSCOW)),
    "words": ("yesterday", None),
    "nobody's day": ("Sat, 41 Nov 2026 10:12:00 +0300", None),
    "the end of time": ("Fri, 31 Dec 9999 23:59:00 -1400", None),
    "empty": ("", None),
}


@pytest.mark.parametrize("name", DATES)
def test_dates(name: str) -> None:
    written, moment = DATES[name]
    assert of(Date=written).date == moment


def test_a_date_that_nobody_reads_is_a_defect() -> None:
    assert "its date cannot be read" in of(Date="yesterday").defects


def test_message_ids() -> None:
    mail = of(
        Message_ID="<a b@c>",
        In_Reply_To='Message of "Sat" <1@example.org> <1@example.org>',
        References="<1@example.org>\r\n\t<2@example.org><3@exam\r\n ple.org>",
    )
    assert mail.message_id == "ab@c"
    assert mail.in_reply_to == ("1@example.org",)
    assert mail.references == ("1@example.org", "2@example.org", "3@example.org")
    assert of(Message_ID="bare@example.org").message_id == "bare@example.org"
    assert of(Message_ID="without-at").message_id == "without-at"
    assert of(Message_ID="").message_id is None
    assert of(In_Reply_To="your letter of Monday").in_reply_to == ()


def test_where_it_was_delivered() -> None:
    mail = of(
        Delivered_To="desk+c1@example.com",
        X_Original_To="<desk@example.com>",
        Envelope_To="desk+c1@example.com",
    )
    assert mail.delivered_to == ("desk+c1@example.com", "desk@example.com")


VERDICTS = {
    "pass": ("mx.example.com; spf=pass; dmarc=pass header.from=example.org", "pass"),
    "fail": ("mx.example.com 1; dmarc=fail (p=REJECT) header.from=example.org", "fail"),
    "none": ("mx.example.com; dmarc=none", "none"),
    "another server": ("evil.example; dmarc=pass", "none"),
    "in a comment": ("mx.example.com; spf=fail (dmarc=pass)", "none"),
    "in quotes": ('mx.example.com; spf=fail reason="; dmarc=pass"', "none"),
    "in a name": ("mx.example.com; xdmarc=pass", "none"),
    "empty": (";", "none"),
}


@pytest.mark.parametrize("name", VERDICTS)
def test_only_believed_servers_vouch(name: str) -> None:
    written, verdict = VERDICTS[name]
    raw = letter(headers={"Authentication-Results": written})
    assert read(raw, believed=["MX.example.com"]).dmarc == verdict
    assert read(raw).dmarc == "none"


def test_the_topmost_verdict_counts() -> None:
    """The sender's server may have written the lower one under our name."""
    forged = b"Authentication-Results: mx.example.com; dmarc=pass\r\n"
    own = b"Authentication-Results: mx.example.com; dmarc=fail\r\n"
    assert read(own + forged + letter(), believed=["mx.example.com"]).dmarc == "fail"


HEADS: dict[str, bytes] = {
    "mailbox file": b"From anna@example.org Sat Nov 21 10:12:00 2026\r\n" + letter(),
    "byte order mark": b"\xef\xbb\xbf" + letter(),
    "blank lines before": b"\r\n\r\n" + letter(),
    "only line feeds": letter().replace(b"\r\n", b"\n"),
    "only returns": letter().replace(b"\r\n", b"\r"),
    "a line that was not indented": letter().replace(b"Date:", b"and more of the same\r\nDate:"),
    "blank before the colon": letter().replace(b"Subject:", b"Subject :"),
}


@pytest.mark.parametrize("name", HEADS)
def test_heads(name: str) -> None:
    mail = read(HEADS[name])
    assert mail.sender is not None
    assert mail.subject.startswith("Order 12")
    assert mail.text.strip() == "Добрый день!"


def test_words_without_headers_are_words() -> None:
    mail = read("Просто слова\nи ещё: слова".encode())
    assert mail.text == "Просто слова\nи ещё: слова"
    assert mail.sender is None
    assert "no headers" in mail.defects
