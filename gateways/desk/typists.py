"""Who is writing (MS11): heard on `live`, shown to whoever sees the conversation, never kept.

Where a dialog is and whom it is visible to is asked of the store once and forgotten at its conversation's
next change, so a hint costs nothing while nothing changes. A hint that cannot be judged is not shown.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
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
from shared.contract.people import DialogRef
from shared.failure import Unavailable
from shared.http.problem import Problem
from shared.log import get_logger
from shared.topology import LIVE, live_key

log = get_logger()

KEPT: Final = 20_000
"""Dialogs that are remembered."""
ANY: Final = f"{live_key('typing', 'x').partition('.')[0]}.#"


@dataclass(frozen=True, slots=True)
class _Known:
    """A dialog as the store told of it."""

    dialog: DialogRef
    sight: Sight


class Typists:
    def __init__(self, publisher: Publisher, store: StoreClient, sockets: Sockets, tail: FeedTail) -> None:
        self._publisher = publisher
        self._store = store
        self._sockets = sockets
        self._tail = tail
        self._dialogs: OrderedDict[UUID, _Known] = OrderedDict()
        self._cursor = 0

    async def tell(self, who: SignedIn, dialog_id: UUID, *, on: bool) -> None:
        """An operator of ours writes, or has stopped."""
        dialog = (await self._known(dialog_id)).dialog
        name = who.known.operator.get("public_name") or None
        hint = Typing(dialog_id=dialog_id, dialog=dialog, by="operator", name=name, operator_id=who.id, on=on)
        key = live_key("typing", dialog_id.hex)
        body = hint.model_dump_json(exclude_none=True).encode()
        self._publisher.announce(Outgoing(LIVE, key, body, str(uuid4()), Typing.TYPE, persistent=False))

    async def run(self, broker: Broker) -> None:
        """Listens until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(Listener(broker, [(LIVE, ANY)], self.heard).run(), name="typing")
            group.create_task(self._forget_changed(), name="typing dialogs")

    async def heard(self, body: bytes) -> None:
        """A hint, ours or another's; whoever writes is not told of it."""
        if not self._sockets.operators:
            return
        try:
            hint = Typing.model_validate_json(body)
            sight = (await self._known(hint.dialog_id)).sight
        except (ValidationError, Unavailable, Problem):
            return
        frame = frames.typing(hint.dialog_id, by=hint.by, on=hint.on, name=hint.name)
        self._sockets.whisper(sight, frame, but=hint.operator_id)

    async def _known(self, dialog_id: UUID) -> _Known:
        known = self._dialogs.get(dialog_id)
        if known is not None:
            self._dialogs.move_to_end(dialog_id)
            return known
        told = from_json(await self._store.get(f"/v1/dialogs/{dialog_id}/sight", viewer=None))
        known = _Known(DialogRef.model_validate(told["dialog"]), Sight.model_validate(told["sight"]))
        if told["seq"] >= self._cursor:
            self._dialogs[dialog_id] = known
            if len(self._dialogs) > KEPT:
                self._dialogs.popitem(last=False)
        return known

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
            self._dialogs.clear()
            self._cursor = self._tail.head
        try:
            while rows := await self._tail.rows_after(self._cursor):
                for row in rows:
                    if row.row.entity == "conversation" and row.row.state is not None:
                        self._dialogs.pop(UUID(str(row.row.state.get("dialog_id"))), None)
                self._cursor = rows[-1].row.seq
        except (Expired, Unavailable, Problem):
            self._dialogs.clear()
            self._cursor = self._tail.head
