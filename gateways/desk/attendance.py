"""Who signed in and who signed out by hand, told to the router (OP3), which may set a status by it.

Whoever is still signed in elsewhere has not left. Nobody waits for the router: an operator signs in and out
without it, and without the broker.
"""

from __future__ import annotations

from typing import Final

from gateways.desk.viewers import Known
from shared import topology
from shared.bus.outgoing import Outgoing
from shared.bus.publisher import Publisher
from shared.clock import Clock, uuid7
from shared.contract.commands import PATIENCE, SignInOperator, SignOutOperator
from shared.contract.envelope import wrap
from shared.contract.people import Actor
from shared.failure import Unavailable, Unroutable
from shared.log import get_logger

log = get_logger()

SOURCE: Final = "desk"
CONFIRM_SECONDS: Final = 1.0


class Attendance:
    def __init__(self, publisher: Publisher, clock: Clock) -> None:
        self._publisher = publisher
        self._clock = clock

    async def came(self, who: Known, traceparent: str) -> None:
        await self._tell(SignInOperator, who, traceparent)

    async def left(self, who: Known, traceparent: str) -> None:
        await self._tell(SignOutOperator, who, traceparent)

    async def _tell(
        self, command: type[SignInOperator | SignOutOperator], who: Known, traceparent: str
    ) -> None:
        now, operator_id = self._clock.now(), who.viewer.operator_id
        actor = Actor(kind="operator", id=str(operator_id), name=str(who.operator.get("name", "")))
        told = command(actor=actor, deadline=now + PATIENCE, operator_id=operator_id)
        envelope = wrap(
            told, id=uuid7(), source=SOURCE, time=now, subject=f"operator:{operator_id}",
            traceparent=traceparent,
        )  # fmt: skip
        message = Outgoing(
            exchange=topology.COMMANDS,
            routing_key=topology.command_key(told.TYPE),
            body=envelope.encode(),
            message_id=str(envelope.id),
            type=envelope.type,
        )
        try:
            await self._publisher.publish(message, timeout=CONFIRM_SECONDS)
        except (Unavailable, Unroutable) as failure:
            log.warning("attendance_not_told", type=told.TYPE, operator_id=operator_id, reason=str(failure))
