"""Files that a visitor uploaded and never sent: after a day their rows go, then their bytes."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final, NoReturn

from gateways.kit.transactions import Transactions
from gateways.webchat import files
from shared.clock import Clock
from shared.db.types import to_micros
from shared.failure import Unavailable
from shared.files.blobs import Blobs
from shared.files.preview import preview_name
from shared.log import get_logger

log = get_logger()

KEPT: Final = timedelta(days=1)
EVERY_SECONDS: Final = 600.0
AT_ONCE: Final = 100


class Leftovers:
    """`run` in the service's task group; any replica does it for all."""

    def __init__(self, blobs: Blobs, transactions: Transactions, clock: Clock) -> None:
        self._blobs = blobs
        self._transactions = transactions
        self._clock = clock

    async def run(self) -> NoReturn:
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            try:
                while await self.sweep() == AT_ONCE:
                    pass
            except Unavailable as error:
                log.warning("leftovers_wait", reason=str(error))

    async def sweep(self) -> int:
        """How many went; raises `Unavailable`."""
        before = to_micros(self._clock.now() - KEPT)
        async with self._transactions.writing() as conn:
            dropped = await files.drop_left_over(conn, before, AT_ONCE)
        for file in dropped:
            await self._blobs.delete(preview_name(str(file)))
            await self._blobs.delete(str(file))
        if dropped:
            log.info("leftovers_deleted", files=len(dropped))
        return len(dropped)
