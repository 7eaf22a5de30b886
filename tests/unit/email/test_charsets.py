"""Letters of every charset that is met, declared rightly, wrongly, badly spelled or not at all."""

import pytest

from gateways.email.reading.charsets import codec_of, decode
from gateways.email.reading.reader import read
from tests.support.letters import letter

pytestmark = pytest.mark.feature("CH11")

RUSSIAN = "Добрый день! Пришлите, пожалуйста, счёт за ноябрь."
SHORT = "Где заказ?"


@pytest.mark.parametrize("codec", ["cp1251", "koi8-r", "iso8859-5", "cp866", "utf-8"])
@pytest.mark.parametrize(
    "declared",
    [
        None,
        "utf-8",
        "us-ascii",
        "iso-8859-1",
        "windows-1252",
        "unknown-8bit",
        "x-unknown",
        "koi8-r",
        "windows-1251",
    ],
)
def test_russian_is_read_whatever_is_declared(codec: str, declared: str | None) -> None:
    assert decode(RUSSIAN.encode(codec), declared)[0] == RUSSIAN
    if codec != "iso8859-5":  # too few letters to tell it from KOI8-R, and too rare
        assert decode(SHORT.encode(codec), declared)[0] == SHORT


@pytest.mark.parametrize(
    ("declared", "codec"),
    [
        ("cp-1251", "cp1251"),
        ("win-1251", "cp1251"),
        ("Windows1251", "cp1251"),
        ("x-cp1251", "cp1251"),
        ("CP1251", "cp1251"),
        ("ansi-1251", "cp1251"),
        ("koi8r", "koi8-r"),
        ("KOI8_R", "koi8-r"),
        ("utf8mb4", "utf-8"),
        ("UTF8", "utf-8"),
        ('"utf-8"', "utf-8"),
        ("iso-8859-1", "cp1252"),
        ("gb2312", "gb18030"),
        ("ks_c_5601-1987", "cp949"),
        ("ansi_x3.4-1968", "ascii"),
    ],
)
def test_names(declared: str, codec: str) -> None:
    assert codec_of(declared) == codec


@pytest.mark.parametrize(
    "declared",
    ["unknown-8bit", "punycode", "idna", "unicode_escape", "base64", "rot13", "bz2", "x" * 10_000, "я", ""],
)
def test_what_is_no_charset(declared: str) -> None:
    assert codec_of(declared) is None
    assert decode(b"abc", declared)[0] == "abc"


@pytest.mark.parametrize(
    ("text", "codec", "declared"),
    [
        ("Grüße aus Köln", "cp1252", "iso-8859-1"),
        ("Grüße aus Köln", "cp1252", None),
        ("„Zitat“ – 5 €", "cp1252", "iso-8859-1"),
        ("Zażółć gęślą jaźń", "iso8859-2", "iso-8859-2"),
        ("こんにちは", "iso2022_jp", "iso-2022-jp"),
        ("こんにちは", "iso2022_jp", None),
        ("こんにちは", "cp932", "shift_jis"),
        ("你好", "gb18030", "gb2312"),
        ("안녕", "cp949", "ks_c_5601-1987"),
        ("Привіт, де моє замовлення?", "koi8-u", "koi8-u"),
        ("Привет", "utf-7", "utf-7"),
        ("Привет", "utf-16", "utf-16"),
        ("Привет", "utf-8-sig", "utf-8"),
    ],
)
def test_other_letters(text: str, codec: str, declared: str | None) -> None:
    assert decode(text.encode(codec), declared)[0] == text


def test_a_blank_of_the_west_is_no_letter_of_the_east() -> None:
    assert decode(b"Dear Sir,\r\n\xa0\r\nthe sum", None)[0] == "Dear Sir,\r\n\xa0\r\nthe sum"


def test_mostly_utf8_stays_utf8() -> None:
    raw = RUSSIAN.encode() + b"\xff" + RUSSIAN.encode()
    assert decode(raw, "utf-8") == (f"{RUSSIAN}\ufffd{RUSSIAN}", "not utf-8")


def test_what_was_wrong_is_told() -> None:
    assert decode(RUSSIAN.encode("cp1251"), "unknown-8bit")[1] == "unknown charset 'unknown-8bit'"
    assert decode(RUSSIAN.encode("cp1251"), "koi8-r")[1] == "cp1251, not koi8-r"
    assert decode(RUSSIAN.encode(), "utf-8")[1] is None
    mail = read(letter(RUSSIAN.encode("cp1251"), content_type="text/plain; charset=cp-1251x"))
    assert mail.text == RUSSIAN
    assert mail.defects == ("charset: unknown charset 'cp-1251x'",)


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (b"0JfQsNC60LDQtw==", "base64"),
        (b"0JfQsNC6\r\n0LDQtw", "BASE64"),
        (b"=D0=97=D0=B0=D0=BA=D0=B0=D0=B7", "quoted-printable"),
        (b"=D0=97=D0=B0=\r\n=D0=BA=D0=B0=D0=B7", "Quoted-Printable "),
        ("Заказ".encode(), "8bit"),
        ("Заказ".encode(), "7bit"),
        ("Заказ".encode(), "binary; x"),
        ("Заказ".encode(), "text/html"),
    ],
)
def test_transfer_encodings(body: bytes, encoding: str) -> None:
    assert read(letter(body, encoding=encoding)).text == "Заказ"


def test_flowed_words_are_joined_and_quotes_keep_their_lines() -> None:
    text = "one \ntwo \nthree\n stuffed\n> quoted \n> lines\n-- \nAnna"
    mail = read(letter(text, content_type="text/plain; charset=utf-8; format=flowed"))
    assert mail.text == "one two three\nstuffed\n> quoted \n> lines\n-- \nAnna"
    deleted = read(
        letter("こん \nにちは", content_type="text/plain; charset=utf-8; format=flowed; delsp=yes")
    )
    assert deleted.text == "こんにちは"


def test_clean_text() -> None:
    assert read(letter(b"a\x00b\r\nc\rd")).text == "a\ufffdb\nc\nd"
    assert read(letter("")).text == ""
