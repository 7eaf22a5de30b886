"""The visitors' sockets of this replica, and the one pump that pushes the mailbox to them.

Every socket gets each entry of its dialog once and in order, without gaps: an entry that follows the last
one pushed goes out from memory, anything else is read from the mailbox, for many dialogs at once. Hints (of
our own commits, of other replicas on `live`, of a slow sweep) only say that there is more. One timer for all
ends sockets that have been silent; one that does not read is cut off, and nothing piles up for it.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Collection, Iterable, Sequence
from typing import Final, NamedTuple, NoReturn
from uuid import UUID

from aiohttp import WSCloseCode
from sqlalchemy.ext.asyncio import AsyncEngine

from gateways.webchat import mailbox, render
from gateways.webchat.entries import Entry
from gateways.webchat.site import Site
from gateways.webchat.transport import Transport
from gateways.webchat.words import Code, Language
from shared.db.engine import reading
from shared.failure import Unavailable
from shared.log import get_logger
from shared.metrics import WS_CONNECTIONS, WS_RESUME_GAP, WS_SLOW_CLOSED
from shared.trace import trace_id

log = get_logger()

KIND: Final = "visitor"
UNSENT_BYTES: Final = 256 * 1024
"""More than this unread by a socket, and it is cut off."""
SILENT_SECONDS: Final = 75.0
"""The widget pings each 25 s; a socket that says nothing for three of these is dead."""
BEAT_SECONDS: Final = 10.0
CAUGHT_UP: Final = 1000
"""Entries that one read brings, over all sockets."""
STRIDE: Final = 50
"""Entries that one socket gets of one read."""
PAUSE_SECONDS: Final = 0.5
_RESUMING: Final = -1
OURS: Final = 100
"""Numbers of our messages that a socket remembers, to know what a receipt is about."""


class Socket:
    """One open tab. `last_seq`: the last entry that it has, without gaps; `head`: the last one known of."""

    __slots__ = (
        "dialog_id",
        "frames",
        "head",
        "heard_at",
        "language",
        "last_seq",
        "ours",
        "owed",
        "site",
        "transport",
        "visitor",
    )

    def __init__(self, transport: Transport, site: Site, language: Language) -> None:
        self.transport = transport
        self.site = site
        self.language = language
        self.visitor = ""
        self.dialog_id: UUID | None = None
        self.last_seq = _RESUMING
        self.head = 0
        self.heard_at = time.monotonic()
        self.frames = 0
        self.owed: tuple[str, Code] | None = None
        """A message that was refused for now: later ones wait until it is repeated."""
        self.ours: deque[int] = deque(maxlen=OURS)
        """Numbers of the last messages of ours that were pushed to it."""

    async def send(self, frame: str) -> bool:
        """Writes a frame, or cuts off a socket that does not read; says whether it was written."""
        transport = self.transport
        if transport.unread > UNSENT_BYTES:
            WS_SLOW_CLOSED.labels(KIND).inc()
            self.cut()
        if transport.closing:
            return False
        try:
            await transport.write(frame)
        except (ConnectionError, RuntimeError):
            return False
        return True

    def has(self, entries: Iterable[Entry]) -> None:
        """Remembers which of these rows are messages of ours."""
        self.ours.extend(entry.seq for entry in entries if entry.is_ours)

    def cut(self) -> None:
        """Ends the connection; nothing is kept for it."""
        self.transport.cut()


class News(NamedTuple):
    """An entry that was just committed here, and the socket that knows it from its acknowledgement."""

    account: str
    entry: Entry
    origin: Socket | None


class Sockets:
    """All sockets of this process; `pump` and `beat` run in the service's task group."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._of: dict[UUID, list[Socket]] = {}
        self._count = 0
        self._fresh: deque[News] = deque()
        self._lagging: set[Socket] = set()
        self._work = asyncio.Event()

    @property
    def count(self) -> int:
        return self._count

    def add(self, socket: Socket, dialog_id: UUID) -> None:
        """Hints reach it from now on; entries only after `resumed`."""
        socket.dialog_id = dialog_id
        self._of.setdefault(dialog_id, []).append(socket)
        self._count += 1
        WS_CONNECTIONS.labels(KIND).set(self._count)

    def remove(self, socket: Socket) -> None:
        """Forgets it; removing twice changes nothing."""
        group = self._of.get(socket.dialog_id) if socket.dialog_id is not None else None
        if group is None or socket not in group:
            return
        group.remove(socket)
        if not group and socket.dialog_id is not None:
            del self._of[socket.dialog_id]
        self._lagging.discard(socket)
        self._count -= 1
        WS_CONNECTIONS.labels(KIND).set(self._count)

    def resumed(self, socket: Socket, last_seq: int, head: int) -> None:
        """The socket has everything up to `last_seq`; what came since is pushed."""
        socket.last_seq = last_seq
        self._hint(socket, head)
        if socket.head > last_seq:
            self._lag(socket)

    def fresh(self, news: Iterable[News]) -> None:
        """Pushes what was just committed here, without reading it again."""
        of = self._of
        self._fresh.extend(one for one in news if one.entry.dialog_id in of)
        if self._fresh:
            self._work.set()

    def moved(self, heads: Iterable[tuple[UUID, int]]) -> None:
        """Dialogs whose mailbox has entries up to these numbers."""
        for dialog, head in heads:
            for socket in self._of.get(dialog, ()):
                self._hint(socket, head)

    async def tell(self, dialog_id: UUID, frame: str) -> None:
        """A frame that is no row of the mailbox, to whoever is there now."""
        for socket in list(self._of.get(dialog_id, ())):
            if socket.last_seq > _RESUMING:
                await socket.send(frame)

    def _hint(self, socket: Socket, head: int) -> None:
        socket.head = max(socket.head, head)
        if _RESUMING < socket.last_seq < socket.head:
            self._lag(socket)

    def _lag(self, socket: Socket) -> None:
        self._lagging.add(socket)
        self._work.set()

    async def pump(self) -> NoReturn:
        """Pushes until cancelled."""
        while True:
            await self._work.wait()
            self._work.clear()
            while self._fresh:
                await self._push_fresh(self._fresh.popleft())
            if self._lagging:
                await self._catch_up()

    async def _push_fresh(self, news: News) -> None:
        entry = news.entry
        for socket in list(self._of.get(entry.dialog_id, ())):
            if socket.last_seq == entry.seq - 1:
                await self._push(socket, entry, known=socket is news.origin)
            else:
                self._hint(socket, entry.seq)

    async def _push(self, socket: Socket, entry: Entry, *, known: bool) -> None:
        socket.last_seq = entry.seq
        socket.head = max(socket.head, entry.seq)
        if known or not await socket.send(render.row(entry, socket.site.link)):
            return
        if entry.is_ours:
            socket.ours.append(entry.seq)
            log.info(
                "frame_pushed",
                account=socket.site.slug,
                message_id=entry.message_id,
                dialog_id=entry.dialog_id,
                trace_id=trace_id(entry.traceparent),
            )

    async def _catch_up(self) -> None:
        """Reads what lagging sockets miss, for many of them at once, and pushes it."""
        wanted: set[tuple[UUID, int]] = set()
        chosen: list[Socket] = []
        for socket in self._lagging:
            if len(wanted) >= CAUGHT_UP or socket.dialog_id is None:
                break
            chosen.append(socket)
            last = min(socket.head, socket.last_seq + STRIDE)
            wanted.update((socket.dialog_id, seq) for seq in range(socket.last_seq + 1, last + 1))
        try:
            async with reading(self._engine) as conn:
                found = await mailbox.read(conn, wanted)
        except Unavailable as error:
            log.warning("mailbox_unavailable", reason=str(error))
            await asyncio.sleep(PAUSE_SECONDS)
            self._work.set()
            return
        for socket in chosen:
            await self._bring(socket, found.get(socket.dialog_id, ()) if socket.dialog_id else ())
        if self._lagging:
            self._work.set()

    async def _bring(self, socket: Socket, entries: Sequence[Entry]) -> None:
        brought = 0
        for entry in entries:
            if entry.seq == socket.last_seq + 1:
                await self._push(socket, entry, known=False)
                brought += 1
        WS_RESUME_GAP.labels(KIND).inc(brought)
        if socket.last_seq >= socket.head or not brought:
            self._lagging.discard(socket)

    async def beat(self) -> NoReturn:
        """The shared heartbeat: cuts off who has been silent."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            silent_since = time.monotonic() - SILENT_SECONDS
            for group in list(self._of.values()):
                for socket in group:
                    socket.frames = 0
                    if socket.heard_at < silent_since:
                        socket.cut()

    def evict(self, slugs: Collection[str]) -> None:
        """Ends the sockets of sites that are not among these any more; coming back they are told why."""
        for group in list(self._of.values()):
            for socket in group:
                if socket.site.slug not in slugs:
                    socket.cut()

    async def dismiss(self, retry_after: Iterable[float]) -> None:
        """Says goodbye to everybody, each with its own time to come back."""
        for group in list(self._of.values()):
            for socket, seconds in zip(list(group), retry_after):  # noqa: B905  # the times never end
                await socket.send(render.bye(seconds))
        everybody = [socket for group in self._of.values() for socket in group]
        for start in range(0, len(everybody), STRIDE):
            async with asyncio.TaskGroup() as group_of_tasks:
                for socket in everybody[start : start + STRIDE]:
                    group_of_tasks.create_task(_close(socket))


async def _close(socket: Socket) -> None:
    try:
        async with asyncio.timeout(1.0):
            await socket.transport.close(WSCloseCode.SERVICE_RESTART, b"restart")
    except (TimeoutError, ConnectionError, RuntimeError):
        socket.cut()
