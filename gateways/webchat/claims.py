"""What a page says of itself and its visitor. All of it is hostile: cleaned, shortened, or left out. Pure."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from gateways.kit.text import clean_line
from gateways.webchat.frames import Claim, Contact, Fields
from shared.contract.people import Visit

_ADDRESS_LENGTH: Final = 2000
_UTM_MARKS: Final = 20
_MOST_FIELDS: Final = 50
_FIELD_LENGTH: Final = 500
_EVENT_LENGTH: Final = 2000

_MAIL: Final = re.compile(r"[^\s@<>\"']{1,64}@[^\s@<>\"'.]+(\.[^\s@<>\"'.]+)+")
_HASH: Final = re.compile(r"[0-9a-f]{64}")


def visit_of(frame: dict[str, Any], language: str | None) -> Visit | None:
    """The page that a frame tells of; none when it tells nothing."""
    page = frame.get("page")
    page = page if isinstance(page, dict) else {}
    marks = page.get("utm")
    utm = (
        {
            clean_line(name, 40): clean_line(value, 200)
            for name, value in list(marks.items())[:_UTM_MARKS]
            if isinstance(value, str)
        }
        if isinstance(marks, dict)
        else {}
    )
    visit = Visit(
        url=_address(page.get("url")),
        title=line(page.get("title"), 300),
        referrer=_address(page.get("referrer")),
        utm=utm,
        language=language,
        time_zone=line(frame.get("tz"), 64),
    )
    return visit if any((visit.url, visit.title, visit.referrer, visit.utm, visit.time_zone)) else None


def contact_of(frame: dict[str, Any]) -> Contact:
    """Name, telephone and mail address, each only when it looks like one."""
    consent = frame.get("consent")
    mail = line(frame.get("email"), 254)
    return Contact(
        name=line(frame.get("name"), 100),
        phone=_phone(line(frame.get("phone"), 40)),
        email=mail.lower() if mail is not None and _MAIL.fullmatch(mail) else None,
        consent=consent if isinstance(consent, bool) else None,
    )


def claim_of(user: object) -> Claim | None:
    """Who the host page says that its visitor is; without a hash it is nobody."""
    if not isinstance(user, dict):
        return None
    identity, proof = user.get("id"), user.get("hash")
    if isinstance(identity, int) and not isinstance(identity, bool):
        identity = str(identity)
    if not isinstance(identity, str) or not 0 < len(identity) <= 200 or identity != clean_line(identity, 200):
        return None
    if not isinstance(proof, str) or not _HASH.fullmatch(proof.lower()):
        return None
    return Claim(identity, proof.lower(), contact_of(user))


def fields_of(value: object) -> Fields:
    """Short names and values; what is neither words, number nor yes and no is left out."""
    kept: dict[str, str] = {}
    for name, said in list(value.items())[:_MOST_FIELDS] if isinstance(value, dict) else ():
        if isinstance(said, str | int | float) and (key := clean_line(name, 60)):
            words = said if isinstance(said, str) else json.dumps(said)
            kept[key] = clean_line(words, _FIELD_LENGTH)
    return Fields(kept)


def event_of(frame: dict[str, Any]) -> Fields | None:
    """Something that happened on the page, as a field of its own; none when it has no name."""
    name = line(frame.get("name"), 60)
    if name is None:
        return None
    data = frame.get("data")
    words = json.dumps(data, ensure_ascii=False, separators=(",", ":")) if isinstance(data, dict) else "{}"
    return Fields({f"event:{name}": clean_line(words, _EVENT_LENGTH)})


def line(value: object, longest: int) -> str | None:
    return clean_line(value, longest) or None if isinstance(value, str) else None


def _address(value: object) -> str | None:
    """An http address; what would run when an operator clicks it is left out."""
    address = line(value, _ADDRESS_LENGTH)
    return address if address is not None and address.lower().startswith(("http://", "https://")) else None


def _phone(said: str | None) -> str | None:
    """E.164; a number without its country is taken only where people write it so (8 999 … in Russia)."""
    if said is None or re.search(r"[^0-9+()\s.-]", said) or not said.isascii():
        return None
    digits = re.sub(r"[^0-9]", "", said)
    if said.startswith("+") and 7 <= len(digits) <= 15:
        return f"+{digits}"
    return f"+7{digits[1:]}" if len(digits) == 11 and digits[0] == "8" else None
