"""What a provider says, pushed or fetched: settled against what we sent, then made safe.

Rows whose dialog has a send of ours on its way may be its echo or its receipt, and wait for its end
(gateways/kit/echoes.py). The other dialogs do not: their rows are safe at once, whatever the rest waits for,
and come again with the rest if that fails, which is harmless.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateways.kit.acceptance import Acceptance, Also, Wake
from gateways.kit.courier import Courier
from gateways.kit.echoes import Echoes
from gateways.kit.spool import SpoolRow
from gateways.kit.transactions import Transactions


class Hearing(Acceptance):
    """The accepted point of a channel whose provider tells us what we sent."""

    def __init__(self, transactions: Transactions, courier: Courier, wake: Wake | None = None) -> None:
        super().__init__(transactions, courier, wake)
        self._echoes = Echoes(transactions.engine)

    async def accept(self, rows: Sequence[SpoolRow], also: Also | None = None) -> None:
        """Returns when `rows` are safe, echoes left out, and `also` is done; raises `Unavailable`."""
        awaited = await self._echoes.awaited(rows)
        free = [row for row in rows if row.dialog_id not in awaited]
        settled = await self._echoes.settled_rows(free)
        if awaited:
            if settled:
                await super().accept(settled)
            settled = await self._echoes.settled_rows([row for row in rows if row.dialog_id in awaited])
        await super().accept(settled, also)

    async def accept_whole(self, rows: Sequence[SpoolRow], also: Also | None = None) -> None:
        """As `accept`, and all of it in one transaction: what may be an echo holds up the rest."""
        await super().accept(await self._echoes.settled_rows(rows), also)
