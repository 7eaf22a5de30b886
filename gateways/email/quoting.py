"""The conversation below an answer, as mail programs put it there, and the signature above it. Pure.

Good day!                                    the answer
-- ⏎ Anna ⏎ Shop                             the signature
On Sat, Nov 21, 2026 at 10:12, Ivan <ivan@mail.example> wrote:
> How much is it?
"""

from __future__ import annotations

import html as web
from typing import Final
from zoneinfo import ZoneInfo

from gateways.email.accounts import EmailAccount
from gateways.email.thread import Last
from gateways.kit.text import clean_line
from shared.db.types import from_micros

_DAYS: Final = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "ru": ("пн", "вт", "ср", "чт", "пт", "сб", "вс"),
}
_MONTHS: Final = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "ru": (
        "янв.", "февр.", "мар.", "апр.", "мая", "июн.", "июл.", "авг.", "сент.", "окт.", "нояб.", "дек.",
    ),
}  # fmt: skip
_BLOCK: Final = "margin:0 0 0 .8ex;border-left:1px solid #ccc;padding-left:1ex"


def signature_of(account: EmailAccount, author: str | None) -> str:
    """What stands below a mail; empty where nothing does."""
    name = clean_line(author or "", 100)
    if account.signature is None:
        return name
    return account.signature.replace("{name}", name).strip("\n")


def said_before(last: Last, account: EmailAccount) -> str:
    """The line above quoted words."""
    at = from_micros(last.at).astimezone(ZoneInfo(account.time_zone))
    day = _DAYS[account.language][at.weekday()]
    month = _MONTHS[account.language][at.month - 1]
    person = clean_line(last.person or "", 100)
    who = f"{person} <{last.address}>" if person else f"<{last.address}>"
    if account.language == "ru":
        return f"{day}, {at.day} {month} {at.year} г. в {at:%H:%M}, {who}:"
    return f"On {day}, {month} {at.day}, {at.year} at {at:%H:%M}, {who} wrote:"


def as_text(words: str, signature: str, last: Last | None, account: EmailAccount) -> str:
    """The whole text of a mail."""
    blocks = [words.rstrip("\n")]
    if signature:
        blocks.append(f"-- \n{signature}")
    if last is not None:
        lines = (
            f">{line}" if line.startswith(">") else f"> {line}" for line in last.text.rstrip().split("\n")
        )
        blocks.append("\n".join((said_before(last, account), *(line.rstrip() for line in lines))))
    return "\n\n".join(blocks) + "\n"


def as_html(words: str, signature: str, last: Last | None, account: EmailAccount) -> str:
    """The same for programs that show HTML; `words` is HTML already."""
    blocks = [f"<div>{words}</div>"]
    if signature:
        blocks.append(f'<div class="gmail_signature"><br>-- <br>{_lines(signature)}</div>')
    if last is not None:
        above = web.escape(said_before(last, account))
        below = _lines(last.text.rstrip())
        blocks.append(
            f'<div class="gmail_quote"><br><div class="gmail_attr">{above}</div>'
            f'<blockquote class="gmail_quote" type="cite" style="{_BLOCK}">{below}</blockquote></div>'
        )
    return f"<html><body>{''.join(blocks)}</body></html>\n"


def _lines(text: str) -> str:
    return web.escape(text).replace("\n", "<br>\n")
