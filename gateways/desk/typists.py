"""Who is writing (MS11): heard on `live`, shown to whoever sees the conversation, never kept.

Whom a dialog is visible to is asked of the store once and forgotten at its conversation's next change, so a
hint costs nothing while nothing changes. A hint that cannot be judged is not shown.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Final
from uuid import UUID, uuid4

from pydantic import ValidationError
from pydantic_core import from_json

from gateways.desk import frames
from gateways.desk.admission import SignedIn
from gateways.desk.sockets import Sockets
from gateways.desk.store_client import StoreClient
from gateways.desk.tail import Expired, FeedTail
from shared.bus.connection import Broker
from shared.bus.listener import Listener
from shared.bus.outgoing import Outgoing
from shared.bus.publisher import Publisher
from shared.contract.feed import Sight
from shared.contract.live import Typing
from shared.failure import Unavailable
from shared.http.problem import Problem
from shared.log import get_logger
from shared.topology import LIVE, live_key

log = get_logger()

KEPT: Final = 20_000
"""Dialogs whose sight is remembered."""
ANY: Final = f"{live_key('typing', 'x').partition('.')[0]}.#"


class Typists:
    def __init__(self, publisher: Publisher, store: StoreClient, sockets: Sockets, tail: FeedTail) -> None:
        self._publisher = publisher
        self._store = store
        self._sockets = sockets
        self._tail = tail
        self._sights: OrderedDict[UUID, Sight] = OrderedDict()
        self._cursor = 0

    def tell(self, who: SignedIn, dialog_id: UUID, *, on: bool) -> None:
        """An operator of ours writes, or has stopped."""
        name = who.known.operator.get("public_name") or None
        hint = Typing(dialog_id=dialog_id, by="operator", name=name, operator_id=who.id, on=on)
        key = live_key("typing", dialog_id.hex)
        body = hint.model_dump_json(exclude_none=True).encode()
        self._publisher.announce(Outgoing(LIVE, key, body, str(uuid4()), Typing.TYPE, persistent=False))

    async def run(self, broker: Broker) -> None:
        """Listens until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(Listener(broker, [(LIVE, ANY)], self.heard).run(), name="typing")
            group.create_task(self._forget_changed(), name="typing sights")

    async def heard(self, body: bytes) -> None:
        """A hint, ours or another's; whoever writes is not told of it."""
        if not self._sockets.operators:
            return
        try:
            hint = Typing.model_validate_json(body)
            sight = await self._sight(hint.dialog_id)
        except (ValidationError, Unavailable, Problem):
            return
        frame = frames.typing(hint.dialog_id, by=hint.by, on=hint.on, name=hint.name)
        self._sockets.whisper(sight, frame, but=hint.operator_id)

    async def _sight(self, dialog_id: UUID) -> Sight:
        known = self._sights.get(dialog_id)
        if known is not None:
            self._sights.move_to_end(dialog_id)
            return known
        told = from_json(await self._store.get(f"/v1/dialogs/{dialog_id}/sight", viewer=None))
        sight = Sight.model_validate(told["sight"])
        if told["seq"] >= self._cursor:
            self._sights[dialog_id] = sight
            if len(self._sights) > KEPT:
                self._sights.popitem(last=False)
        return sight

    async def _forget_changed(self) -> None:
        """Follows the feed: what a conversation's change makes doubtful is asked anew."""
        stirred = asyncio.Event()
        self._tail.stir(stirred)
        try:
            while True:
                await stirred.wait()
                stirred.clear()
                await self._catch_up()
        finally:
            self._tail.unstir(stirred)

    async def _catch_up(self) -> None:
        if self._cursor > self._tail.head or self._cursor < self._tail.floor:
            self._sights.clear()
            self._cursor = self._tail.head
        try:
            while rows := await self._tail.rows_after(self._cursor):
                for row in rows:
                    if row.row.entity == "conversation" and row.row.state is not None:
                        self._sights.pop(UUID(str(row.row.state.get("dialog_id"))), None)
                self._cursor = rows[-1].row.seq
        except (Expired, Unavailable, Problem):
            self._sights.clear()
            self._cursor = self._tail.head
