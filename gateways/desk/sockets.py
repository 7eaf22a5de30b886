"""All live connections of this replica: who has one, and the end of those whose session has ended."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncEngine

from gateways.desk import ending, frames, sessions
from gateways.desk.live import Live
from gateways.desk.sessions import Life
from gateways.desk.words import TOO_MANY_CONNECTIONS
from shared.clock import Clock
from shared.contract.feed import Sight
from shared.db.engine import reading
from shared.failure import Unavailable
from shared.http.problem import Problem
from shared.log import get_logger
from shared.metrics import WS_CONNECTIONS, WS_SLOW_CLOSED

log = get_logger()

MOST_PER_OPERATOR: Final = 50
LOOK_SECONDS: Final = 2.0
CLOSE_SECONDS: Final = 2.0
PING_SECONDS: Final = 15.0
LONGEST_FRAME: Final = 4096


def new_socket() -> web.WebSocketResponse:
    """A socket that pings its peer, takes small frames only and never waits long to be closed."""
    return web.WebSocketResponse(
        heartbeat=PING_SECONDS, max_msg_size=LONGEST_FRAME, compress=False, timeout=CLOSE_SECONDS
    )


class Sockets:
    def __init__(self) -> None:
        self.changed = asyncio.Event()
        """Set when an operator's first connection came or the last one went."""
        self._open: dict[Live, None] = {}
        self._empty = asyncio.Event()
        self._empty.set()
        self._stopping = False

    @property
    def operators(self) -> frozenset[UUID]:
        """Who has a connection here."""
        return frozenset(live.operator_id for live in self._open)

    def admit(self, operator_id: UUID) -> None:
        """Raises a problem for one connection too many."""
        if self._stopping:
            raise Unavailable("this replica stops")
        if sum(live.operator_id == operator_id for live in self._open) >= MOST_PER_OPERATOR:
            raise Problem(TOO_MANY_CONNECTIONS)

    async def serve(self, live: Live, socket: web.WebSocketResponse, request: web.Request) -> None:
        """Runs an admitted connection to its end."""
        self._open[live] = None
        self._empty.clear()
        self.changed.set()
        WS_CONNECTIONS.labels("desk").inc()
        why: ending.Ending | None = None
        try:
            await live.run()
        except* ending.Ending as ended:
            why = _first(ended)
        except* ConnectionError:
            pass
        finally:
            WS_CONNECTIONS.labels("desk").dec()
            del self._open[live]
            self.changed.set()
            if not self._open:
                self._empty.set()
        if why is not None:
            log.info("live_connection_ended", reason=why.reason, operator_id=live.operator_id)
            await _say_goodbye(socket, request, why)

    def whisper(self, sight: Sight, frame: str, *, but: UUID | None) -> None:
        """Offers a frame to those who may see this; `but`: to all but this operator."""
        for live in self._open:
            if live.operator_id != but:
                live.whisper(sight, frame)

    def end_sessions(self, session_ids: Iterable[UUID]) -> None:
        """Ends the connections of these sessions now."""
        gone = set(session_ids)
        for live in list(self._open):
            if live.session_id in gone:
                live.end(ending.no_session())

    async def watch(self, engine: AsyncEngine, life: Life, clock: Clock) -> None:
        """Every two seconds: whose session was ended, here or anywhere, loses its connections."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            held = {live.session_id for live in self._open}
            if not held:
                continue
            try:
                async with reading(engine) as conn:
                    self.end_sessions(held - await sessions.alive(conn, held, life, clock.now()))
            except Unavailable as outage:
                log.warning("sessions_unreadable", reason=str(outage))

    async def close_all(self) -> None:
        """The process stops: everybody may come back to another replica, not all in the same second."""
        self._stopping = True
        for live in list(self._open):
            live.end(ending.stopping(round(random.uniform(0.5, 3), 2)))  # noqa: S311  # spreads them, no secret
        await self._empty.wait()


def _first(group: BaseExceptionGroup[ending.Ending]) -> ending.Ending:
    found = group.exceptions[0]
    return _first(found) if isinstance(found, BaseExceptionGroup) else found


async def _say_goodbye(socket: web.WebSocketResponse, request: web.Request, why: ending.Ending) -> None:
    """Tells the page and closes; a page that takes nothing any more is cut off."""
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            if why.reason == "slow":
                WS_SLOW_CLOSED.labels("desk").inc()
            else:
                await socket.send_str(frames.bye(why.reason, why.retry_after))
            await socket.close(code=why.code, message=why.reason.encode())
    except (TimeoutError, ConnectionError):
        if request.transport is not None:
            request.transport.abort()
