"""What the top headers of a mail say: who, when, about what, in answer to what, and who vouches for it."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from gateways.email.mail import Verdict
from gateways.email.reading.correspondents import correspondents
from gateways.email.reading.fields import Fields
from gateways.kit.text import clean_line

LONGEST_SUBJECT: Final = 2000
_LONGEST_ID: Final = 998
_MOST_IDS: Final = 500
_LONGEST_DATE: Final = 120

_ID: Final = re.compile(r"<([^<>]{1,2000})>")
_LIST_ID: Final = re.compile(r"<([^<>]{1,500})>")
_COMMENT_OR_QUOTED: Final = re.compile(r'\([^()]{0,1000}\)|"[^"]{0,1000}"')
_DMARC: Final = re.compile(r"(?:^|[;\s])dmarc\s*=\s*([a-z]+)")
_VERDICTS: Final[dict[str, Verdict]] = {"pass": "pass", "bestguesspass": "pass", "fail": "fail"}


def subject(fields: Fields) -> str:
    return clean_line(fields.text("subject"), LONGEST_SUBJECT)


def date(fields: Fields) -> datetime | None:
    """Aware; of the first Date that anybody can read."""
    for raw in fields.every("date"):
        found = _moment(raw.decode("latin-1").strip()[:_LONGEST_DATE])
        if found is not None:
            return found
    return None


def _moment(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        try:
            found = datetime.fromisoformat(text.replace(" +", "+").replace(" -", "-"))
        except ValueError:
            return None
    if found.tzinfo is None:
        found = found.replace(tzinfo=UTC)
    return found if 1950 <= found.year <= 9000 else None


def message_ids(raws: list[bytes]) -> tuple[str, ...]:
    """Without brackets and the blanks of folding, each once, in order."""
    found: dict[str, None] = {}
    for raw in raws:
        text = raw.decode("utf-8", "replace")
        for written in _ID.findall(text) or [word for word in text.split() if "@" in word]:
            identity = re.sub(r"[\s\x00]+", "", written)
            if 0 < len(identity) <= _LONGEST_ID:
                found.setdefault(identity)
        if len(found) > _MOST_IDS:
            break
    return tuple(found)[:_MOST_IDS]


def message_id(fields: Fields) -> str | None:
    """The first; one without brackets or @ too, since answers will name it so."""
    raws = fields.every("message-id")
    found = message_ids(raws)
    if found:
        return found[0]
    bare = "".join(raws[0].decode("utf-8", "replace").split()).strip("<>") if raws else ""
    return bare[:_LONGEST_ID].replace("\x00", "") or None


def list_id(fields: Fields) -> str | None:
    written = fields.text("list-id")
    found = _LIST_ID.search(written)
    return clean_line(found[1] if found else written, 300) or None


def delivered_to(fields: Fields) -> tuple[str, ...]:
    """Addresses that servers on the way delivered to, in the order of the headers, each once."""
    names = (
        "delivered-to",
        "x-original-to",
        "envelope-to",
        "x-envelope-to",
        "x-delivered-to",
        "x-forwarded-to",
    )
    raws = [value for name, value in fields.rows if name in names]
    return tuple(dict.fromkeys(person.address for person in correspondents(raws)))


def dmarc(fields: Fields, believed: Collection[str]) -> Verdict:
    """Of the topmost Authentication-Results of a server that is believed: others write that header too."""
    known = {name.lower() for name in believed}
    for raw in fields.every("authentication-results"):
        text = _COMMENT_OR_QUOTED.sub(" ", raw.decode("latin-1").lower())
        server, _, results = text.partition(";")
        if server.split()[:1] and server.split()[0] in known:
            found = _DMARC.search(results)
            if found:
                return _VERDICTS.get(found[1], "none")
    return "none"
