"""One poll: how MAX is asked what is new, and what it tells. Pure.

GET /updates?limit=100&timeout=30&marker=25493970 → {"updates": [as in parse.py], "marker": 25493971}

A marker confirms everything before it. Without one MAX tells the last update alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

from gateways.kit.http import Answer
from gateways.kit.polling import Page
from gateways.kit.request import Request, object_of
from gateways.kit.spool import SpoolRow
from gateways.kit.unfetched import Broken
from gateways.kit.unreadable import readable
from gateways.max.messages import Hearing, Said
from gateways.max.parse import said
from gateways.max.people import CHANNEL, number

WAIT_SECONDS: Final = 30
MOST: Final = 100
BROKEN: Final = "MAX answers with what nobody can read."


def request(cursor: str | None) -> Request:
    """A long poll from where the last one ended."""
    query = {"limit": MOST, "timeout": WAIT_SECONDS} | ({"marker": cursor} if cursor else {})
    return Request("GET", f"/updates?{urlencode(query)}", {})


def updates(answer: Answer) -> tuple[list[Any], str | None]:
    """What came, and where the next poll begins; raises `Broken`."""
    told = object_of(answer)
    listed, marker = told.get("updates"), told.get("marker")
    if not isinstance(listed, list):
        raise Broken(BROKEN)
    known = number(marker)
    return listed, None if known is None else str(known)


def page(listed: Sequence[Any], cursor: str | None, hearing: Hearing) -> Page:
    """The facts; an update that cannot be read is kept, and holds up no other."""
    understood: list[Said] = []

    def rows(update: Any) -> Sequence[SpoolRow]:
        understood.append(said(update, hearing))
        return understood[-1].rows

    read = readable(CHANNEL, hearing.account, listed, rows, at=hearing.at)
    return Page(
        tuple(read),
        cursor,
        more=len(listed) >= MOST,
        aliases=tuple(alias for one in understood for alias in one.aliases),
        errands=tuple(errand for one in understood for errand in one.errands),
    )
