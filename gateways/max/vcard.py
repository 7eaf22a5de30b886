"""A vCard as MAX gives a contact, read for what a contact's card shows. Pure.

BEGIN:VCARD\\r\\nVERSION:3.0\\r\\nFN:Anna Petrova\\r\\nTEL;TYPE=cell:79001234567\\r\\nEND:VCARD
"""

from __future__ import annotations

import re
from typing import Final

from gateways.kit.text import clean_line
from shared.contract.content import ContactCard

MOST: Final = 20
"""Numbers of one card that are kept."""
_FOLD: Final = re.compile(r"\r?\n[ \t]")
_ESCAPED: Final = re.compile(r"\\([,;:\\nN])")
_INTERNATIONAL: Final = re.compile(r"[1-9]\d{10,14}")


def card(vcf: str, otherwise: str) -> ContactCard:
    """The card; `otherwise`: the name where the vCard has none."""
    found: dict[str, list[str]] = {}
    for line in _FOLD.sub("", vcf).splitlines():
        head, colon, value = line.partition(":")
        if colon and value.strip():
            found.setdefault(head.partition(";")[0].rpartition(".")[2].strip().upper(), []).append(value)
    structured = " ".join(reversed(found.get("N", [""])[0].split(";")[:2]))
    name = next(filter(None, (_line(one) for one in (*found.get("FN", ()), structured))), "")
    return ContactCard(
        name=name or otherwise,
        phones=tuple(dict.fromkeys(phone(one) for one in found.get("TEL", ())))[:MOST],
        emails=tuple(dict.fromkeys(_line(one) for one in found.get("EMAIL", ())))[:MOST],
    )


def phone(written: str) -> str:
    """A number as it stands, with the plus that MAX leaves out."""
    bare = _line(written).removeprefix("tel:")
    return f"+{bare}" if _INTERNATIONAL.fullmatch(bare) else bare


def vcard(contact: ContactCard) -> str:
    """A contact of ours as MAX takes it."""
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"FN:{_escaped(contact.name)}"]
    lines += [f"TEL;TYPE=cell:{_escaped(one)}" for one in contact.phones]
    lines += [f"EMAIL:{_escaped(one)}" for one in contact.emails]
    return "\r\n".join([*lines, "END:VCARD", ""])


def _line(value: str) -> str:
    return clean_line(_ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value), 200)


def _escaped(value: str) -> str:
    return re.sub(r"([,;\\])", r"\\\1", clean_line(value, 200))
