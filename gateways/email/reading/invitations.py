"""The meeting in a text/calendar part (RFC 5545, 5546); the file itself stays among the attachments."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Final

from gateways.email.mail import Invitation
from gateways.email.reading.charsets import decode
from gateways.email.reading.parameters import Parameters
from gateways.kit.text import clean_line

_LONGEST_FILE: Final = 256 * 1024
_LONGEST_WORDS: Final = 500


def invitation(calendars: list[tuple[bytes, Parameters]]) -> Invitation | None:
    """The first that is readable."""
    for content, content_type in calendars:
        if b"BEGIN:VEVENT" in content.upper() and len(content) <= _LONGEST_FILE:
            found = _invitation(decode(content, content_type.token("charset") or "utf-8")[0], content_type)
            if found is not None:
                return found
    return None


def _invitation(text: str, content_type: Parameters) -> Invitation | None:
    from icalendar import Calendar  # noqa: PLC0415  slow to load, and few mails invite to anything

    try:
        calendar = Calendar.from_ical(text)
        events = calendar.walk("VEVENT")
        event = events[0]
        method = str(calendar.get("METHOD") or content_type.token("method") or "PUBLISH")
        return Invitation(
            method=clean_line(method, 40).upper(),
            summary=clean_line(str(event.get("SUMMARY", "")), _LONGEST_WORDS),
            starts=_time(event.get("DTSTART")),
            ends=_time(event.get("DTEND")) or _after(event),
            place=clean_line(str(event.get("LOCATION", "")), _LONGEST_WORDS) or None,
        )
    except Exception:  # noqa: BLE001  whatever the library meets in a broken file: the file is kept
        return None


def _time(found: Any) -> str | None:
    moment = getattr(found, "dt", None)
    if isinstance(moment, datetime):
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()
    return moment.isoformat() if isinstance(moment, date) else None


def _after(event: Any) -> str | None:
    """The end of an event that says how long it lasts."""
    starts, lasts = getattr(event.get("DTSTART"), "dt", None), getattr(event.get("DURATION"), "dt", None)
    if starts is None or lasts is None:
        return None
    ends = starts + lasts
    if isinstance(ends, datetime) and ends.tzinfo is None:
        ends = ends.replace(tzinfo=UTC)
    return str(ends.isoformat())
