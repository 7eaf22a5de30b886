"""Turns what a gateway heard into rows of the spool: the only way by which a fact leaves a gateway."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from gateways.kit.spool import SpoolRow
from shared.bus.outgoing import Outgoing
from shared.clock import uuid7
from shared.contract.envelope import Data, wrap
from shared.contract.ids import fact_id
from shared.contract.inbound import (
    AccountDeclared,
    AccountHealth,
    DeliveryReported,
    DeliveryState,
    Fact,
    fact_word,
)
from shared.contract.people import DialogRef
from shared.topology import INBOUND, inbound_key


def heard(
    fact: Fact, *, identity: UUID, time: datetime, traceparent: str | None, reports: UUID | None = None
) -> SpoolRow:
    """A fact of a dialog; `identity` is its id by shared/contract/ids.py."""
    dialog = fact.dialog
    envelope = wrap(
        fact,
        id=identity,
        source=f"{dialog.channel}/{dialog.account}",
        time=time,
        subject=str(dialog.dialog_id),
        traceparent=traceparent,
    )
    key = inbound_key(fact_word(fact), dialog.channel, dialog.account)
    return SpoolRow(identity, dialog.dialog_id, dialog.account, key, fact.TYPE, envelope.encode(), reports)


def reported(
    dialog: DialogRef,
    message_id: UUID,
    *,
    state: DeliveryState,
    at: datetime,
    traceparent: str | None,
    external_ids: tuple[str, ...] = (),
    sequence: int | None = None,
    code: str | None = None,
    words: str | None = None,
) -> SpoolRow:
    """What became of a message of ours."""
    report = DeliveryReported.model_construct(
        dialog=dialog,
        provider={},
        message_id=message_id,
        external_id=external_ids[0] if external_ids else None,
        external_ids=external_ids if len(external_ids) > 1 else (),
        state=state,
        code=code,
        words=words,
        at=at,
        part=None,
        sequence=sequence,
    )
    identity = fact_id("delivery", str(message_id), state)
    return heard(report, identity=identity, time=at, traceparent=traceparent, reports=message_id)


def about_account(data: AccountDeclared | AccountHealth, *, at: datetime) -> Outgoing:
    """A fact about an account itself; it goes past the spool, because it is said again at each start."""
    return _outgoing(data, data.channel, data.account, at)


def _outgoing(data: Data, channel: str, account: str, at: datetime) -> Outgoing:
    identity = uuid7(at)
    envelope = wrap(
        data, id=identity, source=f"{channel}/{account}", time=at, subject=f"account:{channel}.{account}"
    )
    return Outgoing(
        INBOUND, inbound_key(fact_word(data), channel, account), envelope.encode(), str(identity), data.TYPE
    )
