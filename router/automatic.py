"""What happens without anybody asking: the distribution, and timers that are due."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from router import repository
from router.batch import Batch
from router.inputs import Distributed, OfferOver, Silent
from router.messages import SOURCE
from router.registry import Account
from shared.contract.envelope import wrap
from shared.contract.ids import fact_id

DUE_AT_ONCE: Final = 200
"""Timers of a kind that one tick carries out; the next tick takes the rest."""


async def distribute(conn: AsyncConnection, batch: Batch, cause: str) -> None:
    """BY5: as long as one waits that somebody may have, it is given; `cause` names what made that so."""
    while (pair := batch.floor.next_pair()) is not None:
        if pair.dialog_id not in batch.dialogs:
            batch.dialogs |= await repository.dialogs_by_id(conn, [pair.dialog_id])
        before = batch.dialogs[pair.dialog_id]
        said = Distributed.model_construct(
            dialog_id=pair.dialog_id, operator_id=pair.operator_id, considered=pair.considered
        )
        _tell(batch, said, fact_id("distribution", str(pair.dialog_id), cause))
        if batch.dialogs[pair.dialog_id] is before:
            raise RuntimeError(f"dialog {pair.dialog_id} waits for {pair.operator_id} and was not given")


async def timers(conn: AsyncConnection, batch: Batch) -> None:
    """What is due, the oldest first: offers whose time is over, conversations in which all are silent."""
    for dialog in await repository.offers_over(conn, batch.now, DUE_AT_ONCE):
        known = batch.dialogs.setdefault(dialog.dialog_id, dialog).conversation
        if known is not None and known.offer is not None:
            over = OfferOver(dialog_id=dialog.dialog_id, offer_id=known.offer.offer_id)
            _tell(batch, over, fact_id("offer_over", str(dialog.dialog_id), str(known.offer.offer_id)))
    for account in batch.registry.accounts.values():
        if minutes := account.routing.close_after_minutes:
            await _silent(conn, batch, account, batch.now - timedelta(minutes=minutes))


async def _silent(conn: AsyncConnection, batch: Batch, account: Account, since: datetime) -> None:
    found = await repository.silent(conn, account.channel, account.account, since, DUE_AT_ONCE)
    for dialog in found:
        version = str(batch.dialogs.setdefault(dialog.dialog_id, dialog).version)
        said = Silent(dialog_id=dialog.dialog_id, since=since)
        _tell(batch, said, fact_id("silence", str(dialog.dialog_id), version))


def _tell(batch: Batch, data: Distributed | OfferOver | Silent, id_: UUID) -> None:
    """An input of the router's own."""
    envelope = wrap(data, id=id_, source=SOURCE, time=batch.now, subject=str(data.dialog_id))
    batch.conversation(envelope, data.dialog_id)
