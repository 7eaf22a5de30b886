"""What a session knows of the visitor behind its socket, and what all sessions of the process share."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import Final

from gateways.kit.spool import SpoolRow
from gateways.webchat.facts import Visitor
from gateways.webchat.location import Locations
from gateways.webchat.rate import Rate
from gateways.webchat.receipts import Reached
from gateways.webchat.reception import Reception
from gateways.webchat.resumption import Resumption
from gateways.webchat.site import Sites
from gateways.webchat.sockets import BEAT_SECONDS, Socket, Sockets
from gateways.webchat.writing import Writing
from shared.clock import Clock
from shared.contract.people import Visit
from shared.failure import Unavailable
from shared.log import get_logger

log = get_logger()

ANSWER_SECONDS: Final = 12.0
FLOOD: Final = 400
"""More frames between two beats of the heartbeat, beside four for each message allowed, are a flood."""


@dataclass(frozen=True, slots=True)
class Chat:
    """What all sessions of the process share. `remarks`: how fast a visitor may tell what is no message."""

    sites: Sites
    sockets: Sockets
    reception: Reception
    resumption: Resumption
    writing: Writing
    rate: Rate
    remarks: Rate
    locations: Locations
    clock: Clock

    @property
    def flood(self) -> int:
        return FLOOD + int(4 * self.rate.messages * BEAT_SECONDS / self.rate.seconds)


@dataclass(frozen=True, slots=True)
class Caller:
    """What the connection itself tells of who is behind it."""

    origin: str
    address: str = ""
    user_agent: str | None = None


@dataclass(slots=True)
class Guest:
    """A visitor who was let in. `visit` goes with the next message; `talked`: there is a dialog already."""

    chat: Chat
    socket: Socket
    visitor: Visitor
    visit: Visit | None
    talked: bool
    wrote_at: float = field(default=float("-inf"))
    writes: bool = False
    reached: dict[str, int] = field(default_factory=lambda: {"delivered": 0, "read": 0})
    """How far the visitor is known to be with what is ours, by the state of the receipt."""

    def may_remark(self) -> bool:
        return not self.chat.remarks.take(self.socket.visitor, time.monotonic())

    async def tell(self, row: SpoolRow, reached: Reached | None = None) -> bool:
        """Whether a fact that is no message is safe; one that is not will be said again or is no loss."""
        try:
            await self.chat.reception.note(row, reached)
        except Unavailable as error:
            log.warning("remark_lost", account=row.account, type=row.type, reason=str(error))
            return False
        return True


def pause() -> float:
    """Seconds until it makes sense to try again; spread, so that not everybody comes at once."""
    return random.uniform(1.0, 3.0)  # noqa: S311  # spreads visitors, no secret
