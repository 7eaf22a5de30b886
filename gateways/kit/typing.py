"""Who writes right now (MS11), on the exchange `live` under `typing.<dialog>`: transient, never stored.

the client, as the channel hears it ──▶ live ──▶ desks          an operator: gateways/kit/typists.py
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4

from shared.bus.outgoing import Outgoing
from shared.bus.publisher import Publisher
from shared.contract.live import Typing
from shared.topology import LIVE, live_key

AGAIN_SECONDS: Final = 2.0
"""A client who goes on writing is told of at most this often."""
REMEMBERED: Final = 20_000


@dataclass(frozen=True, slots=True)
class ClientTyping:
    """The client of this dialog writes, or has stopped."""

    dialog_id: UUID
    on: bool = True


class Repeats:
    """What of a dialog's typing is news: `off` at once, where it is one; `on` again after a while."""

    def __init__(self, again_seconds: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._again_seconds = again_seconds
        self._monotonic = monotonic
        self._told: OrderedDict[UUID, tuple[bool, float]] = OrderedDict()

    def news(self, dialog_id: UUID, *, on: bool) -> bool:
        """Whether to tell it now; if so, it counts as told."""
        now = self._monotonic()
        before, at = self._told.get(dialog_id, (None, -self._again_seconds))
        if (not on and before is False) or (on and now - at < self._again_seconds):
            return False
        self._told[dialog_id] = on, now if on else at
        self._told.move_to_end(dialog_id)
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)
        return True


class ClientsTyping:
    """Tells desks that clients write; in every replica, about what it heard itself."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._repeats = Repeats(AGAIN_SECONDS)

    def tell(self, heard: Iterable[ClientTyping]) -> None:
        for one in heard:
            if self._repeats.news(one.dialog_id, on=one.on):
                self._announce(one)

    def _announce(self, heard: ClientTyping) -> None:
        hint = Typing(dialog_id=heard.dialog_id, by="client", on=heard.on)
        key = live_key("typing", heard.dialog_id.hex)
        body = hint.model_dump_json(exclude_none=True).encode()
        self._publisher.announce(Outgoing(LIVE, key, body, str(uuid4()), Typing.TYPE, persistent=False))
