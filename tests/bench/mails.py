"""Mails as a mailbox gets them, of our own invention: three charsets, HTML, files, and answers that quote
what they answer.

Every third one answers the mail of the same person before it, so there are two threads for three mails.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

ADDRESS: Final = "support@shop.example"
PEOPLE: Final = 50
_CHARSETS: Final = ("utf-8", "koi8-r", "windows-1251")
_WORDS: Final = (
    "заказ",
    "доставка",
    "завтра",
    "спасибо",
    "оплата",
    "счёт",
    "адрес",
    "размер",
    "курьер",
    "утро",
)
_FILE: Final = bytes(range(256)) * 80


def mails(count: int, seed: int = 1) -> list[bytes]:
    """Raw, in the order of their arrival."""
    chance = random.Random(seed)
    start = datetime.now(UTC) - timedelta(minutes=5)
    before: dict[int, EmailMessage] = {}
    made: list[bytes] = []
    for number in range(count):
        person = (number // 3) % PEOPLE
        answers = before.get(person) if number % 3 == 2 else None
        mail = _mail(chance, number, person, answers, start + timedelta(milliseconds=number))
        before[person] = mail
        made.append(mail.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    return made


def threads(count: int) -> int:
    """How many conversations so many mails open."""
    return count - count // 3


def _mail(
    chance: random.Random, number: int, person: int, answers: EmailMessage | None, at: datetime
) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = f"Покупатель {person} <person{person}@mail.example>"
    mail["To"] = ADDRESS
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<bench.{number}@mail.example>"
    words = _sentences(chance, 4 + number % 5)
    if answers is None:
        mail["Subject"] = f"Вопрос {number}"
    else:
        mail["Subject"] = f"Re: {answers['Subject']}"
        mail["In-Reply-To"] = mail["References"] = answers["Message-ID"]
        words += f"\n\n{format_datetime(at)}, Shop <{ADDRESS}>:\n> " + _sentences(chance, 3).replace(
            "\n", "\n> "
        )
    mail.set_content(words, charset=_CHARSETS[number % 3])
    if number % 2:
        paragraphs = "".join(f"<p style='margin:0'>{line}</p>" for line in words.splitlines())
        mail.add_alternative(f"<html><body><div>{paragraphs}</div></body></html>", subtype="html")
    if number % 6 == 5:
        mail.add_attachment(_FILE, maintype="application", subtype="pdf", filename=f"счёт {number}.pdf")
    return mail


def _sentences(chance: random.Random, count: int) -> str:
    return "\n".join(
        " ".join(chance.choices(_WORDS, k=chance.randint(5, 12))).capitalize() + "." for _ in range(count)
    )
