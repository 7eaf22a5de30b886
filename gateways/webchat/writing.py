"""Who writes right now (MS11), on the exchange `live` under `typing.<dialog>`: transient, both ways.

visitor's `typing` ──▶ live ──▶ desks          operator's, from a desk ──▶ live ──▶ the visitor's sockets
"""

from __future__ import annotations

from typing import Final
from uuid import UUID, uuid4

from gateways.webchat import render
from gateways.webchat.sockets import Sockets
from shared.bus.outgoing import Outgoing
from shared.bus.publisher import Publisher
from shared.contract.live import Typing
from shared.topology import LIVE, live_key

PATTERN: Final = "typing.*"
AGAIN_SECONDS: Final = 2.0
"""A visitor who goes on writing is told of at most this often; a frame in between is dropped."""


class Writing:
    """Tells others that a visitor writes, and visitors that an operator does."""

    def __init__(self, publisher: Publisher, sockets: Sockets) -> None:
        self._publisher = publisher
        self._sockets = sockets

    def tell(self, dialog_id: UUID, *, on: bool) -> None:
        """The visitor of this dialog writes, or stopped."""
        body = Typing(dialog_id=dialog_id, by="client", on=on).model_dump_json(exclude_none=True).encode()
        key = live_key("typing", dialog_id.hex)
        self._publisher.announce(Outgoing(LIVE, key, body, str(uuid4()), Typing.TYPE, persistent=False))

    async def heard(self, body: bytes) -> None:
        """A hint of any desk or gateway, our own too."""
        typing = Typing.model_validate_json(body)
        if typing.by == "operator":
            await self._sockets.tell(typing.dialog_id, render.typing(typing.name, on=typing.on))
