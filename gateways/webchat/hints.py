"""Hints between replicas, on the exchange `live` under `mailbox.<account>`: there is more in these mailboxes.

    {"account": "main", "dialogs": [["ce7396b9-fe1f-5094-b362-53ca309fe53f", 7]]}

One for each commit and account, transient. A lost hint is made good by the sweep of recently changed dialogs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final, NoReturn
from uuid import uuid4

from pydantic_core import to_json
from sqlalchemy.ext.asyncio import AsyncEngine

from gateways.webchat import mailbox
from gateways.webchat.sockets import News, Sockets
from shared.bus.outgoing import Outgoing
from shared.bus.publisher import Publisher
from shared.contract.live import MailboxMoved
from shared.db.engine import reading
from shared.failure import Unavailable
from shared.log import get_logger
from shared.topology import LIVE, live_key

log = get_logger()

PATTERN: Final = "mailbox.*"
SWEEP_SECONDS: Final = 2.0
MARGIN_MICROS: Final = 8_000_000
"""How long before the last sweep a change may have begun that it did not see: longer than any transaction."""


class Hints:
    """Tells other replicas, and hears from them."""

    def __init__(self, publisher: Publisher, sockets: Sockets, engine: AsyncEngine) -> None:
        self._publisher = publisher
        self._sockets = sockets
        self._engine = engine
        self._since = 0

    def fresh(self, news: Sequence[News]) -> None:
        """Entries that were just committed here: pushed to our sockets, and told to the others."""
        self._sockets.fresh(news)
        heads: dict[str, dict[str, int]] = {}
        for account, entry, _origin in news:
            heads.setdefault(account, {})[str(entry.dialog_id)] = entry.seq
        for account, moved in heads.items():
            body = to_json({"account": account, "dialogs": list(moved.items())})
            key = live_key("mailbox", account)
            self._publisher.announce(
                Outgoing(LIVE, key, body, str(uuid4()), MailboxMoved.TYPE, persistent=False)
            )

    async def heard(self, body: bytes) -> None:
        """A hint of any replica, our own too."""
        self._sockets.moved(MailboxMoved.model_validate_json(body).dialogs)

    async def missed(self) -> None:
        """Hints may have been lost: look now."""
        try:
            await self._sweep()
        except Unavailable as error:
            log.warning("mailbox_unavailable", reason=str(error))

    async def sweep(self) -> NoReturn:
        """The safety net, until cancelled."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            await self.missed()

    async def _sweep(self) -> None:
        async with reading(self._engine) as conn:
            now = await mailbox.clock(conn)
            since = self._since or now
            moved = await mailbox.moved_since(conn, since) if self._sockets.count else []
        self._sockets.moved(moved)
        self._since = now - MARGIN_MICROS
