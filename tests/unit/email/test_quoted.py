"""New words, quotes and signatures as the mail programs of the world write them, in Russian and English."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateways.email.mail import Mail
from gateways.email.reading.html_words import Line
from gateways.email.reading.quoted import split
from gateways.email.reading.reader import read
from tests.support.letters import letter, letter_of, part

pytestmark = pytest.mark.feature("CH11", "MS2")


FOLDER = Path(__file__).with_name("replies")


def cases(name: str) -> dict[str, dict[str, str]]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


PLAIN = cases("above_russian") | cases("above_english") | cases("around") | cases("signed")
HTML = cases("html")


@pytest.mark.parametrize("name", PLAIN)
def test_plain(name: str) -> None:
    case = PLAIN[name]
    judge(case, read(letter(case["text"], headers={"Subject": case.get("subject", "Re: Заказ")})))


@pytest.mark.parametrize("name", HTML)
def test_html(name: str) -> None:
    case = HTML[name]
    judge(case, read(letter(case["text"], content_type="text/html; charset=utf-8")))


def judge(case: dict[str, str], mail: Mail) -> None:
    quoted = case.get("quoted", "")
    assert mail.reply_text == case["reply"]
    assert mail.signature == case.get("signature", "")
    assert mail.quoted_text.startswith(quoted), mail.quoted_text
    assert bool(mail.quoted_text) == bool(quoted)
    assert kept(mail.text, mail.reply_text, mail.quoted_text, mail.signature)


def test_the_html_knows_what_the_text_does_not() -> None:
    """An attribution in a language that nobody here knows; the HTML beside it names the quote."""
    text = "Mulțam\n\nÎn 21 XI Anna:\n\nUnde e?\n"
    html = '<div>Mulțam</div><div class="gmail_quote"><div>În 21 XI Anna:</div><div>Unde e?</div></div>'
    mail = read(letter_of("alternative", part(text), part(html, "text/html; charset=utf-8")))
    assert (mail.reply_text, mail.quoted_text) == ("Mulțam", "În 21 XI Anna:\n\nUnde e?")
    assert read(letter(text)).reply_text == text.strip()


def test_a_signature_of_html_is_folded() -> None:
    html = '<div>Жду</div><div class="gmail_signature"><div>Анна Берг</div><div>Ромашка</div></div>'
    mail = read(letter(html, content_type="text/html; charset=utf-8"))
    assert (mail.reply_text, mail.signature) == ("Жду", "Анна Берг\nРомашка")


def kept(text: str, *pieces: str) -> bool:
    """Every line with a word in it stands in exactly one piece."""
    lines = sorted(line.strip() for line in text.split("\n") if line.strip())
    return lines == sorted(line.strip() for piece in pieces for line in piece.split("\n") if line.strip())


LINES = st.sampled_from(
    [
        "",
        "слова",
        "> цитата",
        ">> глубже",
        "-- ",
        "Анна",
        "С уважением,",
        "Sent from my iPhone",
        "On 21/11/2026 10:12, Anna wrote:",
        "пт, 21 нояб. 2026 г. в 10:12, Анна <a@example.org>:",
        "От: Анна",
        "Отправлено: сегодня",
        "Кому: Стол",
        "Тема: Заказ",
        "-----Original Message-----",
        "---------- Forwarded message ---------",
        "_______________________",
        "https://example.org",
        ">:",
        "wrote:",
    ]
)
ROLES = st.sampled_from(["words", "words", "words", "quote", "signature"])


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(st.lists(st.builds(Line, LINES, ROLES), max_size=25), st.sampled_from(["Re: a", "Fwd: a"]))
def test_no_line_is_lost(lines: list[Line], subject: str) -> None:
    parted = split(lines, subject)
    text = "\n".join(line.text for line in lines)
    assert kept(text, parted.reply, parted.quoted, parted.signature)
