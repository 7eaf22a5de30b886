"""How addresses of people look, wherever somebody types one: phones in E.164, addresses of mail. Pure."""

from __future__ import annotations

import re
from typing import Final

_MAIL: Final = re.compile(r"[^\s@<>,;:\"\\\x00-\x1f]{1,64}@[^\s@<>,;:\"\\\x00-\x1f]{1,190}")
_BETWEEN_DIGITS: Final = re.compile(r"[\s().\u2010-\u2015-]+")
_PHONE: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_RUSSIAN: Final = re.compile(r"8[0-9]{10}")


def is_mail_address(text: str) -> bool:
    """Whether a mail can be sent there, as far as its looks go."""
    return _MAIL.fullmatch(text) is not None


def phone_number(text: str) -> str | None:
    """`+7 (900) 123-45-67` → `+79001234567`; none for a number without its country.

    The country is said by `+` or `00`, or left out as in Russia: 8 900 123-45-67.
    """
    bare = _BETWEEN_DIGITS.sub("", text)
    if bare.startswith("00"):
        bare = f"+{bare[2:]}"
    elif _RUSSIAN.fullmatch(bare):
        bare = f"+7{bare[1:]}"
    return bare if _PHONE.fullmatch(bare) else None
