"""The end of the store's feed, kept once per replica: rows without a hole, as many as the ring holds.

Rows come as hints over the broker. A hole, a reconnection or a head that is further than ours is filled by
HTTP; when nothing is heard for a while (a head comes each second) we ask by HTTP ourselves. Whoever wants
rows pulls them from where they stand, so a slow reader costs no memory; older rows are asked of the store.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Final, Protocol
from uuid import UUID

from pydantic import ValidationError

from gateways.desk.row import Row
from shared import topology
from shared.bus.connection import Broker
from shared.bus.listener import Listener
from shared.contract.feed import FeedHead, FeedPage, FeedRow
from shared.failure import Unavailable
from shared.http.problem import Problem
from shared.log import get_logger

log = get_logger()

SILENT_SECONDS: Final = 4.0
ASK_SECONDS: Final = 2.0
AHEAD: Final = 5_000
"""Rows beyond a hole that are kept until it is filled."""
_HEAD: Final = b'{"head"'


class Expired(Exception):
    """The rows after a cursor are gone: take a fresh snapshot."""


class FeedSource(Protocol):
    """The store, as far as its feed goes."""

    async def feed(self, after: int, limit: int = 1000) -> FeedPage: ...


class FeedTail:
    """`head`: every row up to it is known; `floor`: rows above it are in the ring."""

    def __init__(self, store: FeedSource, capacity: int) -> None:
        self.head = 0
        self.floor = 0
        self.started = asyncio.Event()
        self._store = store
        self._capacity = capacity
        self._rows: list[Row] = []
        self._ahead: dict[int, FeedRow] = {}
        self._effects: dict[UUID, list[Row]] = {}
        self._watching: dict[UUID, set[asyncio.Event]] = {}
        self._stirred: set[asyncio.Event] = set()
        self._missing = asyncio.Event()
        self._heard = float("-inf")

    @property
    def late(self) -> bool:
        """Whether the store has been silent for too long: what is shown may be late."""
        return time.monotonic() - self._heard > SILENT_SECONDS

    async def run(self, broker: Broker) -> None:
        """Listens and fills holes until cancelled."""
        listener = Listener(broker, [(topology.FEED, "#")], self.heard, self._gap)
        async with asyncio.TaskGroup() as group:
            group.create_task(listener.run(), name="feed listener")
            group.create_task(self.fill(), name="feed holes")

    def stir(self, event: asyncio.Event) -> None:
        """Sets `event` whenever there is something new, until `unstir`."""
        self._stirred.add(event)

    def unstir(self, event: asyncio.Event) -> None:
        self._stirred.discard(event)

    async def rows_after(self, cursor: int, limit: int = 200) -> list[Row]:
        """Rows after `cursor`, oldest first, at most `limit`. Raises `Expired`, or `Unavailable`."""
        if cursor >= self.floor:
            at = cursor - self.floor
            return self._rows[at : at + limit]
        page = await self._store.feed(cursor, limit)
        if page.oldest > cursor + 1 or page.head < cursor:
            raise Expired
        return [Row(row) for row in page.items]

    async def reach(self, seq: int) -> bool:
        """Whether there is a row `seq`; catches up with the store if it must."""
        if seq > self.head:
            self._take((await self._store.feed(self.head)).items)
        if seq > self.head:
            return (await self._store.feed(seq, 1)).head >= seq
        return True

    async def effect(self, command_id: UUID, wanted: Callable[[FeedRow], bool], seconds: float) -> Row | None:
        """The row that shows what a command did; None when it has not come within `seconds`."""
        stirred = asyncio.Event()
        watching = self._watching.setdefault(command_id, set())
        watching.add(stirred)
        try:
            async with asyncio.timeout(seconds):
                while True:
                    stirred.clear()
                    for row in self._effects.get(command_id, ()):
                        if wanted(row.row):
                            return row
                    await stirred.wait()
        except TimeoutError:
            return None
        finally:
            watching.discard(stirred)
            if not watching:
                self._watching.pop(command_id, None)

    async def heard(self, body: bytes) -> None:
        """A body of the exchange `feed`: a row or the head."""
        self._heard = time.monotonic()
        try:
            if body.startswith(_HEAD):
                if FeedHead.model_validate_json(body).head > self.head:
                    self._missing.set()
            elif self.started.is_set():
                self._take((FeedRow.model_validate_json(body),))
        except ValidationError:
            log.warning("feed_row_unreadable", bytes=len(body))
            self._missing.set()

    async def _gap(self) -> None:
        self._missing.set()

    async def fill(self) -> None:
        """Fetches what is missing, and looks for itself when nothing is heard."""
        self._missing.set()
        while True:
            try:
                async with asyncio.timeout(ASK_SECONDS):
                    await self._missing.wait()
            except TimeoutError:
                if not self.late:
                    continue
            self._missing.clear()
            try:
                await self._fetch()
            except (Unavailable, Problem, ValidationError) as error:
                log.warning("feed_unreadable", reason=str(error)[:200])
                self._missing.set()
                await asyncio.sleep(0.5)

    async def _fetch(self) -> None:
        """Everything after our head, page by page; a store that went back in time starts us anew."""
        while True:
            if not self.started.is_set():
                return self._begin_at((await self._store.feed(0, 1)).head)
            asked = self.head
            page = await self._store.feed(asked)
            lost = page.oldest > asked + 1 and asked == self.head
            if lost or page.head < asked:
                self._begin_at(page.head)
            else:
                self._take(page.items)
            if page.head <= self.head or not page.items:
                return None

    def _begin_at(self, head: int) -> None:
        """Nothing before `head` is in memory any more."""
        if self.started.is_set():
            log.warning("feed_begun_anew", before=self.head, now=head)
        self.head = self.floor = head
        self._rows.clear()
        self._effects.clear()
        self._ahead.clear()
        self.started.set()
        self._wake()

    def _take(self, rows: Iterable[FeedRow]) -> None:
        """Adds what follows our head; keeps what is beyond a hole."""
        before = self.head
        for row in rows:
            if row.seq == self.head + 1:
                self._append(row)
                while (following := self._ahead.pop(self.head + 1, None)) is not None:
                    self._append(following)
            elif row.seq > self.head:
                if len(self._ahead) < AHEAD:
                    self._ahead[row.seq] = row
                self._missing.set()
        if self.head != before:
            self._wake()

    def _append(self, feed_row: FeedRow) -> None:
        row = Row(feed_row)
        self._rows.append(row)
        self.head = feed_row.seq
        if feed_row.command_id is not None:
            self._effects.setdefault(feed_row.command_id, []).append(row)
            for stirred in self._watching.get(feed_row.command_id, ()):
                stirred.set()
        if len(self._rows) > self._capacity * 5 // 4:
            self._trim()

    def _trim(self) -> None:
        gone = self._rows[: -self._capacity]
        del self._rows[: -self._capacity]
        self.floor = self._rows[0].row.seq - 1
        for row in gone:
            if row.row.command_id is not None:
                self._effects.pop(row.row.command_id, None)

    def _wake(self) -> None:
        for event in self._stirred:
            event.set()
