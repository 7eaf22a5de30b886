"""The accepted point of whatever is heard: facts in the spool, committed, then with the courier.

A provider is answered, and a cursor moves, only after `accept` returned. `Unavailable` means: nobody knows,
the provider must say it again, which is harmless because a fact has one id for ever. The files that facts
name and that are still at the provider are jobs of the same transaction. Where facts depend on what the
channel's own tables hold, `also` makes them, in that transaction too.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection

from gateways.kit import media, spool
from gateways.kit.courier import Courier
from gateways.kit.media import Job
from gateways.kit.spool import SpoolRow
from gateways.kit.transactions import Transactions
from shared.faultpoint import reach

Also: TypeAlias = Callable[[AsyncConnection], Awaitable[Sequence[SpoolRow] | None]]
"""What else is done in the transaction; the facts that it returns follow the others."""
Wake: TypeAlias = Callable[[str], None]
"""Told the account for which files are to be fetched."""


class Acceptance:
    """One for each process."""

    def __init__(self, transactions: Transactions, courier: Courier, wake: Wake | None = None) -> None:
        self.transactions = transactions
        self._courier = courier
        self._wake = wake

    @property
    def held(self) -> int:
        """Facts that are accepted and not with the broker yet, as far as this process knows."""
        return self._courier.held

    async def accept(self, rows: Sequence[SpoolRow], also: Also | None = None) -> None:
        """Returns when `rows` are safe, and what `also` did in the same transaction; raises `Unavailable`."""
        if not rows and also is None:
            return
        dialogs = {row.dialog_id for row in rows}
        try:
            async with self.transactions.writing() as conn:
                made = await also(conn) if also is not None else None
                if made:
                    rows = [*rows, *made]
                    dialogs |= {row.dialog_id for row in made}
                jobs = _jobs(rows)
                before = await spool.waiting(conn, dialogs) if dialogs else {}
                await spool.add(conn, rows)
                await media.add(conn, jobs)
        except BaseException:  # a commit that was cut short may have happened
            self._courier.doubt(dialogs)
            raise
        reach("after_accept_commit")
        self._courier.admit(rows, before)
        if self._wake is not None:
            for account in {job.account for job in jobs}:
                self._wake(account)


def _jobs(rows: Sequence[SpoolRow]) -> list[Job]:
    """The files that these facts name and that are still at the provider."""
    return [
        Job(wanted, row.dialog_id, row.account, row.traceparent, 0, 0) for row in rows for wanted in row.files
    ]
