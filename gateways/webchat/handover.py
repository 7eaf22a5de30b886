"""Which of a visitor's messages are with the company: the broker has them, the spool no more.

    {"t": "got", "up_to": 7}     the messages of the visitor up to this number are delivered

It is told to the tabs that are open here, and to everybody with the next welcome: what is not in the spool
any more has been handed over. Losing such a frame loses nothing.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import Final, NoReturn
from uuid import UUID

from gateways.kit.spool import SpoolRow
from gateways.webchat import render
from gateways.webchat.entries import Entry
from gateways.webchat.sockets import News, Sockets

REMEMBERED: Final = 20_000
"""Messages on their way whose numbers are known here. The oldest go first: another replica may have handed
them over, and what is not told now is told with the next welcome."""


class Handover:
    """`committed` and then `done` from anywhere; `run` in the service's task group."""

    def __init__(self, sockets: Sockets) -> None:
        self._sockets = sockets
        self._places: dict[UUID, Entry] = {}
        self._arrived: deque[Entry] = deque()
        self._work = asyncio.Event()

    def committed(self, news: Iterable[News]) -> None:
        """Messages that were just accepted and are on their way."""
        for _, entry, _ in news:
            if entry.kind == "msg" and entry.author == "client":
                self._places[entry.message_id] = entry
        while len(self._places) > REMEMBERED:
            del self._places[next(iter(self._places))]

    def done(self, row: SpoolRow) -> None:
        """A fact that the broker has, and the spool has no more."""
        entry = self._places.pop(row.fact_id, None)
        if entry is not None:
            self._arrived.append(entry)
            self._work.set()

    async def run(self) -> NoReturn:
        """Tells until cancelled."""
        while True:
            await self._work.wait()
            self._work.clear()
            while self._arrived:
                entry = self._arrived.popleft()
                await self._sockets.tell(entry.dialog_id, render.got(entry.seq))
