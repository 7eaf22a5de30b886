"""What a hostile or merely odd file name becomes."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.files.names import LONGEST, safe_name, suffix_of

pytestmark = pytest.mark.feature("MS3")

NAMES = [
    ("photo.jpg", "photo.jpg"),
    ("Отчёт_за~май.PDF", "Отчёт_за~май.PDF"),
    ("отчёт за май-2.pdf", "отчёт_за_май_2.pdf"),
    ("И\u0306.txt", "Й.txt"),
    ("写真.png", "写真.png"),
    ("٣.txt", "٣.txt"),
    ("../../etc/passwd", "passwd"),
    ("..\\..\\boot.ini", "boot.ini"),
    ("C:\\fakepath\\x.png", "x.png"),
    ("C:x", "C_x"),
    ("\\\\server\\share\\x", "x"),
    ("/etc/", "etc"),
    ("%2e%2e/", "_2e_2e"),
    ("%2e%2e%2fpasswd", "_2e_2e_2fpasswd"),
    ("..", "file"),
    ("../..", "file"),
    (".htaccess", "_htaccess"),
    ("...hidden", "_..hidden"),
    ("CON", "_CON"),
    ("con", "_con"),
    ("aux.txt", "_aux.txt"),
    ("nul.tar.gz", "_nul.tar.gz"),
    ("COM1", "_COM1"),
    ("lpt9.pdf", "_lpt9.pdf"),
    ("com0", "_com0"),
    ("CONIN$", "_CONIN_"),
    ("con .txt", "_con_.txt"),
    ("console.txt", "console.txt"),
    ("auxiliary", "auxiliary"),
    ("common.txt", "common.txt"),
    ("com10.txt", "com10.txt"),
    ("a.txt:ads", "a.txt_ads"),
    ("a.txt::$DATA", "a.txt___DATA"),
    ("name.", "name"),
    ("name ", "name"),
    ("name. . .", "name"),
    (" name.txt", "name.txt"),
    ("a\0b.txt", "a_b.txt"),
    ("evil.php\0.jpg", "evil.php_.jpg"),
    ("\u202egnp.exe", "_gnp.exe"),
    ("a\u2066b\u2069\u200f.txt", "a_b__.txt"),
    ("a\u200b\ufeff.txt", "a__.txt"),
    ("\u3164\u115f\u1160\uffa0", "file"),
    ("a\u3164.exe", "a_.exe"),
    ("-rf", "_rf"),
    ("--output=x", "__output_x"),
    ("a\nb\r\nSet-Cookie: x=1.txt", "a_b__Set_Cookie__x_1.txt"),
    ('"><img src=x onerror=alert(1)>.png', "___img_src_x_onerror_alert_1__.png"),
    ("a;filename=b.exe", "a_filename_b.exe"),
    ("`id`$(id)|id&.txt", "_id___id__id_.txt"),
    ("=HYPERLINK(1).csv", "_HYPERLINK_1_.csv"),
    ("a*b?c<d>e|f", "a_b_c_d_e_f"),
    ("~$secret.docx", "~_secret.docx"),
    ("fraction\uff0fslash\u2215.txt", "fraction_slash_.txt"),
    ("dot\uff0etxt", "dot_txt"),
    ("smile😀.png", "smile_.png"),
    ("\ud800.txt", "_.txt"),
    ("x\ud800.txt", "x_.txt"),
    ("", "file"),
    (" ", "file"),
    (".", "file"),
    ("/", "file"),
    ("___", "file"),
    ("\0\0\0", "file"),
]


@pytest.mark.parametrize(("given_name", "then"), NAMES, ids=[ascii(name) for name, _ in NAMES])
def test_safe_name(given_name: str, then: str) -> None:
    assert safe_name(given_name) == then


LONG = [
    ("a" * 300, "a" * 100),
    ("a" * 300 + ".pdf", "a" * 96 + ".pdf"),
    ("я" * 255, "я" * 100),
    ("я" * 255 + ".docx", "я" * 95 + ".docx"),
    ("写" * 255 + ".png", "写" * 78 + ".png"),
    ("𠀀" * 255, "𠀀" * 60),
    ("a." + "b" * 300, "a." + "b" * 98),
    ("a" * 100, "a" * 100),
    ("я" * 50_000 + ".exe", "я" * 96 + ".exe"),
]


@pytest.mark.parametrize(("given_name", "then"), LONG, ids=range(len(LONG)))
def test_a_long_name_keeps_its_ending(given_name: str, then: str) -> None:
    assert safe_name(given_name) == then


@given(st.text(alphabet=st.characters()))
def test_whatever_comes_is_safe(name: str) -> None:
    safe = safe_name(name)
    assert 1 <= len(safe) <= LONGEST
    assert len(safe.encode()) <= 255
    assert all(one in "._~" or unicodedata.category(one)[0] in "LN" for one in safe)
    assert not safe.startswith((".", "-"))
    assert not safe.endswith((".", " "))
    assert any(one.isalnum() for one in safe)
    assert safe_name(safe) == safe


@pytest.mark.parametrize(
    ("name", "suffix"),
    [("a.PDF", "pdf"), ("a.tar.gz", "gz"), (".bashrc", ""), ("a", ""), ("a.", ""), ("a." + "b" * 17, "")],
)
def test_suffix(name: str, suffix: str) -> None:
    assert suffix_of(name) == suffix
