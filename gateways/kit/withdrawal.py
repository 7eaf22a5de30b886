"""Taking a message back before it is sent: undo, or a scheduled one that nobody wants any more.

=====================  =============================================================
the message is         the withdrawal
=====================  =============================================================
queued                 the message is `failed`, code `withdrawn`; it is never sent
with the provider      waits for the end of that: it may have to be sent again
interrupted            the same: the provider may have it
sent, or ended         too late, and the router is told so
not known              (or of another dialog) nothing: nobody can say more
=====================  =============================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from gateways.kit import journal, ours, reports
from gateways.kit.journal import Outcome
from gateways.kit.spool import SpoolRow
from shared.log import get_logger

log = get_logger()


@dataclass(frozen=True, slots=True)
class Settled:
    """What was written, and what is to be told of it; `some_wait`: look again after the next end."""

    ended: list[Outcome]
    rows: list[SpoolRow]
    some_wait: bool


async def settle(conn: AsyncConnection, account: str, now: datetime) -> Settled:
    """Carries out the withdrawals of an account that can be."""
    waiting = await journal.withdrawals(conn, account)
    known = await ours.known(conn, [entry.message_id for entry in waiting])
    outcomes: list[Outcome] = []
    late: list[SpoolRow] = []
    for entry in waiting:
        message = known.get(entry.message_id)
        if message is not None and (message.state == "sending" or message.entry.interrupted):
            continue  # looked at again after the next end
        outcomes.append(Outcome(entry, "reported"))
        if message is None or message.entry.dialog_id != entry.dialog_id:
            log.warning("withdrawal_of_nothing", account=account, message_id=entry.message_id)
        elif message.state == "queued":
            words = reports.WITHDRAWN_WORDS
            outcomes.append(Outcome(message.entry, "failed", code="withdrawn", words=words))
        else:
            late.append(reports.too_late(entry, message, now))
    ended, rows = reports.told(outcomes, now)
    await journal.finish(conn, ended)
    return Settled(ended, rows + late, some_wait=sum(one.state == "reported" for one in ended) < len(waiting))
