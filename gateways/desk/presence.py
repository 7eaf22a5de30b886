"""Presence (OP5): this desk tells the router which operators have its page open, for 25 s, every 10 s.

Who comes is told at once; who goes only after a while, because reloading a page is not going away.
"""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import Final
from uuid import UUID

from gateways.desk.sockets import Sockets
from shared import topology
from shared.bus.outgoing import Outgoing
from shared.bus.publisher import Publisher
from shared.clock import Clock, uuid7
from shared.contract.commands import RenewPresence
from shared.contract.envelope import wrap
from shared.contract.people import Actor
from shared.failure import Unavailable, Unroutable
from shared.log import get_logger

log = get_logger()

EVERY_SECONDS: Final = 10.0
HOLDS_SECONDS: Final = 25
GOING_SECONDS: Final = 5.0
SETTLE_SECONDS: Final = 0.2
SOURCE: Final = "desk"


class Presence:
    def __init__(self, publisher: Publisher, sockets: Sockets, clock: Clock, instance: str) -> None:
        self._publisher = publisher
        self._sockets = sockets
        self._clock = clock
        self._instance = instance
        self._left_at: dict[UUID, float] = {}
        self._present: frozenset[UUID] = frozenset()
        self._told: frozenset[UUID] | None = None

    async def run(self) -> None:
        while True:
            present = self._now_present()
            if present or present != self._told:
                await self._tell(present)
            await self._until_due()

    def _now_present(self) -> frozenset[UUID]:
        """Who has a connection, and who lost the last one a moment ago."""
        here, now = self._sockets.operators, time.monotonic()
        for operator_id in self._present - here:
            self._left_at.setdefault(operator_id, now)
        self._left_at = {
            operator_id: at
            for operator_id, at in self._left_at.items()
            if operator_id not in here and now - at < GOING_SECONDS
        }
        self._present = here | frozenset(self._left_at)
        return self._present

    async def _until_due(self) -> None:
        """Ten seconds, less when somebody comes or goes."""
        pause = EVERY_SECONDS if not self._left_at else GOING_SECONDS
        try:
            async with asyncio.timeout(pause):
                await self._sockets.changed.wait()
            await asyncio.sleep(SETTLE_SECONDS)
        except TimeoutError:
            return
        finally:
            self._sockets.changed.clear()

    async def _tell(self, present: frozenset[UUID]) -> None:
        now = self._clock.now()
        renewal = RenewPresence(
            actor=Actor(kind="service", id=SOURCE),
            deadline=now + timedelta(seconds=HOLDS_SECONDS),
            desk=self._instance,
            operators=tuple(sorted(present, key=str)),
            seconds=HOLDS_SECONDS,
        )
        envelope = wrap(renewal, id=uuid7(), source=SOURCE, time=now, subject=f"desk:{self._instance}")
        message = Outgoing(
            exchange=topology.COMMANDS,
            routing_key=topology.command_key(renewal.TYPE),
            body=envelope.encode(),
            message_id=str(envelope.id),
            type=envelope.type,
        )
        try:
            await self._publisher.publish(message)
            self._told = present
        except (Unavailable, Unroutable) as failure:
            log.warning("presence_not_told", reason=str(failure))
