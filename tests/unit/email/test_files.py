"""What a mail carries: names, kinds, mails in mails, parts in parts."""

import pytest

from gateways.email.reading.reader import read
from tests.support.letters import file_part, letter, letter_of, nested, part

pytestmark = pytest.mark.feature("CH11", "MS3")

PDF = "application/pdf"

NAMES: dict[str, tuple[str, str | bytes, str, str]] = {
    "plain": (PDF, 'attachment; filename="a.pdf"', "a.pdf", "a.pdf"),
    "without quotes": (PDF, "attachment; filename=a b.pdf", "a b.pdf", "a_b.pdf"),
    "only in the type": (f'{PDF}; name="a.pdf"', "", "a.pdf", "a.pdf"),
    "RFC 2231": (PDF, "attachment; filename*=utf-8''%D0%9E%D1%82.pdf", "От.pdf", "От.pdf"),
    "RFC 2231, in pieces": (
        PDF,
        "attachment; filename*0*=koi8-r''%EF; filename*1*=%D4; filename*2=\".pdf\"",
        "От.pdf",
        "От.pdf",
    ),
    "RFC 2231, pieces in disorder": (PDF, "attachment; filename*1=b.pdf; filename*0=a", "ab.pdf", "ab.pdf"),
    "RFC 2231, unknown charset": (
        PDF,
        "attachment; filename*=x-no''%CE%F2%F7%B8%F2.pdf",
        "Отчёт.pdf",
        "Отчёт.pdf",
    ),
    "RFC 2047 in quotes": (
        PDF,
        'attachment; filename="=?utf-8?b?0J7RgtGH0ZHRgg==?=.pdf"',
        "Отчёт.pdf",
        "Отчёт.pdf",
    ),
    "RFC 2047, folded": (
        PDF,
        'attachment; filename="=?utf-8?q?=D0=9E?=\r\n =?utf-8?q?=D1=82?=.pdf"',
        "От.pdf",
        "От.pdf",
    ),
    "RFC 2047 without quotes": (PDF, "attachment; filename==?utf-8?b?0J7Rgg==?=.pdf", "От.pdf", "От.pdf"),
    "raw UTF-8": (PDF, 'attachment; filename="Отчёт.pdf"', "Отчёт.pdf", "Отчёт.pdf"),
    "raw CP1251": (
        PDF,
        'attachment; filename="Отчёт за май.pdf"'.encode("cp1251"),
        "Отчёт за май.pdf",
        "Отчёт_за_май.pdf",
    ),
    "raw KOI8-R": (
        PDF,
        'attachment; filename="Отчёт за май.pdf"'.encode("koi8-r"),
        "Отчёт за май.pdf",
        "Отчёт_за_май.pdf",
    ),
    "a path": (PDF, 'attachment; filename="../../etc/passwd"', "../../etc/passwd", "passwd"),
    "a path of Windows": (PDF, 'attachment; filename="C:\\\\x\\\\a.pdf"', "C:\\x\\a.pdf", "a.pdf"),
    "a device": (PDF, 'attachment; filename="con.txt"', "con.txt", "_con.txt"),
    "quotes inside": (PDF, 'attachment; filename="a\\"b.pdf"', 'a"b.pdf', "a_b.pdf"),
    "no end": (PDF, 'attachment; filename="a.pdf', "a.pdf", "a.pdf"),
    "line break encoded": (PDF, "attachment; filename*=utf-8''a%0D%0Ab.pdf", "a b.pdf", "a_b.pdf"),
    "none": (PDF, "attachment", "", "document.pdf"),
    "none, a picture": ("image/png", "inline", "", "image.png"),
    "none, unknown": ("application/x-odd", "", "", "file"),
}


@pytest.mark.parametrize("name", NAMES)
def test_names(name: str) -> None:
    kind, disposition, written, safe = NAMES[name]
    head = f"Content-Type: {kind}\r\n".encode()
    if disposition:
        bytes_of = disposition if isinstance(disposition, bytes) else disposition.encode()
        head += b"Content-Disposition: " + bytes_of + b"\r\n"
    (file,) = read(letter_of("mixed", part("words"), head + b"\r\ncontent")).attachments
    assert (file.written_name, file.name) == (written, safe)
    assert (file.content, file.mime_type) == (b"content", kind.partition(";")[0])


def test_a_long_name_keeps_its_ending() -> None:
    name = "я" * 300 + ".pdf"
    (file,) = read(
        letter_of("mixed", part("x"), part("y", PDF, disposition=f'attachment; filename="{name}"'))
    ).attachments
    assert len(file.name) <= 100
    assert file.name.endswith(".pdf")


def test_equal_names_stay_two_files() -> None:
    one = part("1", PDF, disposition="attachment; filename=a.pdf")
    two = part("2", PDF, disposition="attachment; filename=a.pdf")
    assert [file.content for file in read(letter_of("mixed", one, two)).attachments] == [b"1", b"2"]


def test_text_with_a_name_is_a_file_and_without_one_it_is_words() -> None:
    mail = read(
        letter_of(
            "mixed",
            part("слова"),
            part("a;b", 'text/csv; name="a.csv"'),
            part("note", disposition="attachment"),
            part("log", 'text/plain; name="a.log"', disposition="inline"),
            part("ещё слова"),
        )
    )
    assert mail.text == "слова\n\nещё слова"
    assert [(file.name, file.content) for file in mail.attachments] == [
        ("a.csv", b"a;b"),
        ("text.txt", b"note"),
        ("a.log", b"log"),
    ]


def test_only_a_file() -> None:
    mail = read(letter("JVBERi0=", content_type=f'{PDF}; name="a.pdf"', encoding="base64"))
    assert (mail.text, mail.html, mail.reply_text) == ("", None, "")
    assert [file.content for file in mail.attachments] == [b"%PDF-"]


def test_a_forwarded_mail_is_a_file_named_by_its_subject() -> None:
    inner = letter("Где?", headers={"Subject": "=?utf-8?b?0JfQsNC60LDQtw==?="})
    mail = read(letter_of("mixed", part("Смотри"), part(inner, "message/rfc822")))
    (file,) = mail.attachments
    assert (file.name, file.mime_type, file.content) == ("Заказ.eml", "message/rfc822", inner)
    assert mail.text.strip() == "Смотри"
    coded = read(letter_of("mixed", file_part(inner, "message/rfc822", 'attachment; filename="a.eml"')))
    assert coded.attachments[0].content == inner


def test_a_digest_is_mails() -> None:
    mail = read(letter_of("digest", b"\r\nSubject: one\r\n\r\n1", b"\r\nSubject: two\r\n\r\n2"))
    assert [(file.name, file.mime_type) for file in mail.attachments] == [
        ("one.eml", "message/rfc822"),
        ("two.eml", "message/rfc822"),
    ]


def test_parts_in_parts() -> None:
    """As Outlook writes a mail with a picture and a file."""
    words = nested(
        "alternative",
        part("слова"),
        part('<p>слова <img src="cid:p@x"></p>', "text/html; charset=utf-8"),
        boundary="c",
    )
    related = nested("related", words, file_part(b"png", "image/png", "inline", "p@x"), boundary="b")
    mail = read(letter_of("mixed", related, part("pdf", PDF, disposition="attachment; filename=a.pdf")))
    assert mail.text == "слова"
    assert mail.html == '<p>слова <img src="cid:p@x"></p>'
    assert [(file.name, file.inline) for file in mail.attachments] == [("image.png", True), ("a.pdf", False)]


def test_words_that_carry_a_name_where_only_words_can_stand() -> None:
    shown = part("<p>слова</p>", 'text/html; charset=utf-8; name="mail.html"')
    related = nested("related", shown, file_part(b"png", "image/png", "inline", "p@x"), boundary="b")
    mail = read(
        letter_of("alternative", part("слова", 'text/plain; charset=utf-8; name="mail.txt"'), related)
    )
    assert (mail.text, mail.html) == ("слова", "<p>слова</p>")
    assert [file.name for file in mail.attachments] == ["image.png"]


def test_boundaries() -> None:
    guessed = letter_of("mixed", part("слова"), part("x", PDF)).replace(b'; boundary="=_part"', b"")
    assert read(guessed).text.strip() == "слова"
    wrong = letter_of("mixed", part("слова")).replace(b'boundary="=_part"', b"boundary=other")
    assert read(wrong).text.strip() == "слова"
    nothing = read(letter("слова", content_type="multipart/mixed; boundary=x"))
    assert nothing.text == "слова"
    cut = letter_of("mixed", part("слова"), part("x" * 50, PDF))[:-60]
    assert [len(file.content) for file in read(cut).attachments] == [len(read(cut).attachments[0].content)]
    assert "a boundary is missing" in read(cut).defects
    blanks = letter_of("mixed", part("слова")).replace(b"--=_part\r\n", b"--=_part \t\r\n")
    assert read(blanks).text.strip() == "слова"
