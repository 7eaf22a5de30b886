"""Groups that the bot is in: their titles and people, asked for once when a group is first heard of. Pure.

GET /chats/-7 → {"chat_id": -7, "type": "chat", "title": "Жильцы", …}
GET /chats/-7/members?count=100 → {"members": [{"user_id": 101, "first_name": "Анна", …}]}, for an admin only
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

from gateways.kit.request import Request
from gateways.kit.spool import SpoolRow
from gateways.kit.text import clean_line
from gateways.max import people
from gateways.max.messages import Hearing
from shared.contract.inbound import MembersChanged

MOST_MEMBERS: Final = 100


def chat(name: str) -> Request:
    return Request("GET", f"/chats/{quote(name, safe='-')}", {})


def members(name: str) -> Request:
    return Request("GET", f"/chats/{quote(name, safe='-')}/members?count={MOST_MEMBERS}", {})


def told(name: str, title: Any, listed: Sequence[Any], hearing: Hearing) -> SpoolRow:
    """Who is in the group, and what it is called."""
    fact = MembersChanged(
        dialog=people.dialog(hearing.account, name, "group"),
        title=clean_line(title, 200) or None if isinstance(title, str) else None,
        joined=tuple(people.identity(one, name) for one in listed if not people.is_bot(one)),
    )
    return hearing.row(fact, "group", name)
