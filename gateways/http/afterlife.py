"""GET /<account>/dead, POST /<account>/dead/<id>/replay, POST /<account>/dead/replay."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from gateways.http import tries
from gateways.http.requests import AccountParams, DeadNotice, DeadOneParams, DeadPage, DeadParams, Replayed
from gateways.kit import dead, reports
from gateways.kit.dead import Dead
from gateways.kit.hearing import Hearing
from gateways.kit.spool import SpoolRow
from gateways.kit.transactions import Transactions
from shared.clock import Clock
from shared.db.engine import reading
from shared.http import problem
from shared.http.problem import Problem
from shared.http.route import Call

AGAIN_FOR: Final = timedelta(days=1)
MOST_AT_ONCE: Final = 1000


class Afterlife:
    """One for each process; the owner of the account sends what is queued again."""

    def __init__(self, transactions: Transactions, hearing: Hearing, clock: Clock) -> None:
        self._transactions = transactions
        self._hearing = hearing
        self._clock = clock

    async def dead(self, call: Call[DeadParams, None]) -> DeadPage:
        """Notices that your webhook refused, or did not take for a day. They are kept for 30 days."""
        params = call.params
        async with reading(self._transactions.engine) as conn:
            found = await dead.dead(conn, params.account, after=params.after, limit=params.limit + 1)
            known = await tries.found(conn, [one.entry.message_id for one in found])
        page = found[: params.limit]
        shown = [
            _shown(one, known[one.entry.message_id].failures if one.entry.message_id in known else 0)
            for one in page
        ]
        return DeadPage(dead=shown, next=page[-1].number if len(found) > len(page) else None)

    async def replay(self, call: Call[DeadOneParams, None]) -> Replayed:
        """Sends it again, before what waits in its chat. Your webhook drops it if it had it after all."""
        count = await self._revive(call.params.account, [call.params.id])
        if not count:
            raise Problem(problem.NOT_FOUND)
        return Replayed(count=count)

    async def replay_all(self, call: Call[AccountParams, None]) -> Replayed:
        """Sends the first 1000 again, in their order; ask again while it answers 1000."""
        return Replayed(count=await self._revive(call.params.account, None))

    async def _revive(self, account: str, ids: Collection[UUID] | None) -> int:
        now, revived = self._clock.now(), 0

        async def revive(conn: AsyncConnection) -> list[SpoolRow]:
            nonlocal revived
            found = await dead.dead(conn, account, limit=MOST_AT_ONCE, ids=ids)
            await tries.forget(conn, [one.entry.message_id for one in found])
            entries = await dead.revive(conn, found, now + AGAIN_FOR)
            revived = len(entries)
            return [row for entry in entries if (row := reports.replayed(entry, now)) is not None]

        await self._hearing.accept((), revive)
        return revived


def _shown(one: Dead, failures: int) -> DeadNotice:
    act = one.act
    return DeadNotice(
        id=one.entry.message_id,
        type=act.type.split(".")[1],
        chat=act.data.dialog.chat,
        code=one.code,
        words=one.words,
        failures=failures,
        taken_at=one.taken_at,
    )
