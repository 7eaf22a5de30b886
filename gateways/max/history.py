"""What is looked for after an outage of ours (BY11): the histories of the chats that were alive. Pure.

    alive ──▶ silent for longer than `gap_seconds`, or given up by MAX ──▶ chat after chat ──▶ alive

GET /messages?chat_id=182&count=100&from=1769853600000 → {"messages": [the latest first]}

`from` is the latest time that is asked for. MAX has no list of chats: a client who wrote for the first time
while we were away is found when that client writes again.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from gateways.kit.request import Request
from gateways.max.people import number
from gateways.max.subscription import GIVEN_UP_SECONDS

MOST: Final = 100
MARGIN_MS: Final = 60_000
"""Clocks differ, and a message may have been on its way."""


@dataclass(frozen=True, slots=True)
class Watch:
    """A cursor. Times in milliseconds since 1970: when we last heard of MAX; from when a gap is being filled.

    `chat`: the one that is being read, `until` its messages of before this time.
    """

    alive: int = 0
    since: int | None = None
    chat: str = ""
    until: int | None = None

    def seen(self, now: int, gap_seconds: float, *, given_up: bool) -> Watch:
        """The watch after a look at `now`: as it was but for the time, or at the beginning of a gap."""
        if not self.alive:
            return Watch(now)
        if given_up:
            return Watch(now, self.alive - int(GIVEN_UP_SECONDS * 1000) - MARGIN_MS)
        if now - self.alive > gap_seconds * 1000:
            return Watch(now, self.alive - MARGIN_MS)
        return Watch(now)

    def next_chat(self, chats: Collection[str]) -> Watch:
        """At the chat after the last one, or, behind the last, at the end of the gap."""
        later = sorted(one for one in chats if one > self.chat)
        return replace(self, chat=later[0], until=None) if later else Watch(self.alive)

    def written(self) -> str:
        return json.dumps(asdict(self))


def read(cursor: str | None) -> Watch:
    told = json.loads(cursor) if cursor else {}
    return Watch(**told)


def request(watch: Watch) -> Request:
    """The messages of the chat, from the end of what is not known yet."""
    query: dict[str, Any] = {"chat_id": watch.chat, "count": MOST}
    if watch.until is not None:
        query["from"] = watch.until
    return Request("GET", f"/messages?{urlencode(query)}", {})


def missed(messages: Sequence[Any], since: int) -> list[Any]:
    """Those of the gap, the oldest first."""
    dated = [(_time(one), one) for one in messages]
    return [one for at, one in sorted(dated, key=lambda pair: pair[0]) if at >= since]


def before(messages: Sequence[Any], watch: Watch) -> int | None:
    """From where the rest of the chat's gap is asked for; absent: there is no rest."""
    oldest = min((_time(one) for one in messages), default=0)
    whole = len(messages) < MOST or watch.since is None or oldest < watch.since
    return None if whole or (watch.until is not None and oldest >= watch.until) else oldest


def _time(message: Any) -> int:
    return number(message.get("timestamp") if isinstance(message, dict) else None) or 0
