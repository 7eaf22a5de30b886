"""An operator who is switched off loses every session at once, wherever the page is open."""

from __future__ import annotations

import asyncio
from uuid import UUID

from gateways.desk import sessions
from gateways.desk.api.desk import Desk
from gateways.desk.tail import Expired
from shared.db.engine import writing
from shared.failure import Unavailable
from shared.http.problem import Problem
from shared.log import get_logger

log = get_logger()


async def revoke_switched_off(desk: Desk) -> None:
    """Follows the feed; live connections then end as those of any other ended session (sockets.py).

    What was missed while this desk was down is caught at the next request (admission.py).
    """
    tail, stirred = desk.tail, asyncio.Event()
    tail.stir(stirred)
    await tail.started.wait()
    cursor = tail.head
    while True:
        stirred.clear()
        try:
            rows = await tail.rows_after(min(cursor, tail.head))
            for row in rows:
                cursor = row.row.seq
                if row.row.entity == "operator" and (row.row.state or {}).get("disabled"):
                    await _revoke(desk, UUID(row.row.id))
        except Expired:
            cursor = tail.head
            continue
        except (Unavailable, Problem) as error:
            log.warning("revocation_put_off", reason=str(error))
            await asyncio.sleep(1)
            continue
        if not rows:
            await stirred.wait()


async def _revoke(desk: Desk, operator_id: UUID) -> None:
    async with writing(desk.engine) as conn:
        ended = await sessions.revoke_of(conn, operator_id)
    if ended:
        log.info("sessions_revoked", operator_id=operator_id, count=ended)
