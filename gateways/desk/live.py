"""One live connection: what its operator may see of the feed, from a cursor on, without a hole or a repeat.

The page says where it stands; rows are pulled from there and each is judged at the moment of sending by the
operator's sight of now. Whoever saw it before and may not now is told that it is gone. A change of what the
operator may see, a cursor that is too old or a store that went back in time end in `resync`.
"""

from __future__ import annotations

import asyncio
import time
from typing import Final, Literal
from uuid import UUID

from aiohttp import WSMsgType, web

from gateways.desk import ending, frames
from gateways.desk.counters import Counters
from gateways.desk.outgate import Outgate
from gateways.desk.row import Row
from gateways.desk.tail import Expired, FeedTail
from gateways.desk.viewers import Known, UnknownOperator, Viewers
from shared.clock import Clock
from shared.contract.feed import Sight
from shared.failure import Unavailable
from shared.http.problem import Problem
from shared.metrics import WS_RESUME_GAP

FIRST_FRAME_SECONDS: Final = 10.0
BEAT_SECONDS: Final = 1.0
RETRY_SECONDS: Final = 0.5
MOST_FRAMES: Final = 50
"""Frames of the page within a second."""

Reason = Literal["expired", "ahead", "access"]


class Live:
    """`run` ends by raising an `Ending` or `ConnectionError`, in a group."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        operator_id: UUID,
        session_id: UUID,
        *,
        tail: FeedTail,
        viewers: Viewers,
        counters: Counters,
        clock: Clock,
    ) -> None:
        self.operator_id = operator_id
        self.session_id = session_id
        self._socket = socket
        self._tail = tail
        self._viewers = viewers
        self._counters = counters
        self._clock = clock
        self._gate = Outgate(socket)
        self._wish: frames.Resume | None = None
        self._stirred = asyncio.Event()
        self._cursor: int | None = None
        self._followed_as: Known | None = None
        self._touched = asyncio.Event()
        self._touched_at = 0
        self._counts_from = 0
        self._why: ending.Ending | None = None
        self._ended = asyncio.Event()

    def end(self, why: ending.Ending) -> None:
        """Ends the connection; may be called from anywhere, and again."""
        self._why = self._why or why
        self._ended.set()

    def whisper(self, sight: Sight, frame: str) -> None:
        """Offers a frame that is soon worthless, where the page follows and its operator may see this."""
        if self._followed_as is not None and self._followed_as.sees(sight):
            self._gate.offer(frame)

    async def run(self) -> None:
        self._tail.stir(self._stirred)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._until_ended())
                group.create_task(self._listen())
                group.create_task(self._gate.run())
                group.create_task(self._serve())
                group.create_task(self._beat())
                group.create_task(self._count())
        finally:
            self._tail.unstir(self._stirred)

    async def _until_ended(self) -> None:
        await self._ended.wait()
        if self._why is not None:
            raise self._why

    async def _listen(self) -> None:
        """What the page says. Silence is no fault: the socket's own pings find a dead peer."""
        started, said = time.monotonic(), 0
        async for message in self._socket:
            if message.type is not WSMsgType.TEXT:
                raise ending.broke_the_protocol()
            now = time.monotonic()
            started, said = (started, said + 1) if now - started < 1 else (now, 1)
            frame = frames.read(message.data)
            if frame is None or said > MOST_FRAMES:
                raise ending.broke_the_protocol()
            if isinstance(frame, frames.Resume):
                self._wish = frame
                self._stirred.set()
            else:
                await self._gate.put(frames.PONG)
        raise ConnectionResetError("the page has gone")

    async def _serve(self) -> None:
        """A `resume` after another: each is followed until it cannot be."""
        try:
            async with asyncio.timeout(FIRST_FRAME_SECONDS):
                wish = await self._next_wish()
        except TimeoutError:
            raise ending.idle() from None
        while True:
            await self._tail.started.wait()
            reason = await self._follow(wish, await self._known(self._tail.head))
            self._cursor = self._followed_as = None
            if reason is not None:
                known = await self._known(self._tail.head)
                self._counts_from = known.seq
                await self._gate.put(frames.resync(reason, known.access))
            wish = await self._next_wish()

    async def _next_wish(self) -> frames.Resume:
        while self._wish is None:
            self._stirred.clear()
            await self._stirred.wait()
        wish, self._wish = self._wish, None
        return wish

    async def _follow(self, wish: frames.Resume, known: Known) -> Reason | None:
        """Sends from the wish on, until a new wish comes (None) or the page has to start afresh."""
        cursor = await self._start(wish, known)
        if isinstance(cursor, str):
            return cursor
        self._followed_as = known
        while self._wish is None:
            self._stirred.clear()
            rows = await self._rows_after(cursor)
            if isinstance(rows, str):
                return rows
            if not rows:
                self._cursor = cursor
                await self._stirred.wait()
            for row in rows:
                if self._may_change_access(row, known):
                    self._followed_as = None
                    before, known = known, await self._known(row.row.seq)
                    if known.access != before.access:
                        return "access"
                    self._followed_as = known
                await self._show(row, known)
                self._cursor = cursor = row.row.seq
        return None

    async def _start(self, wish: frames.Resume, known: Known) -> int | Reason:
        """Says hello and where it begins, or why it cannot."""
        if wish.seq is not None:
            if wish.access != known.access:
                return "access"
            if not await self._reached(wish.seq):
                return "ahead"
        cursor = self._tail.head if wish.seq is None else wish.seq
        WS_RESUME_GAP.labels("desk").inc(max(0, self._tail.head - cursor))
        await self._gate.put(frames.hello(cursor, known.access, known.operator))
        return cursor

    async def _rows_after(self, cursor: int) -> list[Row] | Reason:
        while True:
            if cursor > self._tail.head:
                return "ahead"
            try:
                return await self._tail.rows_after(cursor)
            except Expired:
                return "expired"
            except (Unavailable, Problem):
                await asyncio.sleep(RETRY_SECONDS)

    async def _show(self, row: Row, known: Known) -> None:
        visible = known.sees(row.row.after)
        if not visible and not known.sees(row.row.before):
            return
        await self._gate.put(row.frame(visible=visible))
        if row.row.entity == "conversation":
            self._touched_at = row.row.seq
            self._touched.set()
        if visible and not row.shown:
            row.shown = True
            if row.row.entity == "message":
                row.tell(self._clock.now())

    def _may_change_access(self, row: Row, known: Known) -> bool:
        """Rows after which the operator may see more or less: accounts, and the operator's own."""
        if row.row.entity == "account":
            return True
        if row.row.entity != "operator" or row.row.id != str(self.operator_id):
            return False
        state = row.row.state or {}
        return bool(state.get("disabled")) or state.get("access_version") != known.viewer.access_version

    async def _known(self, at_least: int) -> Known:
        """The operator's sight as of a row; nothing is sent before it is known."""
        while True:
            try:
                return await self._viewers.get(self.operator_id, at_least=at_least)
            except UnknownOperator:
                raise ending.no_session() from None
            except Unavailable:
                await asyncio.sleep(RETRY_SECONDS)

    async def _reached(self, seq: int) -> bool:
        while True:
            try:
                return await self._tail.reach(seq)
            except (Unavailable, Problem):
                await asyncio.sleep(RETRY_SECONDS)

    async def _beat(self) -> None:
        """Once a second: how far the page has been told everything, and whether the store is silent."""
        told: int | None = None
        late = False
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            cursor = self._cursor
            if cursor is not None and cursor != told:
                await self._gate.put(frames.head(cursor))
                told = cursor
            if self._tail.late != late:
                late = not late
                await self._gate.put(frames.late(late))

    async def _count(self) -> None:
        """Counters, after something that the operator sees has changed; never what was counted under a wider
        sight than the page has been told of."""
        while True:
            await self._touched.wait()
            self._touched.clear()
            try:
                counted = await self._counters.after(self.operator_id, self._touched_at)
            except (Unavailable, Problem):
                self._touched.set()
                await asyncio.sleep(RETRY_SECONDS)
                continue
            if counted.seq >= self._counts_from:
                await self._gate.put(frames.counters(counted.seq, counted.folders, counted.accounts))
