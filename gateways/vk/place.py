"""Where we stand in what VK tells of a community: the cursor of its source. Pure.

{"ts": "11", "at": 1769853600}                                   in the poll; heard until then
{"ts": "30", "at": 1769853600, "since": 1769853540}              a gap: whose dialogs changed since then?
{"ts": "30", "at": 1769853600, "since": 1769853540, "peers": [7]}   their histories are read one by one
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Self

MARGIN: Final = timedelta(minutes=2)
"""Clocks differ, and what was told last may be lost too."""
FRESH: Final = timedelta(minutes=5)
"""While nothing is new the time is written this often only."""


@dataclass(frozen=True, slots=True)
class Gap:
    """From `since` on, in seconds since 1970; `peers`: dialogs that are left, absent while nobody looked."""

    since: int
    peers: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """`at`: until when we have heard all, in seconds since 1970; `ts` is VK's, empty where there is none."""

    ts: str
    at: int
    gap: Gap | None = None

    @classmethod
    def at_first(cls, ts: str, now: datetime) -> Self:
        return cls(ts, int(now.timestamp()))

    def moved(self, ts: str, now: datetime) -> Place:
        """After an answer; the same place where that told nothing and the time is fresh."""
        seconds = int(now.timestamp())
        stale = seconds - self.at >= FRESH.total_seconds()
        return Place(ts, seconds) if ts != self.ts or stale else self

    def gaping(self) -> Place:
        """What was told since we heard last is to be read from the histories."""
        return replace(self, gap=Gap(self.at - int(MARGIN.total_seconds())))

    def text(self) -> str:
        said: dict[str, object] = {"ts": self.ts, "at": self.at}
        if self.gap is not None:
            said["since"] = self.gap.since
            if self.gap.peers is not None:
                said["peers"] = list(self.gap.peers)
        return json.dumps(said)


def read_place(cursor: str | None) -> Place | None:
    """The place that a cursor of ours says."""
    if cursor is None:
        return None
    said = json.loads(cursor)
    peers = said.get("peers")
    gap = Gap(said["since"], None if peers is None else tuple(peers)) if "since" in said else None
    return Place(said["ts"], said["at"], gap)
